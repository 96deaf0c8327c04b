import { attempt, run } from "../../core/exec";
import { labels } from "../../core/labels";
import { until } from "../../core/until";
import { containersWithLabels, exec, servicesWithLabels } from "../docker";
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
  /** Name of the proxy's container. */
  readonly proxy: string;
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
 * wait. The proxy itself would hold them until it is told: should this `up` fail or be interrupted in between, a container on the
 * manager tells it.
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

async function begin(input: HoldInput): Promise<void> {
  const { manager, proxy: container, stack, operator } = input;
  const env = { DOCKER_HOST: manager };
  await endWatchdog(input);
  const resume = exec(container, proxy.resume(stack)).join(" ");
  const options = ["--volume", "/var/run/docker.sock:/var/run/docker.sock", "--network", "none", "--init"];
  const marks = Object.entries(labels(stack, "job")).flatMap(([key, value]) => ["--label", `${key}=${value}`]);
  const watchdog = ["docker", "run", "--detach", "--rm", "--name", watchdogName(stack), ...marks, ...options];
  const script = `sleep ${watchdogSeconds}; ${resume}`;
  await run([...watchdog, "--entrypoint", "sh", operator, "-c", script], { env, timeoutSeconds: 60 });
  // Where nothing is routed yet, nobody waits.
  const argv = exec(container, proxy.pause(stack, maxHoldSeconds, drainSeconds));
  await attempt(argv, { env, timeoutSeconds: drainSeconds + 30 });
}

async function end(input: HoldInput): Promise<void> {
  const env = { DOCKER_HOST: input.manager };
  try {
    await until("PostgreSQL is well again", maxHoldSeconds, () => isNew(input));
  } finally {
    // Not later than this: it must not end the hold of a release.
    await endWatchdog(input);
    await attempt(exec(input.proxy, proxy.resume(input.stack)), { env, timeoutSeconds: 30 });
  }
}

const endWatchdog = ({ manager, stack }: HoldInput) =>
  attempt(["docker", "rm", "--force", watchdogName(stack)], { env: { DOCKER_HOST: manager }, timeoutSeconds: 30 });

/** Whether the container of the service as it is now answers: not the one that is about to end. */
async function isNew({ manager, dockerHosts, stack }: HoldInput): Promise<boolean> {
  const filters = Object.entries(labels(stack, "postgres")).map(([key, value]) => `${key}=${value}`);
  const lines = async (argv: readonly string[], host: string) =>
    (await run(argv, { env: { DOCKER_HOST: host }, timeoutSeconds: 30 })).split("\n").filter(Boolean);
  const time = (text: string | undefined) => Date.parse((text ?? "").replace(/ [+-]\d{4} \w+$/, "Z").replace(" ", "T"));
  const [service = ""] = await lines(servicesWithLabels(filters), manager);
  const inspect = ["docker", "service", "inspect", "--format", "{{.UpdatedAt}}", service];
  const [updated] = await lines(inspect, manager);
  for (const host of dockerHosts) {
    const [healthy] = await lines(containersWithLabels(filters, false, "healthy"), host);
    if (!healthy) continue;
    const [created] = await lines(["docker", "inspect", "--format", "{{.Created}}", healthy], host);
    return time(created) >= time(updated) - clockSeconds * 1000;
  }
  return false;
}
