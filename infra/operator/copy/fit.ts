import { UserError } from "../../core/errors";
import { run } from "../../core/exec";
import { formatSize } from "../../core/units";
import type { Way } from "./choose";
import { freeBytes, sizeOf } from "./files";
import type { Origin, OriginFolder, Reach } from "./origin";
import { copyFolders } from "./plan";

const { own } = copyFolders;

/**
 * Refuses to begin where the disk would fill, or the versions differ.
 * @param postgresMajor The own server's version.
 * @returns bytes of the database, bytes and number of the files.
 */
export async function requireFit(
  { cluster, files: from }: Origin,
  way: Pick<Way, "method" | "sharesFiles">,
  postgresMajor: string,
): Promise<{ database: number; files: { bytes: number; files: number } }> {
  const { major, spaces } = await look(cluster);
  if (major !== postgresMajor) {
    throw new UserError("The versions of PostgreSQL differ.", [
      { path: cluster.path, expected: `a cluster of PostgreSQL ${postgresMajor}`, found: `one of ${major}` },
    ]);
  }
  if (spaces > 0) {
    throw new UserError("The database can't be copied file by file.", [
      { path: `${cluster.path}/pg_tblspc`, expected: "a cluster in one place", found: `${spaces} tablespaces` },
    ]);
  }
  const [{ bytes: database }, files, freeForDatabase, freeForFiles] = await Promise.all([
    sizeOf(cluster),
    sizeOf(from),
    freeBytes(own.database),
    freeBytes(own.files),
  ]);
  const problems = spaceProblems({ ...way, database, files: files.bytes, freeForDatabase, freeForFiles });
  if (problems.length > 0) throw new UserError("There is too little space for the copy.", problems);
  return { database, files };
}

/**
 * Refuses to begin where the files don't fit; their database is elsewhere.
 * @param here How the folder is reached that they go to. @default it is this process's own
 * @returns bytes and number of the files.
 */
export async function requireFilesFit(
  { files: from }: Pick<Origin, "files">,
  { sharesFiles }: Pick<Way, "sharesFiles">,
  here?: Reach,
): Promise<{ bytes: number; files: number }> {
  const [files, freeForFiles] = await Promise.all([sizeOf(from), freeBytes(own.files, here)]);
  const elsewhere = { method: "copy", database: 0, freeForDatabase: Infinity } as const;
  const problems = spaceProblems({ ...elsewhere, sharesFiles, files: files.bytes, freeForFiles });
  if (problems.length > 0) throw new UserError("There is too little space for the copy.", problems);
  return files;
}

/** The version of a cluster, and how many tablespaces it has. */
async function look({ path, reach }: OriginFolder): Promise<{ major: string; spaces: number }> {
  const script = 'cat "$1/PG_VERSION" && find "$1/pg_tblspc" -mindepth 1 | wc -l';
  const argv = ["sh", "-c", script, "sh", path];
  const [major = "", spaces] = (await run(reach ? reach(argv) : argv, { timeoutSeconds: 60 })).trim().split("\n");
  return { major: major.trim(), spaces: Number(spaces) };
}

/** Room for what is written while the copy is secured, whatever its size, in bytes: the log, and temporary files. */
const least = 1024 ** 3;

/** What is free and what is needed, in bytes. */
export interface Space extends Pick<Way, "method" | "sharesFiles"> {
  readonly database: number;
  readonly files: number;
  readonly freeForDatabase: number;
  readonly freeForFiles: number;
}

/** What does not fit. Where blocks are shared, a quarter of the database is kept free for rows that are written anew. */
export function spaceProblems({ method, sharesFiles, database, files, freeForDatabase, freeForFiles }: Space) {
  const share = method === "reflink" ? 0.25 : 1.25;
  const needed = least + Math.ceil(database * share);
  const forFiles = sharesFiles ? 0 : files;
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
