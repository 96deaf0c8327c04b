import * as pulumi from "@pulumi/pulumi";
import type { MachineInput, MachineResult } from "../../infra/commands/steps/machine";
import { Component } from "../../infra/core/component";
import { dockerHostOf } from "../../infra/ssh/machine";
import { Step, whileAway } from "../core/step";

/** A machine, what is asked of it, and whether it answers; of an instance of AWS some of it is known only when that is there. */
export type MachineArgs = Omit<MachineInput, "dataDisk" | "instance"> & {
  readonly dataDisk: pulumi.Input<string>;
  readonly instance?: pulumi.Input<string>;
  /** Whether it does not answer: then it stays as it was prepared. @default false */
  readonly away?: boolean;
};

/**
 * A machine: reached over SSH, with Docker, a firewall around Swarm's ports, the right time and security
 * updates. What is on it already is left alone, and stays when the stack goes.
 *
 * Cost: none of its own; whoever runs the machine, or AWS, is paid for it.
 */
export class Machine extends Component {
  /** Its Docker Engine, as `DOCKER_HOST` names it: known in previews as well, there once the machine is prepared. */
  readonly dockerHost: pulumi.Output<string>;
  /** What there is on it. */
  readonly prepared: pulumi.Output<MachineResult>;

  constructor(name: string, { away, ...input }: MachineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("topologies:Machine", name, opts);
    const prepared = new Step(this.childName("prepared"), { step: "machine", input }, this.child(whileAway(away)));
    this.prepared = prepared.result<MachineResult>();
    const host = dockerHostOf(input.machine);
    this.dockerHost = prepared.urn.apply(() => host);
    this.registerOutputs({ dockerHost: this.dockerHost });
  }
}
