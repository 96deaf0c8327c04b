import { UserError } from "../core/errors";
import { silent, type Report } from "../core/report";
import { type SnapshotDatabase, tellSnapshot, tooLittleSpace } from "./snapshotCommand";
import { undo } from "./snapshotUndo";

/** How a copy of the database is made, as a stack's file may choose it. */
export type SnapshotChoice = "auto" | "reflink" | "replica" | "pitr" | "rds";

/**
 * A copy of an environment's database, in the database's own volume, from which a release that failed is undone. In order:
 * {@link prepare}, {@link settle}, then, with requests held, {@link freeze}; at last {@link undo}, {@link keep} or
 * {@link discard}.
 */
export interface Snapshot {
  /** `reflink`: the copy shares its blocks with the database. `replica`: a second server that follows the first. `mark`: none. */
  readonly kind: "reflink" | "replica" | "mark";

  /**
   * Does all that takes long while people go on working. What an earlier release left is discarded. Holds until the database's
   * container is started again.
   * @param report Receives progress.
   * @throws UserError when the disk would not hold the copy.
   */
  prepare(report?: Report): Promise<void>;

  /** Writes to disk what is due. Called right before requests are held, it keeps {@link freeze} and {@link undo} short. */
  settle(): Promise<void>;

  /**
   * Makes the copy what the database is at this moment; takes no longer for more data. Must have returned before anything is
   * done that may have to be undone.
   * @param withinSeconds How long a replica may take to catch up. @default 10
   * @throws UserError when it can't; the database is as it was, and {@link prepare} has to be called again.
   */
  freeze(withinSeconds?: number): Promise<void>;

  /**
   * Puts the copy in the database's place and returns when the database answers again, under its name on the network, as it was at {@link freeze}. Its
   * container is restarted. What was there until now stays in the volume, for a look at what went wrong, until
   * {@link discard} or the next {@link prepare}. May be called again when it was interrupted.
   * @param withinSeconds How long it may take in all. @default 600
   * @throws UserError when the database does not answer in time, with the last lines of its log.
   */
  undo(withinSeconds?: number): Promise<void>;

  /**
   * Puts the copy aside; see `keptSnapshots`. May be called again when it was interrupted.
   * @param id Its name from now on: letters, digits, dots, dashes and underscores.
   */
  keep(id: string): Promise<void>;

  /** Removes the copy, finished or not, and what an undo has replaced. Refused while an undo is on its way. */
  discard(): Promise<void>;
}

/**
 * Chooses how a copy is made.
 * @param database The database to copy.
 * @param choice `auto` shares blocks where the volume's filesystem can, else makes a replica.
 * @throws UserError when the volume can't do what is asked for, or has no room for a replica.
 */
export async function chooseSnapshot(database: SnapshotDatabase, choice: SnapshotChoice): Promise<Snapshot> {
  if (choice !== "replica" && (await canReflink(database))) return snapshotOf(database, "reflink");
  if (choice === "reflink") {
    throw new UserError("The database can't be copied the way that is asked for.", [
      {
        path: "release.snapshot",
        expected: "reflink only where the database's volume is on XFS (made with reflink=1) or btrfs",
        found: "a filesystem whose files can't share blocks",
        hint: "Set it to auto or replica.",
      },
    ]);
  }
  const { free, needed } = await snapshotSpace(database);
  if (free < needed) throw tooLittleSpace(free, needed);
  return snapshotOf(database, "replica");
}

/** Whether files in a database's volume can share blocks. */
export async function canReflink(database: SnapshotDatabase): Promise<boolean> {
  return (await tellSnapshot(database, ["can-reflink"])).trim() === "yes";
}

/** Bytes in a database's volume. */
export interface SnapshotSpace {
  /** Free for PostgreSQL. */
  readonly free: number;
  /** The database without its write-ahead log. */
  readonly cluster: number;
  /** Must be free for a copy that shares no blocks. */
  readonly needed: number;
}

/** Measures a database's volume. */
export async function snapshotSpace(database: SnapshotDatabase): Promise<SnapshotSpace> {
  return JSON.parse(await tellSnapshot(database, ["space"])) as SnapshotSpace;
}

/**
 * The copy that was chosen before, for a process that takes it up.
 * @param database The database that it is of.
 * @param kind What was chosen.
 */
export function snapshotOf(database: SnapshotDatabase, kind: "reflink" | "replica"): Snapshot {
  const tell = async (command: readonly string[], report?: Report): Promise<void> => {
    await tellSnapshot(database, command, report);
  };
  return {
    kind,
    prepare: (report = silent) => {
      report("copying the database");
      return tell([`${kind}-start`], (line) => copyProgress(line, report));
    },
    settle: () => tell(["checkpoint"]),
    freeze: (withinSeconds = 10) =>
      tell(kind === "reflink" ? ["reflink-freeze"] : ["replica-freeze", String(withinSeconds)]),
    undo: (withinSeconds = 600) => undo(database, withinSeconds),
    keep: (id) => tell(["keep", id]),
    discard: () => tell(["discard"]),
  };
}

/** Passes on what `pg_basebackup --progress` says every second: ` 316624/1031575 kB (30%), 0/1 tablespace`. */
export function copyProgress(line: string, report: Report): void {
  const percent = /\((\d+)%\)/.exec(line)?.[1];
  if (percent) report(`copying the database: ${percent} %`);
}
