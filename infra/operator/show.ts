import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { ProxyService } from "../commands/proxy";
import { type Journal, type JournalState, readJson } from "./journal";
import { type Maintenance, readMaintenance } from "./maintenance/state";
import type { ReleaseRecord } from "./plan";
import { type CopyRecord, readCopies } from "./copy/record";
import { leftBehind } from "./move/state";
import { testsFolder, type TestRun } from "./tests";
import { withWatched } from "./watched";

/** All that the volume of an environment's releases tells of it. */
export interface Overview {
  /** All releases, the oldest first. */
  readonly history: readonly ReleaseRecord[];
  /** The release under way, or the last one that ended. */
  readonly current?: JournalState;
  /** Where requests lead since the last release that succeeded. */
  readonly routes?: readonly ProxyService[];
  /** Releases before which a set was kept that is still there, with its database. */
  readonly sets: readonly string[];
  readonly maintenance?: Pick<Maintenance, "message" | "allow" | "since" | "author">;
  /** Copies of other environments that were made for this one, the oldest first. */
  readonly copies: readonly CopyRecord[];
  /** Tests of modules, the oldest first. */
  readonly tests: readonly TestRun[];
}

/**
 * Reads it all.
 * @param folder Where the volume is mounted.
 */
export function overview(journal: Journal, folder: string): Overview {
  const { message, allow, since, author } = readMaintenance(folder) ?? {};
  const gone = leftBehind(folder);
  return {
    history: withWatched(folder, journal.history()),
    current: journal.read(),
    routes: journal.routes(),
    sets: names(join(folder, "sets")).filter((id) => !gone.has(id)),
    copies: readCopies(folder),
    maintenance: since && author ? { message: message ?? "", allow: allow ?? [], since, author } : undefined,
    tests: names(testsFolder(folder)).flatMap(
      (id) => (readJson(join(testsFolder(folder), id, "summary.json")) as TestRun | undefined) ?? [],
    ),
  };
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
