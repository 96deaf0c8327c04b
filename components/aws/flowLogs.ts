import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as ec2 from "@pulumi/aws/ec2";
import * as iam from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../infra/core/component";
import { policy, trustedBy } from "./policies";

/** What flow logs are made with. */
export interface FlowLogsArgs {
  readonly vpcId: pulumi.Input<string>;
  /** Name of the log group that they go to, which is made with them. */
  readonly logGroup: string;
}

/** How long they are kept, in days. */
const keepDays = 30;

/**
 * Who has talked to whom in a network, and what was refused, in CloudWatch Logs.
 *
 * Cost: by the GB that CloudWatch Logs takes in, 0.50 USD in us-east-1; a small platform writes less than one a month.
 */
export class FlowLogs extends Component {
  constructor(name: string, { vpcId, logGroup }: FlowLogsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("aws:FlowLogs", name, opts);
    const group = new cloudwatch.LogGroup(
      this.childName("group"),
      { name: logGroup, retentionInDays: keepDays },
      this.child(),
    );
    const role = new iam.Role(
      this.childName("role"),
      { assumeRolePolicy: trustedBy("vpc-flow-logs.amazonaws.com") },
      this.child(),
    );
    // https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html, for the one group alone
    const write = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"];
    new iam.RolePolicy(
      this.childName("write"),
      { role: role.id, policy: policy([{ Action: write, Resource: pulumi.interpolate`${group.arn}:*` }]) },
      this.child(),
    );
    new ec2.FlowLog(
      this.childName("log"),
      { vpcId, trafficType: "ALL", iamRoleArn: role.arn, logDestination: group.arn },
      this.child(),
    );
    this.registerOutputs();
  }
}
