import { run } from "../../core/exec";
import { exec } from "../docker";
import * as proxy from "../proxy";
import type { ProxyService } from "../proxy";
import type { StepModule } from "../step";

/** Which requests of an environment go where. */
export interface RoutesInput {
  readonly dockerHost: string;
  /** Name of the proxy's container. */
  readonly proxy: string;
  /** Switched in this order; each only once its targets are healthy. */
  readonly services: readonly ProxyService[];
}

/** The services that the proxy knows of this environment. */
export interface RoutesResult {
  readonly services: readonly string[];
}

async function inProxy(input: RoutesInput, argv: readonly string[], timeoutSeconds: number): Promise<void> {
  await run(exec(input.proxy, argv), { env: { DOCKER_HOST: input.dockerHost }, timeoutSeconds });
}

/** Sends an environment's requests to its containers, once these are healthy; on delete, no longer. */
export const step: StepModule<RoutesInput, RoutesResult> = {
  async apply(input, report, before) {
    for (const service of input.services) {
      report(`Routing ${service.name} to ${service.targets.join(", ")} once healthy.`);
      await inProxy(input, proxy.deploy(service), service.deployTimeoutSeconds + service.drainTimeoutSeconds + 10);
    }
    const names = input.services.map((service) => service.name);
    for (const gone of (before?.services ?? []).filter((name) => !names.includes(name))) {
      await inProxy(input, proxy.remove(gone), 30);
    }
    return { services: names };
  },

  async remove(input, report, before) {
    for (const name of before?.services ?? []) {
      report(`Removing the route ${name}.`);
      await inProxy(input, proxy.remove(name), 30).catch((error: unknown) => {
        // A proxy that is gone, or has forgotten the service, leaves nothing to remove.
        report(error instanceof Error ? error.message : String(error));
      });
    }
  },
};
