import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type SnapshotDatabase, tellSnapshot } from "../snapshotCommand";
import { dropSnapshot, keptSnapshots } from "../snapshotsKept";
import { undo } from "../snapshotUndo";
import { copyFolders } from "./plan";

/** PostgreSQL may take this long to come up on the copy, in seconds: it has been stopped in order before. */
const startSeconds = 600;

/** Names of what was replaced by a copy, beside the sets of releases. */
const formerPrefix = "former-";

/** Which copy a database is, and which one waits; empty where there is none. */
export async function copyState(database: SnapshotDatabase): Promise<{ current: string; incoming: string }> {
  return JSON.parse(await tellSnapshot(database, ["copy-state"])) as { current: string; incoming: string };
}

/**
 * Where files wait, are, and were. Renaming a folder in one volume is done or not done, whatever dies meanwhile.
 * @param database Name of the database.
 * @param id The copy.
 */
const foldersOf = (database: string, id: string) => ({
  waiting: join(incomingFiles(id), "filestore", database),
  serving: filesOfDatabase(database),
  former: join(copyFolders.own.files, ".former", id),
});

/** Where Odoo has the files of a database, as the operator sees it. */
export const filesOfDatabase = (database: string): string => join(copyFolders.own.files, "filestore", database);

/** The data folder of a copy that waits, as the operator sees it. */
export const incomingFiles = (id: string): string => join(copyFolders.own.files, ".incoming", id);

/** Puts a copy that waits in the place of database and files. Run again after a crash, it goes on where it was. */
export async function putInPlace(host: SnapshotDatabase, database: string, id: string): Promise<void> {
  await tellSnapshot(host, ["take-copy", id]);
  await undo(host, startSeconds);
  const { waiting, serving, former } = foldersOf(database, id);
  if (!existsSync(waiting)) return;
  mkdirSync(join(former, ".."), { recursive: true });
  if (existsSync(serving)) renameSync(serving, former);
  mkdirSync(join(serving, ".."), { recursive: true });
  renameSync(waiting, serving);
}

/** Puts back what a copy has replaced, as far as it has. */
export async function takeOut(host: SnapshotDatabase, database: string, id: string): Promise<void> {
  const { waiting, serving, former } = foldersOf(database, id);
  if (existsSync(former)) {
    mkdirSync(join(waiting, ".."), { recursive: true });
    if (existsSync(serving)) renameSync(serving, waiting);
    renameSync(former, serving);
  }
  const answer = (await tellSnapshot(host, ["return-copy", id])).trim();
  if (answer !== "replaced") return;
  await undo(host, startSeconds);
  await tellSnapshot(host, ["wait-again", id]);
}

/**
 * After success: keeps what was replaced under a name, or lets go of it, and forgets the oldest.
 * @param keep How many are kept.
 */
export async function settle(host: SnapshotDatabase, id: string, keep: number): Promise<void> {
  if (keep > 0) await tellSnapshot(host, ["keep-former", `${formerPrefix}${id}`]);
  await tellSnapshot(host, ["discard"]);
  rmSync(incomingFiles(id), { recursive: true, force: true });
  const files = join(copyFolders.own.files, ".former");
  const former = (await keptSnapshots(host))
    .map((snapshot) => snapshot.id)
    .filter((name) => name.startsWith(formerPrefix));
  for (const name of former.sort().reverse().slice(keep)) await dropSnapshot(host, name);
  const kept = new Set(
    former
      .sort()
      .reverse()
      .slice(0, keep)
      .map((name) => name.slice(formerPrefix.length)),
  );
  for (const name of existsSync(files) ? readdirSync(files) : []) {
    if (!kept.has(name)) rmSync(join(files, name), { recursive: true, force: true });
  }
}
