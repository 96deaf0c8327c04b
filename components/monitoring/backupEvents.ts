import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as sns from "@pulumi/aws/sns";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../infra/core/component";
import type { Metric } from "./alarm";

/** What events are counted. */
export interface BackupEventsArgs {
  /** Whose backups they tell of, in words. */
  readonly of: string;
  /** The pattern that the events match: {@link databaseBackedUp}, {@link filesBackedUp}. */
  readonly pattern: pulumi.Input<object>;
}

/**
 * Counts the backups that AWS tells of in events and has no figure for. A rule of EventBridge is counted when it calls something: this one
 * writes to a topic that nobody has to listen to. Who wants to hear of every backup subscribes to it.
 *
 * AWS tells of its backups, and counts what a rule does, as well as it can, and promises neither: one may be missing now and then.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
 *
 * Cost: nothing; AWS's own events are free (https://aws.amazon.com/eventbridge/pricing/), and so are a million messages a month
 * (https://aws.amazon.com/sns/pricing/).
 */
export class BackupEvents extends Component {
  /** Has a value when a backup was finished. */
  readonly finished: Metric;

  constructor(name: string, { of, pattern }: BackupEventsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("monitoring:BackupEvents", name, opts);
    const rule = new cloudwatch.EventRule(
      this.childName("rule"),
      {
        description: `Finished backups of ${of}`,
        eventPattern: pulumi.jsonStringify(pattern),
        tags: { Name: this.childName("rule") },
      },
      this.child(),
    );
    const topic = new sns.Topic(this.childName("topic"), { tags: { Name: this.childName("topic") } }, this.child());
    const allowed = new sns.TopicPolicy(
      this.childName("topic-policy"),
      { arn: topic.arn, policy: pulumi.jsonStringify(topicPolicy(topic.arn, rule.arn)) },
      this.child(),
    );
    new cloudwatch.EventTarget(
      this.childName("target"),
      { rule: rule.name, arn: topic.arn },
      this.child({ dependsOn: [allowed] }),
    );
    this.finished = { namespace: "AWS/Events", name: "Invocations", dimensions: { RuleName: rule.name } };
    this.registerOutputs();
  }
}

/**
 * RDS has finished a backup of an instance; whoever began it, so that a snapshot that somebody asks for counts too.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html#USER_Events.Messages.instance
 * @param identifier The instance's, which is the end of its ARN: the rule may be there before the instance, and before its first
 * backup.
 */
export const databaseBackedUp = (identifier: string) => ({
  source: ["aws.rds"],
  "detail-type": ["RDS DB Instance Event"],
  detail: { EventID: ["RDS-EVENT-0002"], SourceArn: [{ suffix: `:db:${identifier}` }] },
});

/**
 * AWS Backup has finished a copy of a file system.
 * https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
 */
export const filesBackedUp = (fileSystemArn: pulumi.Input<string>) => ({
  source: ["aws.backup"],
  "detail-type": ["Backup Job State Change"],
  detail: { state: ["COMPLETED"], resourceArn: [fileSystemArn] },
});

/** The rule may publish, and nobody without TLS. */
const topicPolicy = (topicArn: pulumi.Output<string>, ruleArn: pulumi.Output<string>) => ({
  Version: "2012-10-17",
  Statement: [
    {
      ...{ Sid: "Rule", Effect: "Allow", Principal: { Service: "events.amazonaws.com" } },
      ...{ Action: "sns:Publish", Resource: topicArn, Condition: { ArnEquals: { "aws:SourceArn": ruleArn } } },
    },
    {
      ...{ Sid: "TlsOnly", Effect: "Deny", Principal: "*", Action: "sns:Publish", Resource: topicArn },
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
  ],
});
