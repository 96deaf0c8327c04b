import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import type { FilesMoved, ModuleChanges, ReleasePlan, ReleaseRecord } from "./plan";

/** The steps of a release, in order. `released` is the point of no return: later failures are reported, not undone. */
export const steps = [
  "check",
  "decide",
  "health",
  "keep",
  "rehearse",
  "prepare",
  "announce",
  "fetch",
  "reach",
  "stopCron",
  "hold",
  "freeze",
  "files",
  "data",
  "modules",
  "warm",
  "route",
  "released",
  "logs",
] as const;

/** A step of a release. */
export type StepName = (typeof steps)[number];

/** What has to be known of a release under way by whoever takes it up after a crash. */
export interface JournalState {
  readonly plan: ReleasePlan;
  readonly startedAt: string;
  /** The last step that was begun. */
  readonly step: StepName;
  /** Whether the database may differ from what it was before. */
  readonly touched: boolean;
  /** Which kind of snapshot there is to go back to; undefined before there is one. */
  readonly snapshot?: "reflink" | "replica" | "mark";
  /** The moment that a database on RDS can be taken back to, ISO 8601. */
  readonly markedAt?: string;
  readonly changes?: ModuleChanges;
  /** ID of the copy of another environment that takes the data's place. */
  readonly copy?: string;
  /** The files that are brought to another place; undefined as long as nothing of that has to be undone. */
  readonly files?: FilesMoved;
  /** When requests began to be held, ISO 8601. */
  readonly heldSince?: string;
  readonly heldSeconds?: number;
  /** When users began to see the maintenance page, ISO 8601. */
  readonly pageSince?: string;
  readonly pageSeconds?: number;
  /** How long the change of modules took on a copy. */
  readonly rehearsedSeconds?: number;
  /** When requests were sent to the new version, ISO 8601. */
  readonly switchedAt?: string;
  readonly seconds: Readonly<Record<string, number>>;
  /** How it ended; undefined while it is under way. */
  readonly outcome?: ReleaseRecord;
}

/** Writes a file so that after a power cut there is either the old content or the new one. */
export function writeDurably(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const beside = `${path}.new`;
  const file = openSync(beside, "w", 0o600);
  writeSync(file, text);
  fsyncSync(file);
  closeSync(file);
  renameSync(beside, path);
  const folder = openSync(dirname(path), "r");
  fsyncSync(folder);
  closeSync(folder);
}

/** Reads a JSON file; `undefined` where there is none. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The journal of the release under way, and the history of all before it, on the volume of an environment's releases. */
export class Journal {
  /** @param folder Where the volume is mounted. */
  constructor(private readonly folder: string) {}

  private get current(): string {
    return join(this.folder, "current.json");
  }

  private get records(): string {
    return join(this.folder, "history.json");
  }

  /** The release under way, or the last one that ended. */
  read(): JournalState | undefined {
    return readJson(this.current) as JournalState | undefined;
  }

  /** Remembers how far a release is. */
  write(state: JournalState): void {
    writeDurably(this.current, JSON.stringify(state));
  }

  /** Where requests lead since the last release that succeeded; undefined before the first. */
  routes(): ReleasePlan["routes"] | undefined {
    return readJson(join(this.folder, "routes.json")) as ReleasePlan["routes"] | undefined;
  }

  /** Remembers where requests lead. */
  writeRoutes(routes: ReleasePlan["routes"]): void {
    writeDurably(join(this.folder, "routes.json"), JSON.stringify(routes));
  }

  /** All releases, the oldest first. */
  history(): ReleaseRecord[] {
    return (readJson(this.records) ?? []) as ReleaseRecord[];
  }

  /** Ends a release: its record goes into the history, once. */
  end(state: JournalState, outcome: ReleaseRecord): void {
    const others = this.history().filter(({ id }) => id !== outcome.id);
    writeDurably(this.records, JSON.stringify([...others, outcome], undefined, 1));
    this.write({ ...state, outcome });
  }
}
