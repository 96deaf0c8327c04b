import {
  accessSync,
  constants,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join } from "node:path";

import { attempt } from "../core/exec";
import { cacheDir } from "../core/paths";
import type { Report } from "../core/report";
import { isCompatible, parsePulumiVersion, pinnedVersion } from "./version";

/** An engine that the user has installed. */
export interface InstalledEngine {
  /** The absolute path of the executable. */
  readonly pulumi: string;
  /** Its version, as in `3.259.0`. */
  readonly version: string;
}

/** What was found out about an executable, so that it need not be started each time to ask for its version. */
interface Remembered {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly version: string;
}

/**
 * Finds an engine on PATH that is new enough and has its own language host for Node. Ours in the cache doesn't count, so
 * that nothing changes for a user who has put it on PATH.
 * @param report Is told where there is one that can't be used.
 */
export async function findOnPath(report: Report): Promise<InstalledEngine | undefined> {
  const pulumi = findExecutable("pulumi");
  if (!pulumi) return undefined;
  const beside = join(dirname(realpathSync(pulumi)), "pulumi-language-nodejs");
  if (!isExecutable(beside) && !findExecutable("pulumi-language-nodejs")) {
    report(`${pulumi} has no language host for Node beside it and is not used`);
    return undefined;
  }
  const version = await versionOf(pulumi);
  if (version !== undefined && isCompatible(version)) return { pulumi, version };
  report(`${pulumi} is version ${version ?? "unknown"} and is not used: ${pinnedVersion} or newer is needed`);
  return undefined;
}

/** The first executable of this name on PATH, folders of our own cache left out. */
function findExecutable(name: string): string | undefined {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .filter((directory) => directory !== "" && !directory.startsWith(cacheDir()))
    .map((directory) => join(directory, name))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

async function versionOf(pulumi: string): Promise<string | undefined> {
  const { size, mtimeMs } = statSync(pulumi);
  const memory = join(cacheDir(), "engine", "on-path.json");
  const known = recall(memory);
  if (known?.path === pulumi && known.size === size && known.mtimeMs === mtimeMs) return known.version;
  const env = { PULUMI_SKIP_UPDATE_CHECK: "true" };
  const { exitCode, stdout } = await attempt([pulumi, "version"], { env, timeoutSeconds: 30 });
  const version = exitCode === 0 ? parsePulumiVersion(stdout) : undefined;
  if (version !== undefined) remember(memory, { path: pulumi, size, mtimeMs, version });
  return version;
}

function recall(file: string): Remembered | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Remembered;
  } catch {
    return undefined; // Nothing remembered yet, or half-written: the executable is asked.
  }
}

function remember(file: string, facts: Remembered): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, JSON.stringify(facts));
  renameSync(fresh, file);
}
