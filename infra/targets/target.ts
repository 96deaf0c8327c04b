import type { MachineFacts } from "../config/platformOutput";
import type { Place, SwarmNode } from "../swarm/places";

/** A volume with data that a stack has made on a machine. */
export interface DataVolume {
  readonly name: string;
  /** What it is for, as its label says. */
  readonly role: string;
  /** Name of the database in it, on volumes with a cluster. */
  readonly database?: string;
  /** The folder that it is, on one that several machines have in common. */
  readonly folder?: string;
}

/** What a program has to know of its machine before it declares anything. */
export interface TargetFacts {
  /** How many cores and how much memory its Docker Engine has. */
  readonly machine: MachineFacts;
  /** Name of the file system's type under the Engine's data, such as `xfs`; empty when it does not tell. */
  readonly dataRoot: string;
}

/**
 * Where a platform's machines come from. A target only answers what a host is here; all above it is the same for every
 * target.
 */
export interface Target {
  /** The Docker Engine of the platform's manager, as `DOCKER_HOST` names it. */
  readonly dockerHost: string;
  /** Asks the machine what it has. Fails with a `UserError` when its Docker Engine does not answer, a `MachineDown` when it is another machine. */
  facts(): Promise<TargetFacts>;
  /** The volumes with data that carry a stack's label. Fails as `facts` does. */
  dataVolumes(stack: string): Promise<readonly DataVolume[]>;
  /** The machines of the Swarm that it manages; none where it is in none, or the only one. */
  nodes(): Promise<readonly SwarmNode[]>;
  /** Where the Swarm's labels say that the data of a stack is. The machine has to be a manager, or in no Swarm. */
  place(stack: string): Promise<Place>;
  /** What stands in the way of listening on an address, as Node names it; `undefined` when nothing does. */
  listenError(address: string, port: number): Promise<string | undefined>;
  /** The stack whose container publishes a port, `undefined` when none of ours does. */
  portHolder(port: number): Promise<string | undefined>;
}
