import type { EnvironmentConfig } from "../config/schema";
import type { Placement, Platform, PlatformMachine } from "../config/platformOutput";
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
  /** Machines with copies that were left behind when data was moved, and with the shared folder while they do nothing with it. */
  readonly former: Readonly<Record<"database" | "filestore" | "shared", readonly PlatformMachine[]>>;
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
  const machine = (name: string) => knownMachine(name, stack, platform);
  const path = config.filestore.path;
  const moves = process.env[moveFilesVariable] === stack;
  const ownVolume = config.filestore.volume ?? `${stack}-filestore`;
  const sharedVolume = `${stack}-filestore-shared`;
  const databaseVolume = config.database.volume ?? `${stack}-postgres-data`;

  /** The machines with a volume. */
  const having = (name: string) => found.filter((volume) => volume.name === name).map((volume) => volume.machine);
  // Nothing marks what an earlier version has made, nor a machine that Swarm has come to know anew.
  const unmarked = (name: string, wished = "") => {
    const there = having(name).map((known) => known.name);
    return there.includes(wished) ? wished : there[0];
  };
  const inFolder = place.files === undefined ? having(sharedVolume).length > 0 : place.shared;
  const files = place.files ?? (inFolder ? wanted.web[0] : unmarked(ownVolume, wanted.web[0]));
  const stays = files !== undefined && !moves;
  if (stays && inFolder && path === undefined) throw noPath(stack);

  const shared = stays ? inFolder : path !== undefined;
  const [first = "", ...more] = stays && !inFolder ? [files] : wanted.web;
  const web = [machine(first), ...more.map(machine)] as const;
  const database = machine(place.database ?? unmarked(databaseVolume, wanted.database) ?? wanted.database);
  const volumes = { database: databaseVolume, filestore: shared ? sharedVolume : ownVolume };
  const names = { "postgres-data": volumes.database, filestore: volumes.filestore };
  const apart = shared || inFolder || moves;
  const checked = apart ? found.filter(({ role }) => role !== "filestore") : found;
  requireSamePlace(stack, { volumes: names, database: config.database.name }, checked);

  const former = {
    database: having(databaseVolume).filter((one) => one !== database),
    filestore: having(ownVolume).filter((one) => shared || !web.includes(one)),
    shared: having(sharedVolume).filter((one) => !shared || !web.includes(one)),
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

/** A machine of the platform. Another one in its place would have none of the data. */
function knownMachine(name: string, stack: string, { machines }: Platform): PlatformMachine {
  const found = machines.find((machine) => machine.name === name);
  if (found) return found;
  throw new UserError(`A part of ${stack} is on a machine that its platform does not have.`, [
    {
      path: "machines, in the platform's stack",
      expected: `the machine ${name}`,
      found: machines.map((machine) => machine.name).join(", "),
      hint: "Put it back, and bring the platform up.",
    },
  ]);
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
