import { type SnapshotDatabase, tellSnapshot } from "./snapshotCommand";

/** A copy that was put aside. */
export interface KeptSnapshot {
  /** The name it was given. */
  readonly id: string;
  /** Its size; where blocks are shared it takes less. */
  readonly bytes: number;
}

/** The copies of a database that were put aside, by name. */
export async function keptSnapshots(database: SnapshotDatabase): Promise<readonly KeptSnapshot[]> {
  return JSON.parse(await tellSnapshot(database, ["list"])) as KeptSnapshot[];
}

/**
 * Removes a copy that was put aside.
 * @throws UserError when there is none of that name.
 */
export async function dropSnapshot(database: SnapshotDatabase, id: string): Promise<void> {
  await tellSnapshot(database, ["drop", id]);
}

/**
 * Makes a copy that was put aside the one that `undo` (snapshotUndo.ts) puts in the database's place; it also stays where it
 * is. Takes long where blocks can't be shared, while people can go on working; what an earlier release left is discarded.
 * @throws UserError when there is none of that name, or no room for another one like it.
 */
export async function useSnapshot(database: SnapshotDatabase, id: string): Promise<void> {
  await tellSnapshot(database, ["use", id]);
}
