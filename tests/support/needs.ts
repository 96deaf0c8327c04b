import { existsSync } from "node:fs";
import { join } from "node:path";
import { elapsed, Stopwatch } from "../../infra/cli/display";
import { repositoryDir } from "../../infra/core/paths";
import type { Report } from "../../infra/core/report";
import { ensureDocker } from "../../infra/docker/ensure";
import { installPackages } from "../../infra/docker/system";
import { ensureEngine } from "../../infra/engine";
import { ensurePlugins } from "../../infra/engine/plugins";
import { ensureImages } from "../../infra/images";

/** Something that tests need on this machine, and how it gets there. */
interface Need {
  readonly title: string;
  ensure(report: Report): Promise<void>;
}

/** The browser that end-to-end tests use. */
export const browserPath = "/usr/bin/chromium";

const engine: Need = {
  title: "Pulumi engine and plugins",
  async ensure(report) {
    await ensurePlugins(await ensureEngine(report), report);
  },
};
const docker: Need = { title: "Docker Engine", ensure: ensureDocker };
const images: Need = {
  title: "Images",
  async ensure(report) {
    await ensureImages(report, { addonsDir: join(repositoryDir, "addons"), odooVersion: "19.0", mail: true });
  },
};
const browser: Need = {
  title: "Chromium",
  async ensure(report) {
    if (!existsSync(browserPath)) await installPackages(["chromium", "fonts-dejavu-core"], report);
  },
};

/** What each kind of test needs, in the order in which it is prepared. */
const needs: Readonly<Record<string, readonly Need[]>> = {
  engine: [engine, docker, images],
  stacks: [engine, docker, images],
  e2e: [engine, docker, images, browser],
  bench: [engine, docker, images],
};

/**
 * Prepares what some kinds of tests need, each need once.
 * @param kinds `unit`, `engine` …
 * @param report Receives progress, with how long each took.
 * @returns how many could not be had; the tests that need them will say the same.
 */
export async function prepare(kinds: readonly string[], report: Report): Promise<number> {
  const watch = new Stopwatch();
  let missing = 0;
  for (const need of new Set(kinds.flatMap((kind) => needs[kind] ?? []))) {
    try {
      await watch.time(need.title, () => need.ensure((line) => report(`${need.title}: ${line}`)));
      report(`${need.title}: there (${elapsed(watch.seconds(need.title))})`);
    } catch (error) {
      missing += 1;
      const why = error instanceof Error ? error.message : String(error);
      report(`${need.title}: MISSING after ${elapsed(watch.seconds(need.title))}: ${why}`);
    }
  }
  return missing;
}
