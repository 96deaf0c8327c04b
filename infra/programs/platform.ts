import type * as pulumi from "@pulumi/pulumi";
import { LoadBalancedProduction } from "../../components/topologies/loadBalancedProduction";
import { SingleHost } from "../../components/topologies/singleHost";
import { SplitDatabase } from "../../components/topologies/splitDatabase";
import { Machine } from "../../components/topologies/machine";
import type { Topology, TopologyArgs } from "../../components/topologies/topology";
import { Image } from "../../components/images/image";
import * as docker from "@pulumi/docker";
import { plannedMachine } from "../config/load";
import { advertised } from "../config/machines";
import { webMachinesOf } from "../config/webMachines";
import type { PlatformConfig } from "../config/schema";
import { bytes, seconds } from "../core/units";
import { requireFreePort } from "../targets/ports";
import { targetOf } from "../targets";

/** Declares a platform: the machine, its network and its proxy. */
export async function deployPlatform(stack: string, config: PlatformConfig): Promise<Record<string, unknown>> {
  const target = targetOf(config);
  const facts = await target.facts();
  const machine = plannedMachine(config, facts.machine);
  await requireFreePort(target, stack, config.proxy.bind, [
    { path: "proxy.httpPort", port: config.proxy.httpPort },
    { path: "proxy.httpsPort", port: config.proxy.httpsPort },
  ]);

  const [server] = config.machines;
  const dockerHost = server ? makeMachine(stack, server).dockerHost : target.dockerHost;
  const provider = new docker.Provider(`${stack}-docker`, { host: dockerHost });
  const image = new Image(`${stack}-proxy-image`, { kind: "proxy", dockerHost });
  const topology = makeTopology(
    config,
    stack,
    {
      stack,
      target: config.target,
      dockerHost,
      advertise: server ? advertised(server) : undefined,
      machine,
      shares: config.shares,
      proxy: {
        image: image.id,
        bind: config.proxy.bind,
        host: server?.address,
        httpPort: config.proxy.httpPort,
        httpsPort: config.proxy.httpsPort,
        responseTimeoutSeconds: seconds(config.proxy.responseTimeout),
        maxBodyBytes: bytes(config.proxy.maxBodySize),
        logs: { maxBytes: bytes(config.proxy.logs.maxSize), maxFiles: config.proxy.logs.maxFiles },
      },
    },
    { providers: [provider] },
  );
  return { kind: config.kind, platform: topology.platform };
}

function makeMachine(stack: string, server: PlatformConfig["machines"][number]): Machine {
  const { name, address, user, port, swap, dataDisk = "" } = server;
  return new Machine(`${stack}-${name}`, {
    machine: { name, address, user, port },
    peers: [],
    swapMegabytes: swap ? bytes(swap) / bytes("1 MB") : 0,
    dataDisk,
  });
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
