import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Report } from "../core/report";
import { withLock } from "./lock";

const manifestFile = "manifest.json";

/** What a folder of the cache holds; written last, so that a folder with a manifest was complete once. */
interface Manifest {
  /** What the folder was made from; a folder made from something else is made again. */
  readonly key: string;
  /** Size in bytes and modification time in milliseconds of the files that must not have changed. */
  readonly files: Readonly<Record<string, { readonly size: number; readonly mtimeMs: number }>>;
}

/** A folder of the cache and how it is made. */
export interface CacheEntry {
  /** Where it is; the folders above it are made when missing. */
  readonly directory: string;
  /** What it is made from: versions, checksums of sources. Another key means that it is made again. */
  readonly key: string;
  /** What it is called in progress lines. */
  readonly title: string;
  /**
   * Fills an empty folder, which becomes the entry when it returns.
   * @param directory The empty folder; not the one where the entry ends up.
   * @returns the files that are checked before each use, relative to the folder.
   */
  make(directory: string): Promise<readonly string[]>;
}

/**
 * Whether an entry is complete and made from what it should be. It costs a few file system calls: contents are not read,
 * because a truncated or overwritten file shows in its size or its modification time.
 */
export function isComplete(entry: Pick<CacheEntry, "directory" | "key">): boolean {
  try {
    const manifest = JSON.parse(readFileSync(join(entry.directory, manifestFile), "utf8")) as Manifest;
    if (manifest.key !== entry.key) return false;
    return Object.entries(manifest.files).every(([file, expected]) => {
      const { size, mtimeMs } = statSync(join(entry.directory, file));
      return size === expected.size && mtimeMs === expected.mtimeMs;
    });
  } catch {
    return false; // Missing, half-written or not a manifest at all: all mean that it has to be made.
  }
}

/**
 * Returns an entry's folder, made if it is missing, broken or out of date. It appears by a rename, so that nobody ever sees
 * half of it, and a lock keeps two processes from doing the work twice.
 * @param report Receives progress while it is made; nothing is said where it is there.
 */
export async function ensureCached(entry: CacheEntry, report: Report): Promise<string> {
  if (isComplete(entry)) return entry.directory;
  mkdirSync(dirname(entry.directory), { recursive: true, mode: 0o700 });
  await withLock(`${entry.directory}.lock`, entry.title, report, async () => {
    if (isComplete(entry)) return; // Another process made it while this one waited.
    removeLeftovers(entry.directory);
    const making = `${entry.directory}.making-${process.pid}`;
    try {
      mkdirSync(making, { recursive: true });
      writeManifest(making, entry.key, await entry.make(making));
      replaceDirectory(making, entry.directory);
    } finally {
      rmSync(making, { recursive: true, force: true });
    }
  });
  return entry.directory;
}

function writeManifest(directory: string, key: string, files: readonly string[]): void {
  const facts = files.map((file) => {
    const { size, mtimeMs } = statSync(join(directory, file));
    return [file, { size, mtimeMs }] as const;
  });
  const manifest: Manifest = { key, files: Object.fromEntries(facts) };
  writeFileSync(join(directory, manifestFile), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

/** Puts a folder in the place of another, which may be missing; programs that run from the old one go on running. */
function replaceDirectory(from: string, to: string): void {
  const old = `${to}.old-${process.pid}`;
  try {
    renameSync(to, old);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  renameSync(from, to);
  rmSync(old, { recursive: true, force: true });
}

/** Removes what a process that was killed left beside an entry; only called by whoever holds the entry's lock. */
function removeLeftovers(directory: string): void {
  const parent = dirname(directory);
  for (const name of readdirSync(parent)) {
    const path = join(parent, name);
    if (path.startsWith(`${directory}.making-`) || path.startsWith(`${directory}.old-`))
      rmSync(path, { recursive: true, force: true });
  }
}
