import * as kms from "@pulumi/aws/kms";
import * as sns from "@pulumi/aws/sns";
import * as pulumi from "@pulumi/pulumi";
import type { Severity } from "./alarm";

/** ARNs of topics, by the severity of the alarms that are sent to them. */
export type TopicArns = Readonly<Record<Severity, pulumi.Input<string>>>;

/** What topics for alarms are made with. */
export interface NewTopics {
  /** E-mail addresses for each severity. AWS sends each a message with a link first, and nothing else until somebody has followed it. */
  readonly email: Readonly<Record<Severity, readonly string[]>>;
  /** Number of the AWS account. */
  readonly accountId: pulumi.Input<string>;
}

/**
 * Topics that send e-mail, one for each severity; alarms of the account may use them, whichever stack has made them. They are encrypted
 * with a key of their own, because CloudWatch may not use the one that AWS keeps for SNS:
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 *
 * Cost: 1 USD a month for the key; e-mails are free up to 1,000 a month.
 *
 * @param name What the names of its resources begin with.
 * @param args.stack The stack whose alarms they are for.
 */
export function alarmTopics(
  name: string,
  { stack, email, accountId }: NewTopics & { readonly stack: string },
  opts: pulumi.CustomResourceOptions,
): TopicArns {
  const key = new kms.Key(
    `${name}-key`,
    {
      description: `Alarms of ${stack}`,
      enableKeyRotation: true,
      deletionWindowInDays: 7,
      policy: pulumi.jsonStringify(keyPolicy(accountId)),
      tags: { Name: `${name}-key` },
    },
    opts,
  );
  const topic = (severity: Severity): pulumi.Output<string> => {
    const called = `${name}-topic-${severity}`;
    const { arn } = new sns.Topic(called, { kmsMasterKeyId: key.arn, tags: { Name: called } }, opts);
    const policy = new sns.TopicPolicy(
      `${called}-policy`,
      { arn, policy: pulumi.jsonStringify(topicPolicy(arn, accountId)) },
      opts,
    );
    for (const address of new Set(email[severity])) {
      new sns.TopicSubscription(
        `${name}-${severity}-${address}`,
        { topic: arn, protocol: "email", endpoint: address },
        opts,
      );
    }
    // Known once CloudWatch may publish to it.
    return policy.arn;
  };
  return { critical: topic("critical"), warning: topic("warning") };
}

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
