import * as pulumi from "@pulumi/pulumi";
import type { MachineInput, MachineResult } from "../../infra/commands/steps/machine";
import { Component } from "../../infra/core/component";
import { Step } from "../core/step";

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

  constructor(name: string, args: MachineInput, opts?: pulumi.ComponentResourceOptions) {
    super("topologies:Machine", name, opts);
    const prepared = new Step(this.childName("prepared"), { step: "machine", input: { ...args } }, this.child());
    this.prepared = prepared.result<MachineResult>();
    this.dockerHost = this.prepared.apply(({ dockerHost }) => dockerHost);
    this.registerOutputs({ dockerHost: this.dockerHost });
  }
}
