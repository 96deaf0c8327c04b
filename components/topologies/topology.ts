import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { JoinResult } from "../../infra/commands/steps/join";
import { type Carrier, placements } from "../../infra/config/placement";
import {
  type Platform,
  type PlatformAws,
  type PlatformMachine,
  platformVersion,
} from "../../infra/config/platformOutput";
import type { Topology as TopologyName } from "../../infra/config/schema";
import { Component, componentType } from "../../infra/core/component";
import { swarmManagers } from "../../infra/core/manager";
import { Step, whileAway } from "../core/step";
import { overlayNetwork } from "../core/overlay";
import { describeProxies, Proxy, type ProxyArgs, type ProxySettings } from "../odoo/proxy";
import { nodeLabels } from "./placement";

/** A machine of a topology. */
export interface TopologyMachine extends Carrier, Pick<PlatformMachine, "cores" | "memoryBytes" | "reserveBytes"> {
  /** Its Engine, as `DOCKER_HOST` names it. */
  readonly dockerHost: pulumi.Input<string>;
  /** The IP address that the others reach it at; 127.0.0.1 where there are none. */
  readonly advertise: string;
  /** Whether it does not answer: then it stays in the Swarm as it is. @default false */
  readonly away?: boolean;
  /** Whether it answers, but has gone from the Swarm: then it joins again. @default false */
  readonly anew?: boolean;
}

/** What a platform is made with. */
export interface TopologyArgs {
  /** The stack that declares it. */
  readonly stack: string;
  /** Which kind of machines they are. */
  readonly target: Platform["target"];
  /** The machines, the manager first. */
  readonly machines: readonly [TopologyMachine, ...TopologyMachine[]];
  /** Whether what machines tell each other is encrypted. */
  readonly encrypted: boolean;
  /** Percent of a machine for each stage. */
  readonly shares: Platform["shares"];
  /** The proxies in front of every environment: one on each machine with that role. */
  readonly proxy: ProxySettings;
  /** Where it is in AWS, on target `aws`. */
  readonly aws?: pulumi.Input<PlatformAws>;
}

/** The classes of the topologies; what one of them has declared becomes another one's when its platform grows. */
const types = ["topologies:SingleHost", "topologies:SplitDatabase", "topologies:LoadBalancedProduction"] as const;

/**
 * What all topologies have in common: the machines are one Swarm, whose nodes carry roles; a proxy stands in front of every
 * environment on a network that they share, or several alike behind a load balancer. They differ in which machine carries which
 * role, and in how many answer production's requests.
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
    const [manager, ...others] = args.machines;
    const swarm = new Step(
      this.childName("swarm"),
      {
        step: "swarm",
        input: {
          dockerHost: manager.dockerHost,
          advertise: manager.advertise,
          nodeLabels: nodeLabels(manager.name, manager.roles),
        },
      },
      this.child(),
    );
    // One after the other: each changes who has a say in the Swarm.
    let before: pulumi.Resource = swarm;
    const joined = others.map((machine, at) => {
      const step = this.join(machine, at, args, before);
      before = step;
      return { machine, step };
    });
    const edge = overlayNetwork(
      this.childName("edge"),
      { stack: args.stack, role: "edge-network", encrypted: args.encrypted },
      this.child({ dependsOn: [swarm] }),
    );
    const common = { ...args.proxy, stack: args.stack, network: edge.name };
    const first = new Proxy(
      this.childName("proxy"),
      { ...common, machine: manager.name, dockerHost: manager.dockerHost },
      { parent: this },
    );
    const further = joined
      .filter(({ machine }) => machine.roles.includes("proxy"))
      .map(({ machine, step }) => this.besideFirst(machine, step, common, first));
    const machines = args.machines.map(({ name: called, dockerHost, cores, memoryBytes, reserveBytes }) => ({
      ...{ name: called, dockerHost, cores, memoryBytes, reserveBytes },
    }));
    this.platform = pulumi.output({
      version: platformVersion,
      stack: args.stack,
      target: args.target,
      topology: kind.topology,
      machines,
      shares: args.shares,
      docker: { host: manager.dockerHost },
      network: { edge: { id: edge.id, name: edge.name }, encrypted: args.encrypted },
      proxy: describeProxies(args.proxy, [first, ...further]),
      placement: placements(args.machines, kind.webMachines),
      ...(args.aws ? { aws: args.aws } : {}),
    });
    this.registerOutputs({ platform: this.platform });
  }

  /** A proxy on another machine than the manager, made on its own Engine once it has joined the Swarm. */
  private besideFirst(
    { name: machine, dockerHost }: TopologyMachine,
    joined: Step,
    common: Pick<ProxyArgs, "stack" | "network"> & ProxySettings,
    first: Proxy,
  ): Proxy {
    const provider = new docker.Provider(this.childName(`docker-${machine}`), { host: dockerHost }, { parent: this });
    const node = joined.result<JoinResult>().nodeId;
    return new Proxy(
      this.childName(`proxy-${machine}`),
      { ...common, machine, dockerHost, beside: { first, node } },
      { parent: this, providers: [provider] },
    );
  }

  /** Has a machine join the Swarm; it leaves when it is taken out of the configuration. */
  private join(
    { name, dockerHost, advertise, roles, away, anew }: TopologyMachine,
    at: number,
    { machines }: TopologyArgs,
    before: pulumi.Resource,
  ): Step {
    const [manager] = machines;
    return new Step(
      this.childName(`${name}-joined`),
      {
        step: "join",
        input: {
          manager: manager.dockerHost,
          managerAddress: manager.advertise,
          ...{ name, dockerHost, advertise },
          manages: machines.length >= swarmManagers && at < swarmManagers - 1,
          nodeLabels: nodeLabels(name, roles),
          ...(anew ? { anew } : {}),
        },
      },
      this.child({ dependsOn: [before], ...whileAway(away) }),
    );
  }
}
