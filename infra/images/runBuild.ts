import type { Report } from "../core/report";
import type { DockerEngine } from "../docker/engine";
import { build, type Build } from "./argv";
import { buildFailed, classify, diskFull, nothingReachable, reason } from "./failure";
import { neededBytes } from "./space";

/**
 * Runs a build and explains its failure.
 * @param engine The Engine that builds.
 * @param what What is built.
 * @param report Receives progress, at most a line every other second.
 */
export async function runBuild(engine: DockerEngine, what: Build, report: Report): Promise<void> {
  report(`${what.tag}: building`);
  const { exitCode, tail } = await engine.follow(build(what), (line) => report(`${what.tag}: ${line}`));
  if (exitCode === 0) return;
  const kind = classify(tail);
  if (kind === "disk-full") throw diskFull("Docker's data", neededBytes["odoo-base"], undefined);
  if (kind === "unreachable") {
    throw nothingReachable([
      {
        path: what.tag,
        expected: "the packages that it is made of",
        found: reason(tail),
        hint: "is the machine connected to Debian's archive (or the mirror that apt is set to use) and to PyPI?",
      },
    ]);
  }
  throw buildFailed(what.tag, tail);
}
