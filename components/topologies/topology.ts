import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { type Platform, platformVersion } from "../../infra/config/platformOutput";
import type { Topology as TopologyName } from "../../infra/config/schema";
import { Component, componentType } from "../../infra/core/component";
import { labelList } from "../../infra/core/labels";
import { Step } from "../core/step";
import { Proxy, type ProxyArgs } from "../odoo/proxy";
import { nodeLabels, placements, webRoles } from "./placement";

/** What a platform is made with. */
export interface TopologyArgs {
  /** The stack that declares it. */
  readonly stack: string;
  /** Which kind of machines they are. */
  readonly target: Platform["target"];
  /** The Engine of the manager, as `DOCKER_HOST` names it. */
  readonly dockerHost: pulumi.Input<string>;
  /** The IP address that other machines reach the manager at. @default none: it is the only one */
  readonly advertise?: string;
  /** What the machine that runs environments has. */
  readonly machine: Platform["machine"];
  /** Percent of the machine for each stage. */
  readonly shares: Platform["shares"];
  /** The proxy in front of every environment. */
  readonly proxy: Omit<ProxyArgs, "stack" | "network">;
}

/** The classes of the topologies; what one of them has declared becomes another one's when its platform grows. */
const types = ["topologies:SingleHost", "topologies:SplitDatabase", "topologies:LoadBalancedProduction"] as const;

/**
 * What all topologies have in common: the machines are one Swarm, whose nodes carry roles; a proxy stands in front of every
 * environment on a network that they share. They differ in which machine carries which role, and in how many answer
 * production's requests.
 */
export abstract class Topology extends Component {
  /** What environments need to know of the platform. */
  readonly platform: pulumi.Output<Platform>;

  /**
   * @param kind Class and name of the topology.
   * @param webMachines How many machines answer production's requests.
   */
  protected constructor(
    kind: { readonly type: (typeof types)[number]; readonly topology: TopologyName; readonly webMachines: number },
    name: string,
    args: TopologyArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    // A platform that grows stays the same to Pulumi: otherwise its proxy and network would be made anew.
    const aliases = types.filter((type) => type !== kind.type).map((type) => ({ type: componentType(type) }));
    super(kind.type, name, pulumi.mergeOptions(opts ?? {}, { aliases }));
    const swarm = new Step(
      this.childName("swarm"),
      {
        step: "swarm",
        input: {
          dockerHost: args.dockerHost,
          advertise: args.advertise ?? "127.0.0.1",
          nodeLabels: nodeLabels(["database", "cron", "nonproduction", "proxy", ...webRoles(kind.webMachines)]),
        },
      },
      this.child(),
    );
    const edge = new docker.Network(
      this.childName("edge"),
      { driver: "overlay", attachable: true, labels: labelList(args.stack, "edge-network") },
      this.child({ dependsOn: [swarm] }),
    );
    const proxy = new Proxy(
      this.childName("proxy"),
      { ...args.proxy, stack: args.stack, network: edge.name },
      { parent: this },
    );
    this.platform = pulumi.output({
      version: platformVersion,
      target: args.target,
      topology: kind.topology,
      machine: args.machine,
      shares: args.shares,
      docker: { host: args.dockerHost },
      network: { edge: { id: edge.id, name: edge.name } },
      proxy: proxy.output,
      placement: placements(kind.webMachines),
    });
    this.registerOutputs({ platform: this.platform });
  }
}
