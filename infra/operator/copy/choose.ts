import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../core/errors";
import { formatSize } from "../../core/units";
import { canShare, freeBytes, sizeOf } from "./files";
import { type CopyMethod, type CopyPlan, copyFolders } from "./plan";

/** What is copied, from where. */
export interface Origin {
  /** The set that it is taken from; undefined for the running source. */
  readonly set?: string;
  /** The cluster's folder. */
  readonly cluster: string;
  /** The folder with the files of the database. */
  readonly files: string;
}

const { source, own } = copyFolders;

/** The sets of the source whose database is kept, the oldest first. */
export function keptSets(): string[] {
  const folder = join(source.database, "backups");
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => /^\d{8}-\d{6}-/.test(name))
        .sort()
    : [];
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

/** Where the data of a set, or of the running source, is. */
export function originOf(plan: CopyPlan, set: string | undefined): Origin {
  const { database } = plan.source;
  return set
    ? { set, cluster: join(source.database, "backups", set), files: join(source.files, ".sets", set) }
    : { cluster: join(source.database, "pgdata"), files: join(source.files, "filestore", database) };
}

/**
 * Decides how the files of the database are copied, and says why.
 * @throws UserError when what is asked for can't be done here.
 */
export async function chooseMethod(plan: CopyPlan, origin: Origin): Promise<{ method: CopyMethod; because: string }> {
  const shares = await canShare(join(origin.cluster, "PG_VERSION"), own.database);
  const asked = plan.method;
  if (asked === "auto") {
    return shares
      ? { method: "reflink", because: "both are on one filesystem whose files can share blocks" }
      : { method: "copy", because: "the filesystem's files can't share blocks, and both are on this machine" };
  }
  const refuse = (expected: string, found: string): UserError =>
    new UserError("The data can't be copied the way that is asked for.", [
      { path: "restore.method", expected, found, hint: "Leave it out, or set it to auto." },
    ]);
  if (asked === "reflink" && !shares) {
    throw refuse("reflink only where both volumes are on one XFS (made with reflink=1) or btrfs", "they are not");
  }
  if (asked === "basebackup" && origin.set)
    throw refuse("reflink, copy or auto for a set", "basebackup, which needs a running server");
  return { method: asked, because: "the configuration asks for it" };
}

/**
 * Refuses to begin where the disk would fill, or the versions differ.
 * @param postgresMajor The own server's version.
 */
export async function requireFit(
  origin: Origin,
  method: CopyMethod,
  postgresMajor: string,
): Promise<{ database: number; files: { bytes: number; files: number } }> {
  const found = readFileSync(join(origin.cluster, "PG_VERSION"), "utf8").trim();
  if (found !== postgresMajor) {
    throw new UserError("The versions of PostgreSQL differ.", [
      { path: origin.cluster, expected: `a cluster of PostgreSQL ${postgresMajor}`, found: `one of ${found}` },
    ]);
  }
  const spaces = readdirSync(join(origin.cluster, "pg_tblspc"));
  if (spaces.length > 0) {
    throw new UserError("The database can't be copied file by file.", [
      {
        path: join(origin.cluster, "pg_tblspc"),
        expected: "a cluster in one place",
        found: `${spaces.length} tablespaces`,
      },
    ]);
  }
  const [{ bytes: database }, files, freeForDatabase, freeForFiles] = await Promise.all([
    sizeOf(origin.cluster),
    sizeOf(origin.files),
    freeBytes(own.database),
    freeBytes(own.files),
  ]);
  const problems = spaceProblems({ method, database, files: files.bytes, freeForDatabase, freeForFiles });
  if (problems.length > 0) throw new UserError("There is too little space for the copy.", problems);
  return { database, files };
}

/** Room for what is written while the copy is secured, whatever its size, in bytes: the log, and temporary files. */
const least = 1024 ** 3;

/** What is free and what is needed, in bytes. */
export interface Space {
  readonly method: CopyMethod;
  readonly database: number;
  readonly files: number;
  readonly freeForDatabase: number;
  readonly freeForFiles: number;
}

/** What does not fit. Where blocks are shared, a quarter of the database is kept free for rows that are written anew. */
export function spaceProblems({ method, database, files, freeForDatabase, freeForFiles }: Space) {
  const share = method === "reflink" ? 0.25 : 1.25;
  const needed = least + Math.ceil(database * share);
  const forFiles = method === "reflink" ? 0 : files;
  const problem = (path: string, expected: number, found: number) => ({
    path,
    expected: `${formatSize(expected)} free`,
    found: `${formatSize(found)} free`,
    hint: "Free some space or enlarge the disk. On XFS or btrfs a copy shares its blocks and takes much less.",
  });
  return [
    ...(freeForDatabase < needed ? [problem("the disk with the database's volume", needed, freeForDatabase)] : []),
    ...(freeForFiles < forFiles + least / 4
      ? [problem("the disk with the filestore's volume", forFiles + least / 4, freeForFiles)]
      : []),
  ];
}
