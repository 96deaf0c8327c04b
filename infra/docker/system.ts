import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../core/exec";
import type { Report } from "../core/report";

/** What matters of the machine for installing something on it. */
export interface System {
  readonly root: boolean;
  /** Debian or Ubuntu, or one that says it is like them. */
  readonly debianLike: boolean;
  /** Its name as it gives it itself, such as `Debian GNU/Linux 12 (bookworm)`. */
  readonly name: string;
  /** Whether systemd runs it, and starts its services. */
  readonly systemd: boolean;
  /** Whether a program is on PATH, or where an administrator's PATH would have it. */
  has(program: string): boolean;
}

/** Looks at this machine. */
export function readSystem(): System {
  const release = parseRelease(readIfThere("/etc/os-release"));
  return {
    root: process.getuid?.() === 0,
    debianLike: isDebianLike(release),
    name: release.PRETTY_NAME ?? process.platform,
    systemd: existsSync("/run/systemd/system"),
    has: (program) => findProgram(program) !== undefined,
  };
}

/** The path of a program, or `undefined`. */
export function findProgram(program: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/sbin", "/usr/local/sbin"].filter(Boolean);
  return folders.map((folder) => join(folder, program)).find((path) => isExecutable(path));
}

/** The settings in a file such as `/etc/os-release`. */
export function parseRelease(text: string): Readonly<Record<string, string>> {
  const pairs = [...text.matchAll(/^([A-Z_]+)=(?:"(.*)"|'(.*)'|(.*))$/gm)];
  return Object.fromEntries(pairs.map(([, key = "", double, single, bare]) => [key, double ?? single ?? bare ?? ""]));
}

/** Whether Debian's packages and their names are those of this system. */
export function isDebianLike(release: Readonly<Record<string, string>>): boolean {
  const names = [release.ID ?? "", ...(release.ID_LIKE ?? "").split(" ")];
  return names.includes("debian") || names.includes("ubuntu");
}

/**
 * Installs Debian packages, saying so. Needs root.
 * @param packages Their names.
 * @param report Receives progress.
 */
export async function installPackages(packages: readonly string[], report: Report): Promise<void> {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  report(`installing ${packages.join(", ")} with apt-get …`);
  await run(["apt-get", "update", "--quiet"], { env, timeoutSeconds: 600 });
  const argv = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", ...packages];
  await run(argv, { env, timeoutSeconds: 1_800 });
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
