import type { EnvironmentConfig } from "../config/schema";
import { knownMachine, type Platform, type PlatformMachine } from "../config/platformOutput";
import { preparesRds } from "../config/aws/rdsWishes";
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
import type { PlacedData } from "../swarm/places";
import { managerOf } from "../targets";
import { requireSamePlace } from "../targets/volumes";
import { requireAnswers, requireListed, requireParts } from "./silent";
import { placeOfUnmarked } from "./unmarked";
import { findVolumes, type FoundVolume, type Silent } from "./volumes";

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
  /** Whether all is on the machines that the platform has it on. What is to go to RDS is on its own until then. */
  readonly inPlace: boolean;
  /** Machines that do not answer, and have no part of it. */
  readonly silent: readonly Silent[];
  /** Data that was found where it was, although the Swarm's mark of it is gone. */
  readonly unmarked: readonly PlacedData[];
}

/**
 * Finds out where the parts of an environment are, and where those are to be made that are not there yet.
 * @throws UserError when the configuration would leave data behind, or a machine does not answer that has, or may have, a part.
 */
export async function whereIs(stack: string, config: EnvironmentConfig, platform: Platform): Promise<Where> {
  const place = await managerOf(platform).place(stack);
  const { volumes: found, silent, unlisted, last, onRds } = await findVolumes(stack, platform, place.down);
  const asking = { stack, platform: config.platform.split("/").at(-1) ?? config.platform };
  if (config.protectData) requireListed(asking, unlisted);
  const isContainer = config.database.kind === "container";
  // The mark may have gone with its node; the last `up` knew of no machine then.
  const wasOnRds = onRds && place.database === undefined && last !== undefined && last.database === undefined;
  requireSameKind(stack, isContainer, { onRds, moved: place.onRds === true || wasOnRds }, found);
  if ((isContainer && place.database === undefined) || place.files === undefined) requireAnswers(asking, silent);
  const wanted = platform.placement[config.stage];
  const wantedWeb = withoutDrained(wanted.web, place.drained);
  const machine = (name: string) => knownMachine(name, stack, platform);
  const path = config.filestore.path;
  const names = filesVolumes(stack, config.filestore.volume);
  const databaseVolume = (isContainer ? config.database.volume : formerVolume(found)) ?? `${stack}-postgres-data`;

  /** The machines with a volume. */
  const having = (name: string) => found.filter((volume) => volume.name === name).map((volume) => volume.machine);
  const unmarked = (what: PlacedData, volume: string, wished?: string) =>
    placeOfUnmarked({ stack, what, volume, there: having(volume).map(({ name }) => name) }, wished, last);
  const isInFolder = () => last?.shared ?? having(names.shared).length > 0;
  const inFolder = place.files === undefined ? isInFolder() : place.shared;
  // What several machines have in common says nothing of where the operator and its records are.
  const operator = () => last?.files ?? unmarked("files", `${stack}-releases`, wantedWeb[0]) ?? wantedWeb[0];
  const files = place.files ?? (inFolder ? operator() : unmarked("files", names.own, wantedWeb[0]));
  const stays = files !== undefined && process.env[moveFilesVariable] !== stack;
  if (stays && inFolder && path === undefined) throw noPath(stack);

  const shared = stays ? inFolder : path !== undefined;
  const belongs = operatorFirst(wantedWeb, files);
  const known = platform.machines.some(({ name }) => name === files);
  const [first = "", ...more] = stays ? whileTheyStay(files, shared, known, belongs) : belongs;
  const web = [machine(first), ...more.map(machine)] as const;
  const ofDatabase = () => place.database ?? unmarked("database", databaseVolume, wanted.database) ?? wanted.database;
  // A database on RDS is on no machine; what is there for it stands beside the operator.
  const database = isContainer ? machine(ofDatabase()) : web[0];
  requireParts(asking, { database, web, shared }, silent);
  const volumes = { database: databaseVolume, filestore: volumeAt(names, shared) };
  // A folder in common is no volume of a machine's own, and leaves one behind only when a command moves the files.
  const checked = found.filter(({ role, name }) => role !== "filestore" || (!shared && name !== names.shared));
  const own = { "postgres-data": databaseVolume, filestore: names.own };
  requireSamePlace(stack, { volumes: own, database: config.database.name }, checked);
  if (shared && path !== undefined) requireSameFolder(stack, path, found, names.shared);

  const former = {
    database: having(databaseVolume).filter((one) => !isContainer || one !== database),
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
  // The first `up` marks it all.
  const marksAgain = (mark: string | undefined, volume: string, on: PlatformMachine) =>
    last !== undefined && mark === undefined && having(volume).includes(on);
  const withoutMark: PlacedData[] = [
    ...(marksAgain(place.database, databaseVolume, database) ? (["database"] as const) : []),
    ...(marksAgain(place.files, volumes.filestore, web[0]) ? (["files"] as const) : []),
  ];
  const parts = { database, web, sharedPath, volumes, files: release, former, formerReleases };
  const away = elsewhere();
  const toRds = preparesRds(config)
    ? [`The database is in a container, and goes to RDS: npx odoo-stacks move-database ${stack}`]
    : [];
  return { ...parts, due: [...toRds, ...away], inPlace: away.length === 0, silent, unmarked: withoutMark };

  function elsewhere(): string[] {
    const lines: string[] = [];
    if (isContainer && database.name !== machine(wanted.database).name) {
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

/** Name of the volume that a database on RDS was in before, which its configuration does not have any more. */
const formerVolume = (found: readonly FoundVolume[]): string | undefined =>
  found.find(({ role }) => role === "postgres-data")?.name;

/**
 * A command moves a database from a container to RDS, nothing moves it back; before, and the other way, the other one would be empty.
 * @param known Whether there is an instance on RDS, and whether a command has moved the data there.
 */
function requireSameKind(
  stack: string,
  isContainer: boolean,
  known: { readonly onRds: boolean; readonly moved: boolean },
  found: readonly FoundVolume[],
): void {
  const inVolume = found.find(({ role }) => role === "postgres-data");
  const onRds = known.moved || (known.onRds && !inVolume);
  if (isContainer ? !onRds : !inVolume || onRds) return;
  throw new UserError(`The configuration would leave data of ${stack} behind.`, [
    {
      path: "database.kind",
      expected: isContainer
        ? `"rds", where the database of ${stack} is`
        : `"container", whose volume ${inVolume?.name ?? ""} on ${inVolume?.machine.name ?? ""} holds data of ${stack}`,
      found: isContainer ? '"container"' : '"rds"',
      hint: isContainer
        ? "Put it back. Nothing moves a database from RDS to a container."
        : `Put it back, keep database.rds, and \`up\`; then: npx odoo-stacks move-database ${stack}`,
    },
  ]);
}

/** The web machines as long as the files stay where they are; where they are shared, the operator's own machine is one too. */
function whileTheyStay(files: string, shared: boolean, known: boolean, belongs: readonly string[]): readonly string[] {
  if (!shared) {
    const there = belongs.filter((name) => name === files);
    return there.length > 0 ? there : [files];
  }
  return belongs.includes(files) || !known ? belongs : [files, ...belongs];
}

/** The volume of its own that each machine has or had files in: that of the current name, where there are others beside it. */
function ownVolumes(found: readonly FoundVolume[], { own, shared }: FilesVolumes): readonly FoundVolume[] {
  const known = new Map<PlatformMachine, FoundVolume>();
  for (const volume of found.filter(({ role, name }) => role === "filestore" && name !== shared)) {
    if (volume.name === own || !known.has(volume.machine)) known.set(volume.machine, volume);
  }
  return [...known.values()];
}

const asFormer = ({ machine, name, folder }: FoundVolume): FormerVolume => ({ ...machine, volume: name, path: folder });

/** Docker can't change a volume: with another path, machines that have it would go on with the old folder, new ones would not. */
function requireSameFolder(stack: string, path: string, found: readonly FoundVolume[], volume: string): void {
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
