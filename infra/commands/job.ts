import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { attempt, run } from "../core/exec";
import { labels } from "../core/labels";
import type { Report } from "../core/report";
import { runJob } from "./docker";

/** A program of `jobs/` and where it runs. */
export interface Job {
  /** The Engine, as `DOCKER_HOST` names it. */
  readonly dockerHost: string;
  /** The stack it belongs to; there is at most one job of a name and stack at a time. */
  readonly stack: string;
  /** A file in `jobs/`, without its ending. */
  readonly program: string;
  /** ID of the image it runs in. */
  readonly image: string;
  /** Names of the networks it is on; the first is where the database is. */
  readonly network: string;
  /** `volume:path` pairs. */
  readonly volumes: readonly string[];
  /** Passed on standard input, because it holds secrets. */
  readonly input: unknown;
  /** Ends it after this many seconds. */
  readonly timeoutSeconds: number;
}

/**
 * Runs a job in a container of its own, which is gone afterwards, and returns what it printed on standard output.
 * One of the same name that an interrupted `up` left behind is ended first: jobs pick up where the last one stopped.
 */
export async function runInContainer(job: Job, report: Report): Promise<string> {
  const env = { DOCKER_HOST: job.dockerHost };
  const name = `${job.stack}-job-${job.program.replaceAll("_", "-")}`;
  await attempt(["docker", "rm", "--force", name], { env, timeoutSeconds: 60 });
  const source = await readFile(join(__dirname, "jobs", `${job.program}.py`), "utf8");
  const argv = runJob({
    name,
    image: job.image,
    network: job.network,
    volumes: job.volumes,
    labels: labels(job.stack, "job"),
    command: ["python3", "-c", source],
  });
  return run(argv, { env, input: JSON.stringify(job.input), report, timeoutSeconds: job.timeoutSeconds });
}
