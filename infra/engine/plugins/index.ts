import { join } from "node:path";

import { cacheDir } from "../../core/paths";
import type { Report } from "../../core/report";
import { ensureCached } from "../cache";
import type { Engine } from "../index";
import { packageVersion } from "../version";
import { offlinePlugins } from "./build";
import { canDownload } from "./download";
import { installed, link } from "./home";

/** A resource plugin that this project's programs need. */
export interface Plugin {
  /** Its name, as in `docker`. */
  readonly name: string;
  /** The version that its npm package asks the engine for. */
  readonly version: string;
}

/** The plugins that every target needs; `aws` is not among them, because only Pulumi's own plugin can serve it. */
export const plugins: readonly Plugin[] = ["docker", "random", "command"].map((name) => ({
  name,
  version: packageVersion(`@pulumi/${name}`),
}));

/**
 * Sees to it that the engine has its resource plugins. Where Pulumi's own are there or can be downloaded, it does nothing,
 * because the engine fetches them by itself. Elsewhere they are built from Go's module registry, once per user and version,
 * and put into the engine's home; that takes two to three minutes on two cores. When they are there it takes milliseconds.
 * @param engine The engine that will use them.
 * @param report Receives progress while they are built.
 * @returns the engine to go on with: the same, but with a home of this project's own where plugins built here would
 *   otherwise end up in the home of the user's own Pulumi and so in their other projects.
 * @throws UserError where they can be neither downloaded nor built.
 */
export async function ensurePlugins(engine: Engine, report: Report): Promise<Engine> {
  const official = engine.source !== "built";
  if (official && plugins.every((plugin) => installed(engine.home, plugin) === "official")) return engine;
  if (official && (await canDownload(plugins))) return engine;

  const home = engine.source === "path" && !process.env.PULUMI_HOME ? join(cacheDir(), "pulumi-home") : engine.home;
  const missing = plugins.filter((plugin) => installed(home, plugin) !== "official");
  if (missing.length > 0) {
    const directory = await ensureCached(offlinePlugins(report), report);
    for (const plugin of missing) link(home, plugin, directory);
  }
  return { ...engine, home };
}
