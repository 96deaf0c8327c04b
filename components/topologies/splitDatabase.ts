import type * as pulumi from "@pulumi/pulumi";
import { Topology, type TopologyArgs } from "./topology";

/**
 * Topology B: production's PostgreSQL has a machine of its own, production's Odoo another one, staging and development a third.
 * On target `local` one machine is all three, so that it can be tried.
 *
 * Cost: three machines. It does not survive the loss of PostgreSQL's or production's.
 */
export class SplitDatabase extends Topology {
  constructor(name: string, args: TopologyArgs, opts?: pulumi.ComponentResourceOptions) {
    super({ type: "topologies:SplitDatabase", topology: "split-database", webMachines: 1 }, name, args, opts);
  }
}
