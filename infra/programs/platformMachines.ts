import * as pulumi from "@pulumi/pulumi";
import { OwnMachines } from "../../components/topologies/ownMachines";
import type { TopologyMachine } from "../../components/topologies/topology";
import { balancerOf } from "../config/balancer";
import { plannedMachine } from "../config/load";
import { advertised, rolesOf, type ServerConfig } from "../config/machines";
import type { BalancerLimits, PlatformAws } from "../config/platformOutput";
import { machineRoles } from "../config/platformSchema";
import type { PlatformConfig } from "../config/schema";
import { UserError } from "../core/errors";
import { managerFirst } from "../core/manager";
import { dataOn, downIn, type SwarmNode } from "../swarm/places";
import { LocalTarget, ServerTarget, type Target } from "../targets";
import { requireFreePort } from "../targets/ports";
import { capacities, type Capacity, waits } from "./capacities";

/** The machines that a platform is on, whatever they come from. */
export interface DeclaredMachines {
  /** The machines, the manager first. */
  readonly machines: readonly TopologyMachine[];
  /** What has to be there before anything else. */
  readonly ready: readonly pulumi.Resource[];
  /** Where people on other machines find the proxy. @default they don't: it is on this machine */
  readonly proxyHost?: pulumi.Input<string>;
  /** What the load balancer is set to that comes with them. @default none comes with them */
  readonly limits?: BalancerLimits;
  /** Where they are in AWS, on target `aws`. */
  readonly aws?: pulumi.Input<PlatformAws>;
  /** What else the stack exports. */
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** This machine, which has all roles. */
export async function thisMachine(stack: string, config: PlatformConfig): Promise<DeclaredMachines> {
  const target = new LocalTarget();
  const { machine } = await target.facts();
  const planned = plannedMachine(config, machine);
  await requirePorts(target, stack, config);
  const here = { name: "local", roles: machineRoles, dockerHost: target.dockerHost, advertise: "127.0.0.1" };
  return { machines: [{ ...here, ...planned }], ready: [] };
}

/** Machines of the user's own. Further ones may be away: then they stay as they are, and what changes on them waits. */
export async function ownMachines(stack: string, config: PlatformConfig): Promise<DeclaredMachines> {
  const servers = managerFirst(config.machines);
  const targets = servers.map((server) => new ServerTarget(server));
  const [manager] = targets;
  if (!manager) throw new Error("a platform without machines");
  const { planned, silent, before } = await capacities(config, targets, servers);
  for (const machine of silent) void pulumi.log.warn(waits(machine));
  const away = silent.map(({ name }) => name);
  const carriers = carriersOf(config, servers, planned);
  await Promise.all(
    carriers.map(async ({ name, roles }, at) => {
      const target = targets[at];
      if (!target || !roles.includes("proxy") || away.includes(name)) return;
      await requirePorts(target, stack, config, at > 0 ? `, on ${name}` : "");
    }),
  );
  const nodes = await manager.nodes();
  requireNoDataLost(servers, nodes);
  const anew = lostFromSwarm(before, nodes).filter((name) => !away.includes(name));
  const own = new OwnMachines(stack, { stack, servers, away, anew });
  const machines = carriers.map((carrier): TopologyMachine => {
    const { name } = carrier;
    return { ...withEngine(own)(carrier), away: away.includes(name), anew: anew.includes(name) };
  });
  return { machines, ready: own.ready, proxyHost: servers[0]?.address };
}

/** A machine before it is known how its Engine is reached. */
type Carrier = Omit<TopologyMachine, "dockerHost">;

/**
 * What each machine has, and what it carries.
 * @param planned What the machines have to share out, in the same order.
 */
export function carriersOf(
  config: PlatformConfig,
  servers: readonly ServerConfig[],
  planned: readonly Capacity[],
): readonly Carrier[] {
  const balanced = balancerOf(config) !== undefined;
  return servers.map((server, at) => {
    const capacity = planned[at];
    if (!capacity) throw new Error(`nothing is known of ${server.name}`);
    const roles = rolesOf(server, servers, balanced);
    return { name: server.name, roles, advertise: advertised(server), ...capacity };
  });
}

/** Says how a machine's Engine is reached. */
export const withEngine =
  (own: OwnMachines) =>
  (carrier: Carrier): TopologyMachine => ({ ...carrier, dockerHost: own.dockerHost(carrier.name) });

/**
 * Fails when something else has a port of a machine's proxy.
 * @param where Which machine it is, for people. @default the manager
 */
const requirePorts = (target: Target, stack: string, { proxy }: PlatformConfig, where = ""): Promise<void> =>
  requireFreePort(target, stack, proxy.bind, [
    { path: `proxy.httpPort${where}`, port: proxy.httpPort },
    { path: `proxy.httpsPort${where}`, port: proxy.httpsPort },
  ]);

/** The machines that were in the Swarm and are not any more: where they answer, they have been installed anew, or taken out by hand. */
function lostFromSwarm(before: readonly string[], nodes: readonly SwarmNode[]): readonly string[] {
  if (nodes.length === 0) return [];
  const down = downIn(nodes);
  return before.filter((name) => down.includes(name) || !nodes.some(({ machine }) => machine === name));
}

/** Fails, before anything changes, when a machine would be taken out that has data of an environment. */
function requireNoDataLost(servers: readonly ServerConfig[], nodes: readonly SwarmNode[]): void {
  const names = servers.map(({ name }) => name);
  const problems = nodes.flatMap((node) => {
    const stacks = dataOn(node);
    if (!node.machine || names.includes(node.machine) || stacks.length === 0) return [];
    const [stack = ""] = stacks;
    return [
      {
        path: "machines",
        expected: `${node.machine} among them, because it has data of ${stacks.join(", ")}`,
        found: names.join(", "),
        hint: `Put it back. Then npx odoo-stacks move-database ${stack}, or move-filestore, or destroy the stack.`,
      },
    ];
  });
  if (problems.length > 0) throw new UserError("The platform would lose a machine with data.", problems);
}
