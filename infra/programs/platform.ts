import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { Image } from "../../components/images/image";
import { LoadBalancedProduction } from "../../components/topologies/loadBalancedProduction";
import { SingleHost } from "../../components/topologies/singleHost";
import { SplitDatabase } from "../../components/topologies/splitDatabase";
import type { Topology, TopologyArgs } from "../../components/topologies/topology";
import { balancerOf } from "../config/balancer";
import type { PlatformConfig } from "../config/schema";
import { webMachinesOf } from "../config/webMachines";
import { bytes, seconds } from "../core/units";
import { type DeclaredMachines, ownMachines, thisMachine } from "./platformMachines";

/** Declares the machines of a target. */
type MachinesOf = (stack: string, config: PlatformConfig) => Promise<DeclaredMachines>;

/** Loaded when it is called, so that no other platform waits for Pulumi's package for AWS. */
const machinesOfAws: MachinesOf = (stack, config) =>
  (require("./awsPlatform") as typeof import("./awsPlatform")).awsMachines(stack, config);

/**
 * Declares a platform: its machines, their network and the proxy.
 * @param ofAws What declares the machines of target `aws`. @default loaded when there are any
 */
export async function deployPlatform(
  stack: string,
  config: PlatformConfig,
  ofAws: MachinesOf = machinesOfAws,
): Promise<Record<string, unknown>> {
  const declare = { local: thisMachine, servers: ownMachines, aws: ofAws }[config.target];
  const { machines, ready, proxyHost, limits, outputs, aws } = await declare(stack, config);
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
      aws,
      proxy: {
        image: image.id,
        bind: config.proxy.bind,
        host: proxyHost,
        httpPort: config.proxy.httpPort,
        httpsPort: config.proxy.httpsPort,
        balancer: balancerOf(config),
        limits,
        responseTimeoutSeconds: seconds(config.proxy.responseTimeout),
        maxBodyBytes: bytes(config.proxy.maxBodySize),
        logs: { maxBytes: bytes(config.proxy.logs.maxSize), maxFiles: config.proxy.logs.maxFiles },
      },
    },
    { providers: [provider], dependsOn: [...ready] },
  );
  return { kind: config.kind, platform: topology.platform, ...outputs };
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
