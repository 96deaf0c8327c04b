import type * as pulumi from "@pulumi/pulumi";
import { Topology, type TopologyArgs } from "./topology";

/**
 * Topology A: one machine carries PostgreSQL, production, staging and development, behind one proxy. The machine is a
 * Swarm of one node, so that growing later means to join nodes and to move labels.
 *
 * Cost: the machine, and nothing else. It does not survive the loss of that machine.
 */
export class SingleHost extends Topology {
  constructor(name: string, args: TopologyArgs, opts?: pulumi.ComponentResourceOptions) {
    super({ type: "topologies:SingleHost", topology: "single-host", webMachines: 1 }, name, args, opts);
  }
}
