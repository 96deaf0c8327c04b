import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ReleasePlan, Author } from "./plan";
import { writeDurably } from "./journal";

/** What was tested on a copy of an environment's data, and how that went. */
export interface TestRun {
  /** Time and a random part, as a release has it; names the folder with the report. */
  readonly id: string;
  readonly image: ReleasePlan["image"];
  readonly modules: readonly string[];
  readonly startedAt: string;
  readonly endedAt: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly author: Author;
}

/** A run and its report. */
export interface KeptTests {
  readonly run: TestRun;
  /** The report's files by name. */
  readonly files: Readonly<Record<string, string>>;
}

/** So many reports are kept, some 10 KB each. */
const keptRuns = 200;

/** Where the reports are on the volume of the releases. */
export const testsFolder = (folder: string): string => join(folder, "tests");

/**
 * Keeps a report with the history of releases, and forgets the oldest.
 * @param folder Where the volume is mounted.
 * @returns 0, the exit code.
 */
export function keepTests(folder: string, { run, files }: KeptTests): number {
  const tests = testsFolder(folder);
  mkdirSync(join(tests, run.id), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeDurably(join(tests, run.id, name), text);
  writeDurably(join(tests, run.id, "summary.json"), JSON.stringify(run));
  for (const old of readdirSync(tests).sort().slice(0, -keptRuns)) rmSync(join(tests, old), { recursive: true });
  return 0;
}
