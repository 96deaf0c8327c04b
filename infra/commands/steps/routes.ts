import { forgetServices, inProxies } from "../../swarm/proxies";
import * as proxy from "../proxy";
import type { ProxyService } from "../proxy";
import type { StepModule } from "../step";

/** Which requests of an environment go where. */
export interface RoutesInput {
  /** The proxies' containers, each as `inEngine` names it. */
  readonly proxies: readonly string[];
  /** Switched in this order; each only once its targets are healthy. */
  readonly services: readonly ProxyService[];
}

/** The services that the proxies know of this environment. */
export interface RoutesResult {
  readonly services: readonly string[];
}

/** Sends an environment's requests to its containers, once these are healthy; on delete, no longer. */
export const step: StepModule<RoutesInput, RoutesResult> = {
  async apply(input, report, before) {
    for (const service of input.services) {
      report(`Routing ${service.name} to ${service.targets.join(", ")} once healthy.`);
      const seconds = service.deployTimeoutSeconds + service.drainTimeoutSeconds + 10;
      await inProxies(input.proxies, proxy.deploy(service), seconds);
    }
    const names = input.services.map((service) => service.name);
    const gone = (before?.services ?? []).filter((name) => !names.includes(name));
    await forgetServices(input.proxies, gone, report);
    return { services: names };
  },

  remove: (input, report, before) => forgetServices(input.proxies, before?.services ?? [], report),
};
