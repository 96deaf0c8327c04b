import { beforeAll, describe, expect, it } from "vitest";
import { AlarmSet } from "../../../../components/monitoring/alarmSet";
import { alarmsFor } from "../../../../components/monitoring/alarms";
import { record, type Recording, tree } from "../../../support/mocks";
import { everything, singleMachine } from "./monitored";

const declare = (monitored = everything): Promise<Recording> =>
  record(
    () => {
      const set = new AlarmSet("acme-platform-alarms", {
        stack: "acme-platform",
        alarms: alarmsFor(monitored),
        tells: {
          email: { critical: ["ada@example.com", "bob@example.com"], warning: ["ada@example.com", "ada@example.com"] },
          accountId: "123456789012",
        },
      });
      return Promise.resolve({ topics: set.topics, alarms: set.alarmArns });
    },
    { stack: "acme-platform" },
  );

const policyOf = (text: unknown) => (JSON.parse(text as string) as { Statement: object[] }).Statement;

describe("a set of alarms", () => {
  let set: Recording;
  beforeAll(async () => {
    set = await declare();
  });

  it("declares what the golden file lists, and nothing else", async () => {
    await expect(tree((await declare(singleMachine)).resources)).toMatchFileSnapshot("../golden/aws-alarms.txt");
  });

  it("tells each severity's topic when something goes wrong, and when it is well again", () => {
    const alarms = set.ofType("aws:cloudwatch/metricAlarm:MetricAlarm").map(({ inputs }) => inputs);
    expect(alarms).toHaveLength(alarmsFor(everything).length);
    for (const { alarmDescription, alarmActions, okActions } of alarms) {
      const severity = (alarmDescription as string).split(":")[0] ?? "";
      expect(alarmActions).toEqual([`arn:aws:test:::acme-platform-alarms-topic-${severity}`]);
      expect(okActions).toEqual(alarmActions);
    }
  });

  it("says in each what it is about, and where the runbook is", () => {
    expect(set.named("acme-platform-alarms-machine-status-main").inputs).toMatchObject({
      name: "acme-platform-machine-status-main",
      alarmDescription:
        "critical: The machine main does not run, or fails AWS's status checks. Runbook: docs/runbooks.md#machine-status",
      ...{ namespace: "AWS/EC2", metricName: "StatusCheckFailed", dimensions: { InstanceId: "i-1" } },
      ...{ statistic: "Maximum", comparisonOperator: "GreaterThanOrEqualToThreshold", threshold: 1 },
      ...{ period: 60, evaluationPeriods: 5, treatMissingData: "breaching" },
    });
  });

  it("asks for percentiles as CloudWatch wants them", () => {
    const { inputs } = set.named("acme-platform-alarms-odoo-latency");
    expect(inputs).toMatchObject({
      extendedStatistic: "p95",
      evaluateLowSampleCountPercentiles: "ignore",
      threshold: 3,
    });
    expect(inputs).not.toHaveProperty("statistic");
  });

  it("has figures that come seldom filled, so that none counts for longer than it should", () => {
    const { inputs } = set.named("acme-platform-alarms-backup-age-volumes");
    expect(inputs).toMatchObject({
      metricQueries: [
        {
          id: "sent",
          metric: {
            ...{ namespace: "AWS/EBS", metricName: "SnapshotsCreateCompleted", stat: "Sum", period: 3_600 },
            dimensions: { DLMPolicyId: "policy-1" },
          },
        },
        { id: "filled", expression: "FILL(sent, 0)", returnData: true },
      ],
      ...{
        comparisonOperator: "LessThanThreshold",
        threshold: 1,
        evaluationPeriods: 30,
        treatMissingData: "breaching",
      },
    });
    // AWS refuses an alarm that has both.
    for (const key of ["metricName", "namespace", "dimensions", "period", "statistic"]) {
      expect(inputs).not.toHaveProperty(key);
    }
  });

  it("encrypts the topics with a key that CloudWatch may use for this account's alarms", () => {
    for (const severity of ["critical", "warning"]) {
      const { inputs } = set.named(`acme-platform-alarms-topic-${severity}`);
      expect(inputs.kmsMasterKeyId).toBe("arn:aws:test:::acme-platform-alarms-key");
    }
    const { inputs } = set.named("acme-platform-alarms-key");
    expect(inputs.enableKeyRotation).toBe(true);
    const own = { StringEquals: { "aws:SourceAccount": "123456789012" } };
    expect(policyOf(inputs.policy)).toEqual([
      expect.objectContaining({ Principal: { AWS: "123456789012" }, Action: "kms:*" }),
      expect.objectContaining({ Principal: { Service: "cloudwatch.amazonaws.com" }, Condition: own }),
    ]);
  });

  it("lets CloudWatch publish for this account's alarms, and nobody without TLS", () => {
    const { inputs } = set.named("acme-platform-alarms-topic-critical-policy");
    expect(policyOf(inputs.policy)).toEqual([
      expect.objectContaining({
        ...{ Effect: "Allow", Principal: { Service: "cloudwatch.amazonaws.com" }, Action: "sns:Publish" },
        Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
      }),
      expect.objectContaining({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
    ]);
  });

  it("sends e-mail to each address once for a severity", () => {
    const sent = set.ofType("aws:sns/topicSubscription:TopicSubscription").map(({ inputs }) => inputs);
    expect(sent.map(({ endpoint, topic }) => [endpoint, (topic as string).split("-").at(-1)])).toEqual([
      ...[
        ["ada@example.com", "critical"],
        ["bob@example.com", "critical"],
        ["ada@example.com", "warning"],
      ],
    ]);
    expect(sent.every(({ protocol }) => protocol === "email")).toBe(true);
  });
});

describe("a set of alarms for topics that there are", () => {
  it("makes nothing but the alarms, which tell these", async () => {
    const tells = { critical: "arn:critical", warning: "arn:warning" };
    const set = await record(
      () => {
        const { topics } = new AlarmSet("acme-alarms", { stack: "acme", alarms: alarmsFor(everything), tells });
        return Promise.resolve({ topics });
      },
      { stack: "acme" },
    );
    const made = set.resources.filter(({ type }) => type.startsWith("aws:"));
    expect([...new Set(made.map(({ type }) => type))]).toEqual(["aws:cloudwatch/metricAlarm:MetricAlarm"]);
    expect(set.outputs.topics).toEqual(tells);
    for (const { inputs } of made) {
      const severity = (inputs.alarmDescription as string).split(":")[0];
      expect(inputs.alarmActions).toEqual([`arn:${severity}`]);
      expect(inputs.okActions).toEqual(inputs.alarmActions);
    }
  });
});
