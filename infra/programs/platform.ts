import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { Image } from "../../components/images/image";
import { LoadBalancedProduction } from "../../components/topologies/loadBalancedProduction";
import { OwnMachines } from "../../components/topologies/ownMachines";
import { SingleHost } from "../../components/topologies/singleHost";
import { SplitDatabase } from "../../components/topologies/splitDatabase";
import type { Topology, TopologyArgs, TopologyMachine } from "../../components/topologies/topology";
import { advertised, rolesOf, type ServerConfig } from "../config/machines";
import { machineRoles } from "../config/platformSchema";
import { webMachinesOf } from "../config/webMachines";
import type { PlatformConfig } from "../config/schema";
import { UserError } from "../core/errors";
import { managerFirst } from "../core/manager";
import { bytes, seconds } from "../core/units";
import { dataOn, downIn, type SwarmNode } from "../swarm/places";
import { requireFreePort } from "../targets/ports";
import { LocalTarget, ServerTarget, type Target } from "../targets";
import { capacities, waits } from "./capacities";

/** Declares a platform: its machines, their network and the proxy. */
export async function deployPlatform(stack: string, config: PlatformConfig): Promise<Record<string, unknown>> {
  const servers = managerFirst(config.machines);
  const targets: readonly Target[] =
    servers.length > 0 ? servers.map((server) => new ServerTarget(server)) : [new LocalTarget()];
  const [manager = new LocalTarget()] = targets;
  const { planned, silent, before } = await capacities(config, targets, servers);
  for (const machine of silent) void pulumi.log.warn(waits(machine));
  const away = silent.map(({ name }) => name);
  const balanced = config.proxy.balancer !== undefined;
  const roles = servers.map((server) => rolesOf(server, servers, balanced));
  const { bind, httpPort, httpsPort } = config.proxy;
  await Promise.all(
    targets.map(async (target, at) => {
      const { name = "" } = servers[at] ?? {};
      if (at > 0 && (!roles[at]?.includes("proxy") || away.includes(name))) return;
      const where = at > 0 ? `, on ${name}` : "";
      await requireFreePort(target, stack, bind, [
        { path: `proxy.httpPort${where}`, port: httpPort },
        { path: `proxy.httpsPort${where}`, port: httpsPort },
      ]);
    }),
  );

  const nodes = servers.length > 0 ? await manager.nodes() : [];
  requireNoDataLost(servers, nodes);

  const anew = lostFromSwarm(before, nodes).filter((name) => !away.includes(name));
  const own = servers.length > 0 ? new OwnMachines(stack, { stack, servers, away, anew }) : undefined;
  const machines = planned.map((capacity, at): TopologyMachine => {
    const server = servers[at];
    if (!server || !own) {
      return {
        name: "local",
        roles: machineRoles,
        dockerHost: manager.dockerHost,
        advertise: "127.0.0.1",
        ...capacity,
      };
    }
    const dockerHost = own.dockerHost(server.name);
    return {
      ...{ name: server.name, roles: roles[at] ?? [], dockerHost, advertise: advertised(server) },
      away: away.includes(server.name),
      anew: anew.includes(server.name),
      ...capacity,
    };
  });
  const [first, ...others] = machines;
  if (!first) throw new Error("a platform without machines");
  const { dockerHost } = first;
  const provider = new docker.Provider(`${stack}-docker`, { host: dockerHost });
  const carrying = others.filter((machine) => machine.roles.includes("proxy"));
  const image = new Image(`${stack}-proxy-image`, {
    kind: "proxy",
    dockerHosts: [dockerHost, ...carrying.map((machine) => machine.dockerHost)],
  });
  const topology = makeTopology(
    config,
    stack,
    {
      stack,
      target: config.target,
      machines: [first, ...others],
      encrypted: config.network.encrypted ?? config.target !== "local",
      shares: config.shares,
      proxy: {
        image: image.id,
        bind: config.proxy.bind,
        host: servers[0]?.address,
        httpPort: config.proxy.httpPort,
        httpsPort: config.proxy.httpsPort,
        balancer: config.proxy.balancer,
        responseTimeoutSeconds: seconds(config.proxy.responseTimeout),
        maxBodyBytes: bytes(config.proxy.maxBodySize),
        logs: { maxBytes: bytes(config.proxy.logs.maxSize), maxFiles: config.proxy.logs.maxFiles },
      },
    },
    { providers: [provider], dependsOn: own ? [...own.ready] : [] },
  );
  return { kind: config.kind, platform: topology.platform };
}

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

function makeTopology(
  config: PlatformConfig,
  stack: string,
  args: TopologyArgs,
  opts: pulumi.ComponentResourceOptions,
): Topology {
  switch (config.topology) {
    case "single-host":
      return new SingleHost(stack, args, opts);
    case "split-database":
      return new SplitDatabase(stack, args, opts);
    case "load-balanced-production":
      return new LoadBalancedProduction(stack, { ...args, webMachines: webMachinesOf(config) }, opts);
  }
}
