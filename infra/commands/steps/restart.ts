import { run } from "../../core/exec";
import { until } from "../../core/until";
import { inProxies } from "../../swarm/proxies";
import { serviceContainers, serviceNames, type ServicesOf } from "../../swarm/services";
import { restartService } from "../docker";
import * as proxy from "../proxy";
import type { StepModule } from "../step";

/** Which service is restarted, and when. */
export interface RestartInput extends ServicesOf {
  readonly role: "odoo-web" | "odoo-cron" | "postgres";
  /** The proxies' containers, each as `inEngine` names it. */
  readonly proxies: readonly string[];
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
    const services = await serviceNames(input);
    const old = new Set(await serviceContainers(input));
    const hold = input.role !== "odoo-cron";
    try {
      if (hold) await inProxies(input.proxies, proxy.pause(input.stack, maxHoldSeconds, 15), 60);
      for (const service of services) {
        report(`Restarting ${service}.`);
        await run(restartService(service), { env: { DOCKER_HOST: input.manager }, timeoutSeconds: 60 });
      }
      await until(`${input.role} is well again`, maxHoldSeconds, async () => {
        const healthy = await serviceContainers(input, "healthy");
        return healthy.length >= services.length && healthy.every((id) => !old.has(id));
      });
    } finally {
      // What could not be done counts more than this.
      if (hold) await inProxies(input.proxies, proxy.resume(input.stack), 30).catch(() => undefined);
    }
    return { trigger: input.trigger };
  },
  remove: () => Promise.resolve(),
};
