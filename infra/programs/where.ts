import type { EnvironmentConfig } from "../config/schema";
import { knownMachine, type Platform, type PlatformMachine } from "../config/platformOutput";
import { UserError } from "../core/errors";
import {
  type FilesVolumes,
  filesVolumes,
  type FilesWanted,
  moveFilesVariable,
  operatorFirst,
  volumeAt,
  withoutDrained,
} from "../swarm/files";
import { targetAt } from "../targets";
import type { DataVolume } from "../targets/target";
import { requireSamePlace } from "../targets/volumes";

/** A machine with a volume of files that are not used now. */
export interface FormerVolume extends PlatformMachine {
  readonly volume: string;
  /** The folder that it is; undefined for one of Docker's own. */
  readonly path?: string;
}

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
  /** Where a release has to see to it that the files are; undefined where one machine has everything. */
  readonly files?: FilesWanted;
  /** Machines with copies that were left behind when data was moved, and with the shared folder while they do nothing with it. */
  readonly former: {
    readonly database: readonly PlatformMachine[];
    readonly filestore: readonly FormerVolume[];
    readonly shared: readonly FormerVolume[];
  };
  /** Machines with records of releases that were left behind. */
  readonly formerReleases: readonly PlatformMachine[];
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
  const wanted = platform.placement[config.stage];
  const wantedWeb = withoutDrained(wanted.web, place.drained);
  const machine = (name: string) => knownMachine(name, stack, platform);
  const path = config.filestore.path;
  const names = filesVolumes(stack, config.filestore.volume);
  const databaseVolume = config.database.volume ?? `${stack}-postgres-data`;

  /** The machines with a volume. */
  const having = (name: string) => found.filter((volume) => volume.name === name).map((volume) => volume.machine);
  // Nothing marks what an earlier version has made, nor a machine that Swarm has come to know anew.
  const unmarked = (name: string, wished = "") => {
    const there = having(name).map((known) => known.name);
    return there.includes(wished) ? wished : there[0];
  };
  const inFolder = place.files === undefined ? having(names.shared).length > 0 : place.shared;
  // What several machines have in common says nothing of where the operator and its records are.
  const marked = place.files ?? unmarked(inFolder ? `${stack}-releases` : names.own, wantedWeb[0]);
  const files = marked ?? (inFolder ? wantedWeb[0] : undefined);
  const stays = files !== undefined && process.env[moveFilesVariable] !== stack;
  if (stays && inFolder && path === undefined) throw noPath(stack);

  const shared = stays ? inFolder : path !== undefined;
  const belongs = operatorFirst(wantedWeb, files);
  const known = platform.machines.some(({ name }) => name === files);
  const [first = "", ...more] = stays ? whileTheyStay(files, shared, known, belongs) : belongs;
  const web = [machine(first), ...more.map(machine)] as const;
  const database = machine(place.database ?? unmarked(databaseVolume, wanted.database) ?? wanted.database);
  const volumes = { database: databaseVolume, filestore: volumeAt(names, shared) };
  // A folder in common is no volume of a machine's own, and leaves one behind only when a command moves the files.
  const checked = found.filter(({ role, name }) => role !== "filestore" || (!shared && name !== names.shared));
  const own = { "postgres-data": databaseVolume, filestore: names.own };
  requireSamePlace(stack, { volumes: own, database: config.database.name }, checked);
  if (shared && path !== undefined) requireSameFolder(stack, path, found, names.shared);

  const former = {
    database: having(databaseVolume).filter((one) => one !== database),
    filestore: ownVolumes(found, names)
      .filter(({ machine: on }) => shared || !web.includes(on))
      .map(asFormer),
    shared: found
      .filter(({ name, machine: on }) => name === names.shared && !(shared && web.includes(on)))
      .map(asFormer),
  };
  const formerReleases = having(`${stack}-releases`).filter((one) => one !== web[0]);
  const release = platform.target === "local" ? undefined : { machine: web[0].name, shared, volumes: names };
  const sharedPath = shared ? path : undefined;
  return { database, web, sharedPath, volumes, files: release, former, formerReleases, due: due() };

  function due(): string[] {
    const lines: string[] = [];
    if (database.name !== machine(wanted.database).name) {
      lines.push(
        `The database is on ${database.name}, and belongs on ${wanted.database}: npx odoo-stacks move-database ${stack}`,
      );
    }
    const should = belongs.map((name) => machine(name).name).join(", ");
    const is = web.map(({ name }) => name).join(", ");
    if (is !== should || shared !== (path !== undefined)) {
      const to = path === undefined ? should : `${path}, shared by ${should}`;
      lines.push(`The files are on ${is}, and belong on ${to}: npx odoo-stacks move-filestore ${stack}`);
    }
    return lines;
  }
}

/** The web machines as long as the files stay where they are; where they are shared, the operator's own machine is one too. */
function whileTheyStay(files: string, shared: boolean, known: boolean, belongs: readonly string[]): readonly string[] {
  if (!shared) return [files];
  return belongs.includes(files) || !known ? belongs : [files, ...belongs];
}

/** The volumes with data of an environment, on all machines. */
async function volumesOf(stack: string, { machines }: Platform): Promise<readonly Found[]> {
  const all = machines.map(async (machine) => {
    const volumes = await targetAt(machine.dockerHost).dataVolumes(stack);
    return volumes.map((volume) => ({ ...volume, machine }));
  });
  return (await Promise.all(all)).flat();
}

/** The volume of its own that each machine has or had files in: that of the current name, where there are others beside it. */
function ownVolumes(found: readonly Found[], { own, shared }: FilesVolumes): readonly Found[] {
  const known = new Map<PlatformMachine, Found>();
  for (const volume of found.filter(({ role, name }) => role === "filestore" && name !== shared)) {
    if (volume.name === own || !known.has(volume.machine)) known.set(volume.machine, volume);
  }
  return [...known.values()];
}

const asFormer = ({ machine, name, folder }: Found): FormerVolume => ({ ...machine, volume: name, path: folder });

/** Docker can't change a volume: with another path, machines that have it would go on with the old folder, new ones would not. */
function requireSameFolder(stack: string, path: string, found: readonly Found[], volume: string): void {
  const other = found.find(({ name, folder }) => name === volume && folder !== undefined && folder !== path);
  if (!other) return;
  throw new UserError(`The configuration would leave data of ${stack} behind.`, [
    {
      path: "filestore.path",
      expected: `"${other.folder ?? ""}", the folder of the volume ${volume} on ${other.machine.name}`,
      found: `"${path}"`,
      hint: "Put the old path back. What is mounted there may change, with the files in it; the path stays.",
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
