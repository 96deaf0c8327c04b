import { join } from "node:path";

import { UserError } from "../core/errors";
import { cacheDir } from "../core/paths";
import type { Report } from "../core/report";
import { isComplete } from "./cache";
import { findOnPath } from "./onPath";
import { pinnedVersion } from "./version";

/** Where an engine can come from, in the order in which they are tried. */
export const engineSources = ["path", "download", "built"] as const;

/** Where an engine comes from. */
export type EngineSource = (typeof engineSources)[number];

/** A Pulumi engine that is ready for use. */
export interface Engine {
  /** The absolute path of its executable. */
  readonly pulumi: string;
  /** The folder with the executable and its language host. */
  readonly binDir: string;
  /** Pulumi's home (`PULUMI_HOME`): where it keeps plugins. */
  readonly home: string;
  /** Its version, as in `3.259.0`. */
  readonly version: string;
  readonly source: EngineSource;
}

/**
 * Finds the engine: `pulumi` on PATH if it is new enough and has its language host, else Pulumi's official download, else
 * built from Go's module registry. What was downloaded or built stays in the cache and is found there without a look at the
 * network. `ODOO_STACKS_ENGINE` (`path`, `download` or `built`) allows one source only.
 * @param report Receives progress where it takes time.
 * @throws UserError where there is none, saying what was tried.
 */
export async function ensureEngine(report: Report): Promise<Engine> {
  const only = requestedSource();
  const wanted = only ? [only] : engineSources;
  if (wanted.includes("path")) {
    const found = await findOnPath();
    if (found) return engine(found.pulumi, "path", found.version);
  }
  const candidates = wanted.filter((source) => source !== "path");
  const cached = candidates.find((source) => isComplete(cacheEntry(source)));
  const reasons: string[] = [];
  for (const source of cached ? [cached] : candidates) {
    const result = await obtain(source, report);
    if (result.engine) return result.engine;
    reasons.push(result.reason);
  }
  throw noEngine(wanted, reasons);
}
