import { attempt, run } from "../../core/exec";
import { onManager } from "../../swarm/engines";
import { isLoopback } from "./addresses";

/** The bridge over which Swarm gives containers on overlay networks their published ports. */
const swarmBridge = "docker_gwbridge";

/** The proxy's machine, which is the manager, knows it and its networks. */
const inspect = (type: "container" | "network", format: string, what: string) =>
  onManager(["docker", "inspect", "--type", type, "--format", format, what]);

/** Names of the networks that the proxy was put on. */
export async function networksOf(proxy: string): Promise<string[]> {
  const format = "{{range $name, $_ := .NetworkSettings.Networks}}{{println $name}}{{end}}";
  return (await run(inspect("container", format, proxy), { timeoutSeconds: 30 })).split("\n").filter(Boolean);
}

/**
 * The addresses that requests from this machine itself come from, as the proxy sees them: for a port on 127.0.0.1, Docker
 * passes connections on from its side of the bridge.
 * @param proxy Name of the proxy's container.
 * @returns none unless all its ports are published on this machine alone: else others could come from there as well.
 */
export async function addressesOfThisMachine(proxy: string): Promise<string[]> {
  const format = "{{range .HostConfig.PortBindings}}{{range .}}{{println .HostIp}}{{end}}{{end}}";
  const published = (await run(inspect("container", format, proxy), { timeoutSeconds: 30 })).trim().split("\n");
  if (!published.every(isLoopback)) return [];
  // Nothing comes from an overlay network's own gateway.
  const gateways = '{{if eq .Driver "bridge"}}{{range .IPAM.Config}}{{println .Gateway}}{{end}}{{end}}';
  const networks = [...(await networksOf(proxy)), swarmBridge];
  const found = await Promise.all(
    networks.map((network) => attempt(inspect("network", gateways, network), { timeoutSeconds: 30 })),
  );
  return found.flatMap(({ exitCode, stdout }) => (exitCode === 0 ? stdout.split("\n").filter(Boolean) : []));
}
