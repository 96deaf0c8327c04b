import { randomBytes } from "node:crypto";
import { chmodSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

import { UserError } from "../core/errors";
import { stateDir } from "../core/paths";

/** How many random bytes a passphrase is made of. 32 are as many as the key that Pulumi derives from it. */
const passphraseBytes = 32;

/**
 * The file with the passphrase of everyone of this user's stacks, made with a random one where there is none yet. It is one
 * for all of them, because a stack that refers to another reads that stack's secrets with its own passphrase.
 * @param backend The URL of the backend with the stacks.
 * @returns the file's path; it can be read by this user only.
 * @throws UserError where the file is gone while there are stacks: a new passphrase would not open them.
 */
export function ensurePassphraseFile(backend: string): string {
  const file = join(stateDir(), "passphrase");
  if (holdsPassphrase(file)) {
    if (statSync(file).mode & 0o077) chmodSync(file, 0o600);
    return file;
  }
  const stacks = stacksDir(backend);
  if (stacks && hasStacks(stacks)) throw passphraseLost(file, stacks);
  createPassphrase(file);
  return file;
}

function holdsPassphrase(file: string): boolean {
  try {
    return readFileSync(file, "utf8").trim() !== "";
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error; // It is there but can't be read: not a reason to make another.
  }
}

/** Appears complete or not at all, and never in the place of one that another process has made meanwhile. */
function createPassphrase(file: string): void {
  mkdirSync(stateDir(), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, `${randomBytes(passphraseBytes).toString("base64url")}\n`, { mode: 0o600, flush: true });
  try {
    if (statSync(file, { throwIfNoEntry: false })?.size === 0) rmSync(file);
    linkSync(fresh, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(fresh);
  }
}

/** Where a file backend keeps its stacks; undefined for backends elsewhere, which can't be looked into. */
function stacksDir(backend: string): string | undefined {
  if (!backend.startsWith("file://")) return undefined;
  const directory = backend.slice("file://".length).replace(/^~/, homedir());
  return join(resolve(directory), ".pulumi", "stacks");
}

function hasStacks(directory: string): boolean {
  try {
    return readdirSync(directory, { recursive: true }).some((name) => /\.json(\.gz|\.zst)?$/.test(String(name)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

function passphraseLost(file: string, stacks: string): UserError {
  return new UserError("The passphrase of the stacks is missing.", [
    {
      path: file,
      expected: `the passphrase that the stacks in ${stacks} were made with`,
      found: "no file, or an empty one",
      hint: "put the file back from a backup, or set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE. Without it their secrets can't be read; a new one is made only where there are no stacks.",
    },
  ]);
}
