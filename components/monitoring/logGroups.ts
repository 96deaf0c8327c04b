import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as pulumi from "@pulumi/pulumi";
import { containerLogGroup, metricNamespace } from "../../infra/commands/cloudwatchAgent";
import type { LogDays } from "../../infra/config/awsLogDays";
import { Component } from "../../infra/core/component";
import { logMetrics } from "./alarms";

/** What log groups are made with. */
export interface LogGroupsArgs {
  /** The platform's stack. */
  readonly platform: string;
  /** Days that logs are kept. @default 30 */
  readonly retentionDays?: LogDays;
  /** Key of KMS that they are encrypted with; CloudWatch Logs must be allowed to use it. @default AWS's own */
  readonly kmsKeyArn?: pulumi.Input<string>;
}

/**
 * What counts in the containers' logs, which are lines of JSON with `log`, `stream`, `time` and `attrs`. Only the beginning of an entry of
 * Odoo counts, so that nobody sets off an alarm by asking for a page of that name.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html: expressions without parentheses and spaces.
 */
export const logPatterns: Readonly<Record<keyof typeof logMetrics, string>> = {
  critical: String.raw`{ $.log = %^\d{4}-\d\d-\d\d\s\d\d:\d\d:\d\d,\d{3}\s\d+\sCRITICAL\s% }`,
  traceback: String.raw`{ $.log = %^Traceback\s.most\srecent\scall\slast.:% }`,
};

/**
 * Where the containers' logs are kept, and what is counted in them. Machines may write there by {@link agentPolicy}.
 *
 * Cost: about 0.50 to 0.65 USD for each GB that comes in, by region, beyond the account's first 5 GB a month, 0.03 USD a month for each
 * GB that is kept, and 0.30 USD for each of the two metrics beyond the account's first ten.
 */
export class LogGroups extends Component {
  /** Name of the containers' log group. */
  readonly containers: pulumi.Output<string>;
  /** Its ARN. */
  readonly containersArn: pulumi.Output<string>;

  constructor(name: string, args: LogGroupsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("monitoring:LogGroups", name, opts);
    const group = new cloudwatch.LogGroup(
      this.childName("containers"),
      {
        name: containerLogGroup(args.platform),
        retentionInDays: args.retentionDays ?? 30,
        kmsKeyId: args.kmsKeyArn,
        tags: { Name: this.childName("containers") },
      },
      this.child(),
    );
    for (const what of ["critical", "traceback"] as const) {
      new cloudwatch.LogMetricFilter(
        this.childName(what),
        {
          logGroupName: group.name,
          pattern: logPatterns[what],
          metricTransformation: {
            namespace: metricNamespace(args.platform),
            name: logMetrics[what],
            value: "1",
            defaultValue: "0",
            unit: "Count",
          },
        },
        this.child(),
      );
    }
    this.containers = group.name;
    this.containersArn = group.arn;
    this.registerOutputs({ containers: this.containers });
  }
}

/**
 * What a machine's role needs for the CloudWatch agent: to write to the platform's log group and namespace, and nothing else. AWS's own
 * `CloudWatchAgentServerPolicy` would let it make log groups and write to all.
 * @param platform The platform's stack.
 * @param logGroupArn ARN of the containers' log group.
 */
export function agentPolicy(platform: string, logGroupArn: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "Logs",
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        Resource: [logGroupArn, pulumi.interpolate`${logGroupArn}:log-stream:*`],
      },
      {
        Sid: "Metrics",
        Effect: "Allow",
        Action: "cloudwatch:PutMetricData",
        Resource: "*",
        Condition: { StringEquals: { "cloudwatch:namespace": metricNamespace(platform) } },
      },
    ],
  });
}
