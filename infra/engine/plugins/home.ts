import { lstatSync, mkdirSync, readlinkSync, renameSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { executables } from "./build";
import type { Plugin } from "./index";

/** What a home has under a plugin's name and version: Pulumi's own, one that was built here, or nothing that works. */
export type Installed = "official" | "built" | "none";

/** The folder that the engine looks for a plugin in. */
function folder(home: string, { name, version }: Plugin): string {
  return join(home, "plugins", `resource-${name}-v${version}`);
}

function executable(home: string, plugin: Plugin): string {
  return join(folder(home, plugin), `pulumi-resource-${plugin.name}`);
}

/**
 * Looks a plugin up.
 * @param home The engine's home.
 */
export function installed(home: string, plugin: Plugin): Installed {
  const path = executable(home, plugin);
  // What a download that was cut short leaves behind; the engine does not count such a plugin as installed either.
  if (statSync(`${folder(home, plugin)}.partial`, { throwIfNoEntry: false })) return "none";
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return "none";
  return lstatSync(path).isSymbolicLink() ? "built" : "official";
}

/**
 * Puts a plugin that was built here into a home. It is a link into the cache, so that the engine keeps no second copy, and a
 * cache that was removed shows at once.
 * @param home The engine's home.
 * @param directory The folder of the cache with the executables.
 */
export function link(home: string, plugin: Plugin, directory: string): void {
  const target = join(directory, executables[plugin.name] ?? plugin.name);
  const path = executable(home, plugin);
  const leftovers = [".partial", ".lock"].map((suffix) => `${folder(home, plugin)}${suffix}`);
  if (linkTarget(path) === target && !statSync(leftovers[0] ?? "", { throwIfNoEntry: false })) return;
  mkdirSync(folder(home, plugin), { recursive: true, mode: 0o700 });
  const fresh = `${path}.${process.pid}`;
  rmSync(fresh, { force: true });
  symlinkSync(target, fresh);
  renameSync(fresh, path);
  for (const leftover of leftovers) rmSync(leftover, { force: true });
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // Nothing there, or no link.
  }
}
