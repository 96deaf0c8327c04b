import { realpathSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

import { UserError } from "../core/errors";
import { cacheDir } from "../core/paths";
import type { Report } from "../core/report";
import { buildEngine, engineModule } from "./buildEngine";
import { type CacheEntry, ensureCached, isComplete } from "./cache";
import { downloadEngine } from "./download";
import { moduleKey } from "./goModule";
import { ensureLanguageHost } from "./languageHost";
import { findOnPath } from "./onPath";
import { pinnedVersion } from "./version";

export { ensureKamalProxy } from "./kamalProxy";

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
 * built from Go's module registry. What was downloaded or built stays in the cache and is found there in milliseconds,
 * without a look at the network. `ODOO_STACKS_ENGINE` (`path`, `download` or `built`) allows one source only.
 * @param report Receives progress where it takes time.
 * @throws UserError where there is none, saying what was tried.
 */
export async function ensureEngine(report: Report): Promise<Engine> {
  const allowed = allowedSources();
  if (allowed.includes("path")) {
    const found = await findOnPath(report);
    if (found) return describe("path", dirname(found.pulumi), found.version);
    if (allowed.length === 1) throw notOnPath();
  }
  const makers = allowed.filter((source) => source !== "path");
  const cached = makers.find((source) => isComplete(cacheEntry(source, report)));
  if (cached) return fromCache(cached, report);
  if (makers.includes("download") && makers.includes("built")) {
    try {
      return await fromCache("download", report);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      report(`${error.summary} (${error.problems[0]?.found ?? "no reason given"}). It is built here instead.`);
    }
  }
  return fromCache(makers.includes("built") ? "built" : "download", report);
}

/** A source whose engine is kept in the cache. */
type CachedSource = Exclude<EngineSource, "path">;

async function fromCache(source: CachedSource, report: Report): Promise<Engine> {
  const directory = await ensureCached(cacheEntry(source, report), report);
  // The engine compares folders by name to tell its own language host from a stranger's: links must not show in it.
  const binDir = realpathSync(join(directory, "bin"));
  if (source === "built") await ensureLanguageHost(binDir, report);
  return describe(source, binDir, pinnedVersion);
}

function cacheEntry(source: CachedSource, report: Report): CacheEntry {
  return {
    directory: join(cacheDir(), "engine", `${pinnedVersion}-${source}`),
    key: source === "built" ? moduleKey(engineModule) : `${pinnedVersion} ${process.platform} ${process.arch}`,
    title: `Pulumi ${pinnedVersion}`,
    make: (directory) => (source === "download" ? downloadEngine : buildEngine)(directory, report),
  };
}

function describe(source: EngineSource, binDir: string, version: string): Engine {
  const own = source === "path" ? join(homedir(), ".pulumi") : join(cacheDir(), "pulumi-home");
  return { pulumi: join(binDir, "pulumi"), binDir, home: process.env.PULUMI_HOME ?? own, version, source };
}

function allowedSources(): readonly EngineSource[] {
  const asked = process.env.ODOO_STACKS_ENGINE;
  if (!asked) return engineSources;
  const only = engineSources.find((source) => source === asked);
  if (only) return [only];
  throw new UserError("There is no such source of engines.", [
    { path: "ODOO_STACKS_ENGINE", expected: engineSources.join(", "), found: asked },
  ]);
}

function notOnPath(): UserError {
  return new UserError("There is no Pulumi on PATH that can be used.", [
    {
      path: "PATH",
      expected: `pulumi ${pinnedVersion} or newer with pulumi-language-nodejs beside it`,
      found: "none",
      hint: "install it (https://www.pulumi.com/docs/install/), or unset ODOO_STACKS_ENGINE to let it be found or built",
    },
  ]);
}
