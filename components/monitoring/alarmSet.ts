import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as kms from "@pulumi/aws/kms";
import * as sns from "@pulumi/aws/sns";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../infra/core/component";
import type { Alarm, Severity } from "./alarm";

/** What alarms are wired with. */
export interface AlarmSetArgs {
  /** The platform's stack; alarms are called after it. */
  readonly platform: string;
  readonly alarms: readonly Alarm[];
  /** E-mail addresses for each severity. AWS sends each a message with a link first, and nothing else until somebody has followed it. */
  readonly email: Readonly<Record<Severity, readonly string[]>>;
  /** Number of the AWS account. */
  readonly accountId: pulumi.Input<string>;
  /** Where the runbooks are read; the alarm's kind is the heading there. @default "docs/runbooks.md", in the project */
  readonly runbooks?: string;
}

/**
 * Alarms of CloudWatch that send e-mail, to a topic for each severity, when something goes wrong and when it is well again. Topics are
 * encrypted with a key of their own, because CloudWatch may not use the one that AWS keeps for SNS:
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 *
 * Cost: 0.10 USD a month for each alarm beyond the account's first ten, 1 USD for the key; e-mails are free up to 1,000 a month.
 */
export class AlarmSet extends Component {
  /** ARNs of the topics, for whoever else is to be told: a chat, a pager. */
  readonly topics: Readonly<Record<Severity, pulumi.Output<string>>>;
  /** ARNs of the alarms, in the order of their data. */
  readonly alarmArns: readonly pulumi.Output<string>[];

  constructor(name: string, args: AlarmSetArgs, opts?: pulumi.ComponentResourceOptions) {
    super("monitoring:AlarmSet", name, opts);
    const key = new kms.Key(
      this.childName("key"),
      {
        description: `Alarms of ${args.platform}`,
        enableKeyRotation: true,
        deletionWindowInDays: 7,
        policy: pulumi.jsonStringify(keyPolicy(args.accountId)),
        tags: { Name: this.childName("key") },
      },
      this.child(),
    );
    this.topics = { critical: this.topic("critical", args, key), warning: this.topic("warning", args, key) };
    this.alarmArns = args.alarms.map((alarm) => this.alarm(alarm, args));
    this.registerOutputs({ topics: this.topics });
  }

  private topic(severity: Severity, args: AlarmSetArgs, key: kms.Key): pulumi.Output<string> {
    const role = `topic-${severity}`;
    const topic = new sns.Topic(
      this.childName(role),
      { kmsMasterKeyId: key.arn, tags: { Name: this.childName(role) } },
      this.child(),
    );
    const policy = new sns.TopicPolicy(
      this.childName(`${role}-policy`),
      { arn: topic.arn, policy: pulumi.jsonStringify(topicPolicy(topic.arn, args.accountId)) },
      this.child(),
    );
    for (const address of new Set(args.email[severity])) {
      new sns.TopicSubscription(
        this.childName(`${severity}-${address}`),
        { topic: topic.arn, protocol: "email", endpoint: address },
        this.child(),
      );
    }
    // Known once CloudWatch may publish to it.
    return policy.arn;
  }

  private alarm(alarm: Alarm, { platform, runbooks = "docs/runbooks.md" }: AlarmSetArgs): pulumi.Output<string> {
    const { metric, statistic, threshold, severity } = alarm;
    const actions = [this.topics[severity]];
    const percentile = statistic.startsWith("p");
    return new cloudwatch.MetricAlarm(
      this.childName(alarm.id),
      {
        // Whoever reads the e-mail should know whose it is.
        name: `${platform}-${alarm.id}`,
        alarmDescription: `${severity}: ${alarm.description} Runbook: ${runbooks}#${alarm.kind}`,
        namespace: metric.namespace,
        metricName: metric.name,
        dimensions: { ...metric.dimensions },
        ...(percentile
          ? // A few answers in a quiet night say nothing.
            { extendedStatistic: statistic, evaluateLowSampleCountPercentiles: "ignore" }
          : { statistic }),
        comparisonOperator: operators[alarm.when],
        threshold: threshold.value,
        period: alarm.periodSeconds,
        evaluationPeriods: alarm.periods,
        treatMissingData: alarm.missing,
        alarmActions: actions,
        okActions: actions,
        tags: { Name: this.childName(alarm.id) },
      },
      this.child(),
    ).arn;
  }
}

const operators: Readonly<Record<Alarm["when"], string>> = {
  above: "GreaterThanThreshold",
  "at least": "GreaterThanOrEqualToThreshold",
  below: "LessThanThreshold",
};

/** The account decides who may use the key; CloudWatch may, for alarms of the account. */
const keyPolicy = (accountId: pulumi.Input<string>) => ({
  Version: "2012-10-17",
  Statement: [
    { Sid: "Account", Effect: "Allow", Principal: { AWS: accountId }, Action: "kms:*", Resource: "*" },
    {
      Sid: "Alarms",
      Effect: "Allow",
      Principal: { Service: "cloudwatch.amazonaws.com" },
      Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
      Resource: "*",
      Condition: { StringEquals: { "aws:SourceAccount": accountId } },
    },
  ],
});

/** CloudWatch may publish, for alarms of the account, and nobody without TLS. */
const topicPolicy = (topicArn: pulumi.Output<string>, accountId: pulumi.Input<string>) => ({
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "Alarms",
      Effect: "Allow",
      Principal: { Service: "cloudwatch.amazonaws.com" },
      Action: "sns:Publish",
      Resource: topicArn,
      Condition: { StringEquals: { "aws:SourceAccount": accountId } },
    },
    {
      Sid: "TlsOnly",
      Effect: "Deny",
      Principal: "*",
      Action: "sns:Publish",
      Resource: topicArn,
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
  ],
});
