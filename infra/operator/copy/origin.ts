import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Argv } from "../../commands/docker";
import { UserError } from "../../core/errors";
import { keptSnapshots } from "../snapshotsKept";
import { volumePath } from "./argv";
import { copyFolders, type CopyPlan } from "./plan";

/** Makes a command about folders of another machine into one that this process runs. */
export type Reach = (command: Argv) => Argv;

/** A folder of the source. */
export interface OriginFolder {
  /** As commands see it that `reach` makes, or this process. */
  readonly path: string;
  /** Undefined where it is on this machine. */
  readonly reach?: Reach;
}

/** What is copied, from where. */
export interface Origin {
  /** The set that it is taken from; undefined for the running source. */
  readonly set?: string;
  readonly cluster: OriginFolder;
  /** The folder with the files of the database. */
  readonly files: OriginFolder;
}

/**
 * Where the data of a set, or of the running source, is.
 * @param reach How folders on other machines are reached.
 */
export function originOf(
  plan: Pick<CopyPlan, "source">,
  set: string | undefined,
  reach: { readonly cluster?: Reach; readonly files?: Reach } = {},
): Origin {
  const { source } = copyFolders;
  const cluster = reach.cluster ? volumePath : source.database;
  return {
    set,
    cluster: { path: set ? join(cluster, "backups", set) : join(cluster, "pgdata"), reach: reach.cluster },
    files: filesOf(plan, set, reach.files),
  };
}

/** Where the files of a set, or of the running source, are. */
export function filesOf(
  { source: { database } }: Pick<CopyPlan, "source">,
  set: string | undefined,
  reach?: Reach,
): OriginFolder {
  const { files } = copyFolders.source;
  return { path: set ? join(files, ".sets", set) : join(files, "filestore", database), reach };
}

/**
 * The sets of the source whose database is kept, the oldest first.
 * @param server The source's server, where its cluster is on another machine.
 */
export async function keptSets(server?: string): Promise<string[]> {
  const folder = join(copyFolders.source.database, "backups");
  const here = () => (existsSync(folder) ? readdirSync(folder) : []);
  const names = server
    ? (await keptSnapshots({ container: () => Promise.resolve(server) })).map(({ id }) => id)
    : here();
  return names.filter((name) => /^\d{8}-\d{6}-/.test(name)).sort();
}

/**
 * Finds the set that a snapshot means.
 * @param snapshot `latest`, the ID of a set, or a time.
 * @param sets IDs of the sets there are; each begins with its time, UTC.
 * @returns the set; undefined for the running source.
 * @throws UserError when there is none, with those there are.
 */
export function findSet(snapshot: string, sets: readonly string[]): string | undefined {
  if (snapshot === "latest") return undefined;
  if (sets.includes(snapshot)) return snapshot;
  const time = /^\d{4}-\d\d-\d\d/.test(snapshot) ? new Date(snapshot) : undefined;
  const before = time && !Number.isNaN(time.getTime()) ? sets.findLast((id) => timeOfSet(id) <= time) : undefined;
  if (before) return before;
  throw new UserError("There is no such snapshot.", [
    {
      path: "restore.snapshot",
      expected: time ? "a time after the first set that is kept" : "latest, a time, or the ID of a set that is kept",
      found: `"${snapshot}"`,
      hint: sets.length > 0 ? `There are: ${sets.join(", ")}` : "The source keeps none (release.keepSets): use latest.",
    },
  ]);
}

/** When a set was kept: its ID begins with it, `20261123-191500-1a2b3c`. */
export function timeOfSet(id: string): Date {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)/.exec(id) ?? [];
  return new Date(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
}
