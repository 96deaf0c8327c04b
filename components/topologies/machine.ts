import * as pulumi from "@pulumi/pulumi";
import type { MachineInput, MachineResult } from "../../infra/commands/steps/machine";
import { Component } from "../../infra/core/component";
import { Step, whileAway } from "../core/step";

/** A machine, what is asked of it, and whether it answers. */
export interface MachineArgs extends MachineInput {
  /** Whether it does not answer: then it stays as it was prepared. @default false */
  readonly away?: boolean;
}

/**
 * A machine of the user's own: reached over SSH, with Docker, a firewall around Swarm's ports, the right time and security
 * updates. What is on it already is left alone, and stays when the stack goes.
 *
 * Cost: none of its own; whoever runs the machine pays it.
 */
export class Machine extends Component {
  /** Its Docker Engine, as `DOCKER_HOST` names it; known when the machine is prepared. */
  readonly dockerHost: pulumi.Output<string>;
  /** What there is on it. */
  readonly prepared: pulumi.Output<MachineResult>;

  constructor(name: string, { away, ...input }: MachineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("topologies:Machine", name, opts);
    const prepared = new Step(this.childName("prepared"), { step: "machine", input }, this.child(whileAway(away)));
    this.prepared = prepared.result<MachineResult>();
    this.dockerHost = this.prepared.apply(({ dockerHost }) => dockerHost);
    this.registerOutputs({ dockerHost: this.dockerHost });
  }
}
