import type { EnvironmentConfig } from "../config/schema";
import { machineNamed, type Placement, type Platform, type PlatformMachine } from "../config/platformOutput";
import { UserError } from "../core/errors";
import { targetAt } from "../targets";
import type { DataVolume } from "../targets/target";
import { requireSamePlace } from "../targets/volumes";

/** Set to an environment's stack by the command that moves its files: they go where the platform has them. */
export const moveFilesVariable = "ODOO_STACKS_MOVE_FILES";

/** Where the parts of an environment are. Data that is somewhere stays there until a command moves it. */
export interface Where {
  /** The machine with its PostgreSQL. */
  readonly database: PlatformMachine;
  /** The machines with its web containers; scheduled jobs and the operator are on the first, unless files are shared. */
  readonly web: readonly [PlatformMachine, ...PlatformMachine[]];
  /** The folder that the web machines have in common; undefined where the files are in a volume of the first. */
  readonly sharedPath?: string;
  /** Names of the volumes with the cluster and with the files. */
  readonly volumes: { readonly database: string; readonly filestore: string };
  /** Machines with copies that were left behind when data was moved. */
  readonly former: { readonly database: readonly PlatformMachine[]; readonly filestore: readonly PlatformMachine[] };
  /** What commands have to move so that all is where the platform has it, for people. */
  readonly due: readonly string[];
}

/** What is known of a volume and of where it is. */
interface Found extends DataVolume {
  readonly machine: PlatformMachine;
}

/**
 * Finds out where the parts of an environment are, and where those are to be made that are not there yet.
 * @throws UserError when the configuration would leave data behind.
 */
export async function whereIs(stack: string, config: EnvironmentConfig, platform: Platform): Promise<Where> {
  const found = await volumesOf(stack, platform);
  const place = await targetAt(platform.docker.host).place(stack);
  const wanted = withoutDrained(platform.placement[config.stage], place.drained);
  const machine = (name: string) => machineNamed(platform, name);
  const path = config.filestore.path;
  const moves = process.env[moveFilesVariable] === stack;
  const stays = place.files !== undefined && !moves;
  if (stays && place.shared && path === undefined) throw noPath(stack);

  const shared = stays ? place.shared : path !== undefined;
  const [first = "", ...more] = stays && !place.shared ? [place.files ?? ""] : wanted.web;
  const web = [machine(first), ...more.map(machine)] as const;
  const database = machine(place.database ?? wanted.database);
  const volumes = {
    database: config.database.volume ?? `${stack}-postgres-data`,
    filestore: shared ? `${stack}-filestore-shared` : (config.filestore.volume ?? `${stack}-filestore`),
  };
  const names = { "postgres-data": volumes.database, filestore: volumes.filestore };
  const apart = shared || place.shared || moves;
  const checked = apart ? found.filter(({ role }) => role !== "filestore") : found;
  requireSamePlace(stack, { volumes: names, database: config.database.name }, checked);

  const old = (role: string, current: readonly PlatformMachine[], name: string) =>
    found
      .filter((volume) => volume.role === role && !(volume.name === name && current.includes(volume.machine)))
      .map((volume) => volume.machine);
  const former = {
    database: old("postgres-data", [database], volumes.database),
    filestore: old("filestore", web, volumes.filestore),
  };
  return { database, web, sharedPath: shared ? path : undefined, volumes, former, due: due() };

  function due(): string[] {
    const lines: string[] = [];
    if (database.name !== machine(wanted.database).name) {
      lines.push(
        `The database is on ${database.name}, and belongs on ${wanted.database}: npx odoo-stacks move-database ${stack}`,
      );
    }
    const belongs = wanted.web.map((name) => machine(name).name).join(", ");
    const is = web.map(({ name }) => name).join(", ");
    if (is !== belongs || shared !== (path !== undefined)) {
      const to = path === undefined ? belongs : `${path}, shared by ${belongs}`;
      lines.push(`The files are on ${is}, and belong on ${to}: npx odoo-stacks move-filestore ${stack}`);
    }
    return lines;
  }
}

/** Machines that are taken out answer no requests, as long as others do. */
function withoutDrained(placement: Placement, drained: readonly string[]): Placement {
  const web = placement.web.filter((name) => !drained.includes(name));
  return web.length > 0 ? { ...placement, web } : placement;
}

/** The volumes with data of an environment, on all machines. */
async function volumesOf(stack: string, { machines }: Platform): Promise<readonly Found[]> {
  const all = machines.map(async (machine) => {
    const volumes = await targetAt(machine.dockerHost).dataVolumes(stack);
    return volumes.map((volume) => ({ ...volume, machine }));
  });
  return (await Promise.all(all)).flat();
}

const noPath = (stack: string): UserError =>
  new UserError(`The configuration would leave data of ${stack} behind.`, [
    {
      path: "filestore.path",
      expected: "the folder that holds its files",
      found: "nothing",
      hint: `Put it back. To have the files in a volume again: npx odoo-stacks move-filestore ${stack}`,
    },
  ]);
