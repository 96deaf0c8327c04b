import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../infra/core/component";
import { labelList } from "../../infra/core/labels";
import { type Platform, platformVersion } from "../../infra/config/platformOutput";
import { Step } from "../core/step";
import { Proxy, type ProxyArgs } from "../odoo/proxy";
import { nodeLabels, onNodesWith } from "./placement";

/** What a single host is made with. */
export interface SingleHostArgs {
  /** The stack that declares it. */
  readonly stack: string;
  /** Which kind of machine it is. */
  readonly target: Platform["target"];
  /** The Engine, as `DOCKER_HOST` names it. */
  readonly dockerHost: string;
  /** What the machine has. */
  readonly machine: Platform["machine"];
  /** Percent of the machine for each stage. */
  readonly shares: Platform["shares"];
  /** The proxy in front of every environment. */
  readonly proxy: Omit<ProxyArgs, "stack" | "network">;
}

/**
 * Topology A: one machine carries PostgreSQL, production, staging and development, behind one proxy. The machine is a
 * Swarm of one node, so that growing later means to join nodes and to move labels.
 *
 * Cost: the machine, and nothing else. It does not survive the loss of that machine.
 */
export class SingleHost extends Component {
  /** What environments need to know of the platform. */
  readonly platform: pulumi.Output<Platform>;

  constructor(name: string, args: SingleHostArgs, opts?: pulumi.ComponentResourceOptions) {
    super("topologies:SingleHost", name, opts);
    const swarm = new Step(
      this.childName("swarm"),
      {
        step: "swarm",
        input: {
          dockerHost: args.dockerHost,
          // Nobody joins a single host; its cluster traffic stays on the machine.
          advertise: "127.0.0.1",
          nodeLabels: nodeLabels(["database", "production-web", "cron", "nonproduction", "proxy"]),
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
    const production = {
      database: [onNodesWith("database")],
      web: [[onNodesWith("production-web")]],
      cron: [onNodesWith("cron")],
    };
    const nonproduction = {
      database: [onNodesWith("nonproduction")],
      web: [[onNodesWith("nonproduction")]],
      cron: [onNodesWith("nonproduction")],
    };
    this.platform = pulumi.output({
      version: platformVersion,
      target: args.target,
      topology: "single-host" as const,
      machine: args.machine,
      shares: args.shares,
      docker: { host: args.dockerHost },
      network: { edge: { id: edge.id, name: edge.name } },
      proxy: proxy.output,
      placement: { production, staging: nonproduction, development: nonproduction },
    });
    this.registerOutputs({ platform: this.platform });
  }
}
