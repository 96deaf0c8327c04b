import { setTimeout as delay } from "node:timers/promises";
import * as docker from "../commands/docker";
import { attempt, run } from "../core/exec";
import { labels } from "../core/labels";
import { describeFailure, findFailures, readLogs } from "./logs";
import type { ReleasePlan } from "./plan";
import { findContainers } from "../swarm/engines";
import { peersMount } from "./client";
import { readMachines } from "./peers";
import { ownImage } from "./self";
import { readWatched, type Watched, writeWatched } from "./watched";

/** What is watched after a release. Handed over as JSON. */
export interface WatchPlan {
  /** The release. */
  readonly id: string;
  readonly stack: string;
  /** Names of its web services. */
  readonly webServices: readonly string[];
  /** From when to when, ISO 8601. */
  readonly since: string;
  readonly until: string;
  /** Patterns of log lines that are no failure. */
  readonly allowedLogLines: readonly string[];
}

/** Name of the container that watches; the next release puts its own in this one's place. */
export const watchName = (stack: string): string => `${stack}-watch`;

/** The logs are read so often, in seconds: each time from the release on, since an entry may be half written. */
const readSeconds = 20;
/** Errors that are described; the others are counted. */
const mostFailures = 20;
/** It keeps no more than the logs that it reads. */
const memory = "256m";

/** Starts a watch that goes on by itself, also after a restart of the machine. It sees the Engines and the releases alone. */
export const watchArgv = (image: string, releases: string, plan: WatchPlan, hasPeers = false): docker.Argv => [
  ...["docker", "run", "--detach", "--init", "--name", watchName(plan.stack), "--restart", "unless-stopped"],
  ...Object.entries(labels(plan.stack, "watch")).flatMap(([key, value]) => ["--label", `${key}=${value}`]),
  // Without others it needs no network.
  ...(hasPeers ? [...peersMount, "--tmpfs", "/tmp"] : ["--network", "none"]),
  ...["--volume", "/var/run/docker.sock:/var/run/docker.sock", "--volume", `${releases}:/releases`],
  ...["--memory", memory, "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"],
  ...["--log-opt", "max-size=10m", "--log-opt", "max-file=2"],
  ...[image, "watch", JSON.stringify(plan)],
];

/**
 * Has the logs of a version that has just been released watched, in a container of its own: the operator's own would keep the
 * next release from beginning.
 * @param since When requests went to the version, ISO 8601.
 */
export async function startWatch(plan: ReleasePlan, since: string): Promise<void> {
  await endWatch(plan.stack);
  // A release that was begun by an earlier version of this project has no such number.
  if (!(plan.watchSeconds > 0)) return;
  const { id, stack, webServices, allowedLogLines, volumes } = plan;
  const until = new Date(Date.now() + plan.watchSeconds * 1000).toISOString();
  const watch = { id, stack, webServices, since, until, allowedLogLines };
  const argv = watchArgv(await ownImage(), volumes.releases, watch, readMachines() !== undefined);
  await run(argv, { timeoutSeconds: 60 });
}

/** Ends the watch of an earlier release, if there is one. */
export async function endWatch(stack: string): Promise<void> {
  await attempt(["docker", "rm", "--force", watchName(stack)], { timeoutSeconds: 60 });
}

/**
 * Watches the logs until the time is over. What turns up is kept at once.
 * @param folder Where the volume of the releases is mounted.
 * @param tell Receives what is known, whenever the logs have been read.
 * @param read Returns the lines of each container. @default those of the version and of its scheduled jobs
 */
export async function watch(
  plan: WatchPlan,
  folder: string,
  tell: (watched: Watched) => void,
  read: (plan: WatchPlan) => Promise<readonly (readonly string[])[]> = linesSince,
): Promise<void> {
  const { id, since, until } = plan;
  const earlier = readWatched(folder, id);
  const found = new Map<string, string>((earlier?.failures ?? []).map((text) => [firstLine(text), text]));
  for (;;) {
    const readAt = new Date();
    for (const lines of await read(plan)) {
      for (const failure of findFailures(lines, plan.allowedLogLines)) {
        const text = describeFailure(failure);
        found.set(firstLine(text), text);
      }
    }
    const failures = [...found.values()].slice(0, mostFailures);
    const errors = Math.max(found.size, earlier?.errors ?? 0);
    const watched: Watched = { since, until, readAt: readAt.toISOString(), errors, failures };
    writeWatched(folder, id, watched);
    tell(watched);
    const left = Date.parse(until) - readAt.getTime();
    if (left <= 0) return;
    await delay(Math.min(left, readSeconds * 1000));
  }
}

/** It has the time to the millisecond, which tells entries apart. */
const firstLine = (text: string): string => text.split("\n")[0] ?? "";

/** What the version's web containers and those of its scheduled jobs have written since, also those that have ended. */
async function linesSince({ stack, webServices, since }: WatchPlan): Promise<readonly (readonly string[])[]> {
  const cron = Object.entries(labels(stack, "odoo-cron")).map(([key, value]) => `${key}=${value}`);
  const ids = await Promise.all(
    [...webServices.map((service) => [`com.docker.swarm.service.name=${service}`]), cron].map(async (filters) => {
      // A machine that does not answer now may do so the next time.
      return findContainers(filters, { all: true }).catch(() => []);
    }),
  );
  const logs = ids.flat().map((container) =>
    // One that Swarm removes in this moment has nothing more to say.
    readLogs([container], new Date(since)).catch(() => []),
  );
  return (await Promise.all(logs)).flat().map(({ lines }) => lines);
}
