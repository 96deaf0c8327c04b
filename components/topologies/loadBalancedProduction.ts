import type * as pulumi from "@pulumi/pulumi";
import { Topology, type TopologyArgs } from "./topology";

/** What load-balanced production is made with. */
export interface LoadBalancedArgs extends TopologyArgs {
  /** How many machines answer production's requests, at least 2. */
  readonly webMachines: number;
}

/**
 * Topology C: several web machines answer production's requests, each with a web container that is a target of its own for the
 * proxy, which takes one that does not answer out within a second or two. Scheduled jobs run once; files and sessions are
 * shared. PostgreSQL has a machine of its own, staging and development another one.
 * On target `local` one machine is all of them, so that it can be tried.
 *
 * Cost: the web machines and two or three more. It survives the loss of web machines but the last.
 */
export class LoadBalancedProduction extends Topology {
  constructor(name: string, args: LoadBalancedArgs, opts?: pulumi.ComponentResourceOptions) {
    const kind = { type: "topologies:LoadBalancedProduction", topology: "load-balanced-production" } as const;
    super({ ...kind, webMachines: args.webMachines }, name, args, opts);
  }
}
