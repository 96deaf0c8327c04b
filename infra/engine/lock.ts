import { closeSync, openSync, readFileSync, rmSync, statSync, utimesSync, writeSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

import { UserError } from "../core/errors";
import type { Report } from "../core/report";

/** How often the holder shows that it is alive. */
const heartbeatSeconds = 5;
/** After how long without a sign of life a lock is nobody's, even if a process with the holder's number exists. */
const staleSeconds = 60;
/** How long to wait for another process: several times what the longest step takes on a slow machine. */
const patienceSeconds = 45 * 60;
/** How often a waiting process says so. */
const reminderSeconds = 10;

/**
 * Does something while no other process does it. The lock is a file with the holder's process number. Whoever finds one
 * whose holder is gone takes it over; were two to do so at the same instant, both would do the work, which costs time and
 * nothing else, because results appear by a rename.
 * @param file The lock file; its folder exists.
 * @param title What the lock is about, for the progress line of whoever waits.
 * @param report Receives progress while waiting.
 * @param action What to do.
 */
export async function withLock<T>(file: string, title: string, report: Report, action: () => Promise<T>): Promise<T> {
  await acquire(file, title, report);
  const heartbeat = setInterval(() => touch(file), heartbeatSeconds * 1000);
  heartbeat.unref();
  try {
    return await action();
  } finally {
    clearInterval(heartbeat);
    if (holderOf(file) === process.pid) rmSync(file, { force: true });
  }
}

async function acquire(file: string, title: string, report: Report): Promise<void> {
  const started = Date.now();
  let reminded = 0;
  while (!create(file)) {
    if (isStale(file)) {
      rmSync(file, { force: true });
      continue;
    }
    const waited = (Date.now() - started) / 1000;
    if (waited > patienceSeconds) throw stillHeld(file, title);
    if (reminded === 0 || waited - reminded > reminderSeconds) {
      reminded = Math.max(waited, 1);
      report(`${title}: waiting for process ${holderOf(file) ?? "unknown"}, which is at it already`);
    }
    await delay(250);
  }
}

function create(file: string): boolean {
  try {
    const descriptor = openSync(file, "wx", 0o600);
    writeSync(descriptor, String(process.pid));
    closeSync(descriptor);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** The process number in a lock file; undefined where there is no file or its holder has not written it yet. */
function holderOf(file: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(file, "utf8"), 10) || undefined;
  } catch {
    return undefined;
  }
}

function isStale(file: string): boolean {
  const modified = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  if (modified === undefined) return false;
  if (Date.now() - modified > staleSeconds * 1000) return true;
  const holder = holderOf(file);
  return holder !== undefined && !isAlive(holder);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function touch(file: string): void {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch {
    // Taken over after this process was held up for long: its result is still good, and the rename settles whose is kept.
  }
}

function stillHeld(file: string, title: string): UserError {
  return new UserError(`${title} did not come to an end in another process.`, [
    {
      path: file,
      expected: `to be released within ${patienceSeconds / 60} minutes`,
      found: `held by process ${holderOf(file) ?? "unknown"}`,
      hint: "end that process, or remove the file if it does something else, and run the command again",
    },
  ]);
}
