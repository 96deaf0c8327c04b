import { attempt, run } from "../../core/exec";
import { labels } from "../../core/labels";
import { until } from "../../core/until";
import { containersWithLabels, exec, restartService, servicesWithLabels } from "../docker";
import * as proxy from "../proxy";
import type { StepModule } from "../step";

/** Which service is restarted, and when. */
export interface RestartInput {
  /** The manager's Engine, as `DOCKER_HOST` names it. */
  readonly manager: string;
  /** The Engines of all machines. */
  readonly dockerHosts: readonly string[];
  readonly stack: string;
  readonly role: "odoo-web" | "odoo-cron" | "postgres";
  /** Name of the proxy's container. */
  readonly proxy: string;
  /** A new value restarts; the first one does not, since everything has just been started. */
  readonly trigger: string;
}

/** What it was asked for last. */
export interface RestartResult {
  readonly trigger: string;
}

/** The longest that requests are held for a restart, in seconds; PostgreSQL may have to write a lot down. */
const maxHoldSeconds = 120;

/** Restarts a service when its trigger changes, with requests held until it is well again. */
export const step: StepModule<RestartInput, RestartResult> = {
  async apply(input, report, before) {
    if (!before || before.trigger === input.trigger) return { trigger: input.trigger };
    const env = { DOCKER_HOST: input.manager };
    const filters = Object.entries(labels(input.stack, input.role)).map(([key, value]) => `${key}=${value}`);
    const lines = async (argv: readonly string[], host = input.manager) =>
      (await run(argv, { env: { DOCKER_HOST: host }, timeoutSeconds: 30 })).split("\n").filter(Boolean);
    const everywhere = async (argv: readonly string[]) =>
      (await Promise.all(input.dockerHosts.map((host) => lines(argv, host)))).flat();
    const services = await lines(servicesWithLabels(filters));
    const old = new Set(await everywhere(containersWithLabels(filters)));
    const inProxy = (argv: readonly string[]) => run(exec(input.proxy, argv), { env, timeoutSeconds: 60 });
    const hold = input.role !== "odoo-cron";
    if (hold) await inProxy(proxy.pause(input.stack, maxHoldSeconds, 15));
    try {
      for (const service of services) {
        report(`Restarting ${service}.`);
        await run(restartService(service), { env, timeoutSeconds: 60 });
      }
      await until(`${input.role} is well again`, maxHoldSeconds, async () => {
        const healthy = await everywhere(containersWithLabels(filters, false, "healthy"));
        return healthy.length >= services.length && healthy.every((id) => !old.has(id));
      });
    } finally {
      if (hold) await attempt(exec(input.proxy, proxy.resume(input.stack)), { env, timeoutSeconds: 30 });
    }
    return { trigger: input.trigger };
  },
  remove: () => Promise.resolve(),
};
