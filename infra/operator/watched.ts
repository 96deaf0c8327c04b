import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readJson, writeDurably } from "./journal";
import type { ReleaseRecord } from "./plan";

/** What the logs have told since a release. Times in ISO 8601, UTC. */
export interface Watched {
  /** Since when the logs were watched. */
  readonly since: string;
  /** Until when they are. */
  readonly until: string;
  /** When they were last read; before `until` where the watch goes on, or a release ended it early. */
  readonly readAt: string;
  /** How many errors there were. */
  readonly errors: number;
  /** The first of them, described. */
  readonly failures: readonly string[];
}

/** So many are kept, some KB each. */
const keptWatches = 200;

// A file for each release, beside the history: two processes that wrote into one file could lose what the other one wrote.
const folderOf = (folder: string) => join(folder, "watch");
const fileOf = (folder: string, id: string) => join(folderOf(folder), `${id}.json`);

/**
 * What was seen after a release; undefined where nobody watched.
 * @param folder Where the volume of the releases is mounted.
 * @param id The release.
 */
export const readWatched = (folder: string, id: string): Watched | undefined =>
  readJson(fileOf(folder, id)) as Watched | undefined;

/** Keeps it, and forgets the oldest. */
export function writeWatched(folder: string, id: string, watched: Watched): void {
  writeDurably(fileOf(folder, id), JSON.stringify(watched));
  const files = readdirSync(folderOf(folder)).filter((name) => name.endsWith(".json"));
  for (const old of files.sort().slice(0, -keptWatches)) rmSync(join(folderOf(folder), old), { force: true });
}

/** The records with what was seen after each. */
export const withWatched = (folder: string, history: readonly ReleaseRecord[]): ReleaseRecord[] =>
  history.map((record) => {
    const watched = readWatched(folder, record.id);
    return watched ? { ...record, watched } : record;
  });
