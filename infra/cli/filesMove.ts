import { knownMachine, type Platform, type PlatformMachine } from "../config/platformOutput";
import { UserError } from "../core/errors";
import type { FilesMoved } from "../operator/plan";
import {
  type FilesPlace,
  filesElsewhere,
  filesVolumes,
  type FilesWanted,
  operatorFirst,
  volumeAt,
  withoutDrained,
} from "../swarm/files";
import type { Place } from "../swarm/places";
import type { StackFile } from "./stacks";

/** What `move-filestore` has to do. */
export interface PlannedMove {
  readonly from: FilesPlace;
  readonly to: FilesPlace;
  /** The same as a release has it. */
  readonly wanted: FilesWanted;
  /** The folder that the web machines have in common; undefined where the files go to a volume of one machine. */
  readonly path?: string;
  /** The machine with the files until now. */
  readonly old: PlatformMachine;
  /** The web machines as the platform has them; the first is the one that the operator goes to. */
  readonly web: readonly [PlatformMachine, ...PlatformMachine[]];
}

/**
 * What is to be moved, as the platform and the environment's file have it.
 * @param file The environment's file.
 * @param place Where the Swarm's labels say that its files are.
 * @returns undefined where they are where they belong, or nowhere yet.
 * @throws UserError when the files can't be where they belong.
 */
export function plannedMove(file: StackFile, platform: Platform, place: Place): PlannedMove | undefined {
  const stage = (file.stage ?? "development") as keyof Platform["placement"];
  const open = withoutDrained(platform.placement[stage].web, place.drained);
  const names = [...new Set(operatorFirst(open, place.files))];
  const machine = (name: string) => knownMachine(name, file.name, platform);
  const { path, volume } = file.filestore ?? {};
  if (names.length > 1 && path === undefined) throw noFolder(names);
  const [first, ...more] = names.map(machine);
  if (!first) throw new Error("a stage without web machines");
  const wanted = { machine: first.name, shared: path !== undefined, volumes: filesVolumes(file.name, volume) };
  const from = filesElsewhere(place, wanted);
  if (!from) return undefined;
  const to = { machine: first.name, shared: wanted.shared, volume: volumeAt(wanted.volumes, wanted.shared) };
  return { from, to, wanted, path, old: machine(from.machine), web: [first, ...more] };
}

const noFolder = (names: readonly string[]): UserError =>
  new UserError("The files can't be on several machines.", [
    {
      path: "filestore.path",
      expected: `a folder that ${names.join(", ")} have in common, such as a mounted NFS`,
      found: "nothing",
      hint: "odoo-stacks:filestore: { path: /mnt/odoo/prod }",
    },
  ]);

/** Where files are, in a few words. */
export const placeText = ({ machine, volume, shared }: FilesPlace, path?: string): string =>
  shared ? `the folder ${path ?? "that machines have in common"}` : `${machine} (volume ${volume})`;

/** What became of a move, as `--json` prints it. */
export interface MoveOutcome extends FilesMoved {
  readonly stack: string;
  /** ID of the release that it was made with. */
  readonly release: string;
  readonly heldSeconds: number;
  /** Seconds of each part of the command, and of all as `total`. */
  readonly seconds: Readonly<Record<string, number>>;
}
