import * as pulumi from "@pulumi/pulumi";
import { agentConfig, type AgentSettings } from "../../infra/commands/cloudwatchAgent";
import { scriptVersion } from "../../infra/commands/machine/script";
import type { MonitoringInput, MonitoringResult } from "../../infra/commands/steps/monitoring";
import { Component } from "../../infra/core/component";
import { Step } from "../core/step";

/** What a machine is watched with. */
export interface MachineMonitoringArgs extends Omit<AgentSettings, "machine" | "logGroup"> {
  /** The machine, as it is reached over SSH. */
  readonly machine: pulumi.Input<MonitoringInput["machine"]>;
  /** What the platform calls it. */
  readonly name: string;
  /** Log group that its containers' logs go to. */
  readonly logGroup: pulumi.Input<string>;
}

/**
 * The CloudWatch agent on a machine, which sends its memory, its disks and its containers' logs. The machine's role must allow it
 * (`agentPolicy`). When this goes and the machine stays, the agent is stopped and stays installed.
 *
 * Cost: 0.30 USD a month for each metric beyond the account's first ten: one for memory and two for each disk; and what logs cost.
 */
export class MachineMonitoring extends Component {
  /** Version of the agent that runs there. */
  readonly agent: pulumi.Output<string>;

  constructor(name: string, args: MachineMonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    super("monitoring:MachineMonitoring", name, opts);
    const { platform, region, disks } = args;
    const input = pulumi
      .all([args.machine, args.logGroup])
      .apply(([machine, logGroup]): MonitoringInput & Record<string, unknown> => ({
        ...{ machine, region, script: scriptVersion("cloudwatch") },
        config: JSON.stringify(agentConfig({ platform, machine: args.name, region, disks, logGroup })),
      }));
    const step = new Step(this.childName("agent"), { step: "monitoring", input }, this.child());
    this.agent = step.result<MonitoringResult>().apply(({ agent }) => agent);
    this.registerOutputs({ agent: this.agent });
  }
}
