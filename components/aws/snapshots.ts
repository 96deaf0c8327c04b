import * as dlm from "@pulumi/aws/dlm";
import * as iam from "@pulumi/aws/iam";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../infra/core/component";
import { policy, trustedBy } from "./policies";

/** How the volumes with data are snapshotted. */
export interface SnapshotsArgs {
  readonly stack: string;
  /** How many snapshots of each volume are kept. */
  readonly keep: number;
  /** Time of day in UTC, such as `03:00`. */
  readonly at: string;
}

/** The tag of volumes that are snapshotted; its value is the platform's stack. */
export const snapshotTag = "odoo-stacks.snapshots";

/**
 * Snapshots of the volumes with data, once a day: what remains when a volume is lost. Each holds a volume as it would be after a power
 * failure, from which PostgreSQL recovers. They are no substitute for backups, which can be restored to any moment and elsewhere.
 *
 * Cost: 0.05 USD a GB and month in us-east-1 of what has changed from one to the next, and of everything once.
 */
export class Snapshots extends Component {
  /** ID of the policy that makes them, by which CloudWatch counts them. */
  readonly policyId: pulumi.Output<string>;

  constructor(name: string, { stack, keep, at }: SnapshotsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("aws:Snapshots", name, opts);
    const role = new iam.Role(
      this.childName("role"),
      { assumeRolePolicy: trustedBy("dlm.amazonaws.com") },
      this.child(),
    );
    // As in https://docs.aws.amazon.com/ebs/latest/userguide/service-role.html, without what fast restore and archives take.
    const attached = new iam.RolePolicy(
      this.childName("make"),
      {
        role: role.id,
        policy: policy([
          {
            Action: ["ec2:CreateSnapshot", "ec2:CreateSnapshots", "ec2:DeleteSnapshot"],
            Resource: ["arn:aws:ec2:*::snapshot/*", "arn:aws:ec2:*:*:volume/*", "arn:aws:ec2:*:*:instance/*"],
          },
          { Action: ["ec2:DescribeInstances", "ec2:DescribeSnapshots", "ec2:DescribeVolumes"], Resource: "*" },
          { Action: ["ec2:CreateTags"], Resource: "arn:aws:ec2:*::snapshot/*" },
        ]),
      },
      this.child(),
    );
    this.policyId = new dlm.LifecyclePolicy(
      this.childName("policy"),
      {
        // Letters, digits and spaces are all that it may have.
        description: "Daily snapshots of volumes with data",
        executionRoleArn: role.arn,
        state: "ENABLED",
        policyDetails: {
          resourceTypes: ["VOLUME"],
          targetTags: { [snapshotTag]: stack },
          schedules: [
            {
              ...{ name: "daily", copyTags: true },
              createRule: { interval: 24, intervalUnit: "HOURS", times: at },
              retainRule: { count: keep },
            },
          ],
        },
      },
      this.child({ dependsOn: [attached] }),
    ).id;
    this.registerOutputs();
  }
}
