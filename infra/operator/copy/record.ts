import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readJson, writeDurably } from "../journal";
import type { Author, ModuleChanges, ReleasePlan } from "../plan";
import type { CopyMethod } from "./plan";
import type { Secured } from "./securedReport";

/** A copy of another environment, as it is kept beside the history of releases. */
export interface CopyRecord {
  readonly id: string;
  /** What was asked for; see `CopyPlan`. */
  readonly key: string;
  readonly source: string;
  /** The moment of the source that the data is of, ISO 8601. */
  readonly dataFrom: string;
  /** The set of the source that it was made from; undefined where it was made from the running source. */
  readonly set?: string;
  readonly method: CopyMethod | "snapshot";
  /** Why it was copied that way. */
  readonly because: string;
  readonly image: ReleasePlan["image"];
  readonly modules: ModuleChanges;
  /** Bytes of the copied database and of its files. */
  readonly bytes: { readonly database: number; readonly files: number };
  readonly files: number;
  readonly secured: Secured;
  /** Seconds of each part. */
  readonly seconds: Readonly<Record<string, number>>;
  readonly startedAt: string;
  readonly endedAt: string;
  /** When it took the place of what was there before, ISO 8601; undefined until then. */
  readonly switchedAt?: string;
  readonly author: Author;
}

const folderOf = (releases: string) => join(releases, "copies");

/** So many of the last records are kept, and that of the copy that is in use. */
const mostKept = 50;

/**
 * Keeps the record of a copy.
 * @param releases Where the volume of the releases is mounted.
 */
export function writeCopy(releases: string, record: CopyRecord): void {
  writeDurably(join(folderOf(releases), `${record.id}.json`), JSON.stringify(record, undefined, 1));
  const current = `${currentCopy(readCopies(releases))?.id ?? ""}.json`;
  for (const old of recordFiles(releases).slice(0, -mostKept)) {
    if (old !== current) rmSync(join(folderOf(releases), old), { force: true });
  }
}

/** The last copies that were made for an environment, the oldest first. */
export function readCopies(releases: string): CopyRecord[] {
  return recordFiles(releases).flatMap(
    (name) => (readJson(join(folderOf(releases), name)) as CopyRecord | undefined) ?? [],
  );
}

/** Their names begin with the time. */
function recordFiles(releases: string): string[] {
  try {
    return readdirSync(folderOf(releases))
      .filter((name) => name.endsWith(".json"))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** The copy that an environment's data is of: the last one that was switched to. */
export const currentCopy = (copies: readonly CopyRecord[]): CopyRecord | undefined =>
  copies
    .filter(({ switchedAt }) => switchedAt !== undefined)
    .sort((a, b) => ((a.switchedAt ?? "") < (b.switchedAt ?? "") ? -1 : 1))
    .at(-1);
