import type { ProxyService } from "../../commands/proxy";
import { until } from "../../core/until";
import { findContainers } from "../../swarm/engines";
import { gateRoutes, hostOf, readMaintenance, writeMaintenance } from "./state";

/**
 * Where the proxy has to send requests so that they reach a version, or its maintenance page while the environment is in
 * maintenance. Then the gate is told where to send those it lets through, once the version's containers are healthy: the
 * proxy can't see that, since the gate is always well.
 * @param stack The environment's stack.
 * @param routes Where requests are meant to go.
 * @param folder Where the volume of its releases is mounted.
 */
export async function behindGate(
  stack: string,
  routes: readonly ProxyService[],
  folder: string,
): Promise<readonly ProxyService[]> {
  const state = readMaintenance(folder);
  if (!state) return routes;
  const seconds = Math.max(...routes.map((route) => route.deployTimeoutSeconds));
  for (const service of new Set(routes.flatMap((route) => route.targets.map(hostOf)))) {
    await until(`${service} is healthy`, seconds, async () => {
      const label = `com.docker.swarm.service.name=${service}`;
      return (await findContainers([label], { health: "healthy" })).length > 0;
    });
  }
  writeMaintenance(folder, { ...state, routes });
  return gateRoutes(stack, routes);
}
