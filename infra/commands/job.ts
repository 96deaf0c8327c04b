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
  /** A volume that outlives stacks, and where it is mounted; Odoo's user may write to it. */
  readonly cache?: { readonly volume: string; readonly path: string };
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
  if (job.cache) await prepareCache(job, env);
  const argv = runJob({
    name,
    image: job.image,
    network: job.network,
    volumes: [...job.volumes, ...(job.cache ? [`${job.cache.volume}:${job.cache.path}`] : [])],
    labels: labels(job.stack, "job"),
    command: ["python3", "-c", await readProgram(job.program)],
  });
  return run(argv, { env, input: JSON.stringify(job.input), report, timeoutSeconds: job.timeoutSeconds });
}

/**
 * The source of a program of `jobs/`: in this folder, and beside the operator's bundle in its image.
 * @param program Its name, without its ending.
 */
export const readProgram = (program: string): Promise<string> =>
  readFile(join(__dirname, "jobs", `${program}.py`), "utf8");

/** Makes a job's cache volume where it is not there yet, and gives it to the image's own user. */
async function prepareCache({ cache, image }: Job, env: Record<string, string>): Promise<void> {
  if (
    !cache ||
    (await attempt(["docker", "volume", "inspect", cache.volume], { env, timeoutSeconds: 30 })).exitCode === 0
  )
    return;
  const own = `chown "$(id -u odoo):$(id -g odoo)" ${cache.path}`;
  const argv = [
    "docker",
    "run",
    "--rm",
    "--user",
    "0",
    "--volume",
    `${cache.volume}:${cache.path}`,
    image,
    "sh",
    "-c",
    own,
  ];
  await run(argv, { env, timeoutSeconds: 60 });
}
