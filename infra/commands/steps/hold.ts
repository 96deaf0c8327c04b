import { allEnded } from "../../core/allEnded";
import { attempt, run } from "../../core/exec";
import { labels } from "../../core/labels";
import { until } from "../../core/until";
import { inProxies } from "../../swarm/proxies";
import { serviceContainers, serviceNames } from "../../swarm/services";
import { type Argv, exec, onContainer } from "../docker";
import * as proxy from "../proxy";
import type { StepModule } from "../step";

/** When PostgreSQL is started again, and what is done before or after. */
export interface HoldInput {
  /** `begin` has requests wait, `end` lets them go on. */
  readonly phase: "begin" | "end";
  /** The manager's Engine, as `DOCKER_HOST` names it. */
  readonly manager: string;
  /** The Engines of all machines. */
  readonly dockerHosts: readonly string[];
  readonly stack: string;
  /** The proxies' containers, each as `inEngine` names it. */
  readonly proxies: readonly string[];
  /** ID of the operator's image: from it is what lets requests go on when this `up` does not get to its end. */
  readonly operator: string;
  /** What PostgreSQL runs with: a change starts it again. */
  readonly runsWith: string;
}

/** What it ran with last. */
export interface HoldResult {
  readonly runsWith: string;
}

/** The longest that requests are held, in seconds: PostgreSQL may have to write a lot down. */
const maxHoldSeconds = 120;
/** Requests under way may take this long, in seconds. */
const drainSeconds = 15;
/** An `up` that has not let requests go on after this has been interrupted, in seconds. */
const watchdogSeconds = 60;
/** A container is made within this after its service was changed, by clocks that differ a little, in seconds. */
const clockSeconds = 2;

/**
 * Has requests wait while an `up` starts PostgreSQL again because of what it runs with. The first `up` starts it without anybody to
 * wait. The proxy itself would hold them until it is told: should this `up` fail or be interrupted in between, a container on its
 * machine tells it.
 */
export const step: StepModule<HoldInput, HoldResult> = {
  async apply(input, report, before) {
    const { runsWith, phase } = input;
    if (before && before.runsWith !== runsWith) {
      report(phase === "begin" ? "Holding requests: PostgreSQL is started again." : "Waiting for PostgreSQL.");
      await (phase === "begin" ? begin(input) : end(input));
    }
    return { runsWith };
  },
  remove: () => Promise.resolve(),
};

const watchdogName = (stack: string): string => `${stack}-hold`;

/** Starts a container on the machine of a proxy that lets requests go on after a while. */
export function watchdogArgv(container: string, { stack, operator }: Pick<HoldInput, "stack" | "operator">): Argv {
  const options = ["--volume", "/var/run/docker.sock:/var/run/docker.sock", "--network", "none", "--init"];
  const marks = Object.entries(labels(stack, "job")).flatMap(([key, value]) => ["--label", `${key}=${value}`]);
  return onContainer(container, (id) => [
    ...["docker", "run", "--detach", "--rm", "--name", watchdogName(stack), ...marks, ...options],
    ...["--entrypoint", "sh", operator, "-c"],
    `sleep ${watchdogSeconds}; ${exec(id, proxy.resume(stack)).join(" ")}`,
  ]);
}

async function begin(input: HoldInput): Promise<void> {
  const { proxies, stack } = input;
  await endWatchdogs(input);
  await allEnded(proxies.map((container) => run(watchdogArgv(container, input), { timeoutSeconds: 60 })));
  // Where nothing is routed yet, nobody waits.
  await inProxies(proxies, proxy.pause(stack, maxHoldSeconds, drainSeconds), drainSeconds + 30).catch(() => undefined);
}

async function end(input: HoldInput): Promise<void> {
  try {
    await until("PostgreSQL is well again", maxHoldSeconds, () => isNew(input));
  } finally {
    // Not later than this: it must not end the hold of a release.
    await endWatchdogs(input);
    await inProxies(input.proxies, proxy.resume(input.stack), 30).catch(() => undefined);
  }
}

const endWatchdogs = ({ proxies, stack }: HoldInput) =>
  allEnded(
    proxies.map((container) =>
      attempt(
        onContainer(container, () => ["docker", "rm", "--force", watchdogName(stack)]),
        { timeoutSeconds: 30 },
      ),
    ),
  );

/**
 * When a service was changed last. Swarm moves `UpdatedAt` on once more when it has finished, long after the new container was made,
 * and has a status of the change only from when it begins with it.
 */
const changedFormat = "{{if .UpdateStatus}}{{.UpdateStatus.StartedAt}}{{else}}{{.UpdatedAt}}{{end}}";

/** Whether the container of the service as it is now answers: not the one that is about to end. */
async function isNew(input: HoldInput): Promise<boolean> {
  const of = { ...input, role: "postgres" } as const;
  const env = { DOCKER_HOST: input.manager };
  const time = (text: string) =>
    Date.parse(
      text
        .trim()
        .replace(/ [+-]\d{4} \w+$/, "Z")
        .replace(" ", "T"),
    );
  const [service = ""] = await serviceNames(of);
  const inspect = ["docker", "service", "inspect", "--format", changedFormat, service];
  const updated = await run(inspect, { env, timeoutSeconds: 30 });
  const [healthy] = await serviceContainers(of, "healthy");
  if (healthy === undefined) return false;
  const asked = onContainer(healthy, (id) => ["docker", "inspect", "--format", "{{.Created}}", id]);
  const created = await run(asked, { timeoutSeconds: 30 });
  return time(created) >= time(updated) - clockSeconds * 1000;
}
