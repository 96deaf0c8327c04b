import { beforeAll, describe, expect, it } from "vitest";
import { BackupEvents, databaseBackedUp, filesBackedUp } from "../../../../components/monitoring/backupEvents";
import { record, type Recording } from "../../../support/mocks";

describe("events of backups", () => {
  let events: Recording;
  beforeAll(async () => {
    events = await record(
      () => {
        const { finished } = new BackupEvents("acme-backups", { of: "acme", pattern: databaseBackedUp("acme-db") });
        return Promise.resolve({ finished });
      },
      { stack: "acme" },
    );
  });

  it("are matched by a rule: RDS has finished a backup of this one instance", () => {
    const { inputs } = events.named("acme-backups-rule");
    expect(JSON.parse(inputs.eventPattern as string)).toEqual({
      source: ["aws.rds"],
      "detail-type": ["RDS DB Instance Event"],
      detail: { EventID: ["RDS-EVENT-0002"], SourceArn: [{ suffix: ":db:acme-db" }] },
    });
  });

  it("of AWS Backup are of this one file system", () => {
    expect(filesBackedUp("arn:aws:elasticfilesystem:::file-system/fs-1")).toEqual({
      source: ["aws.backup"],
      "detail-type": ["Backup Job State Change"],
      detail: { state: ["COMPLETED"], resourceArn: ["arn:aws:elasticfilesystem:::file-system/fs-1"] },
    });
  });

  it("are counted by what the rule calls: a topic, for which it may and nobody without TLS", () => {
    const topic = "arn:aws:test:::acme-backups-topic";
    expect(events.named("acme-backups-target").inputs).toMatchObject({ arn: topic });
    expect(events.before("acme-backups-target")).toContain("acme-backups-topic-policy");
    const { Statement } = JSON.parse(events.named("acme-backups-topic-policy").inputs.policy as string) as {
      Statement: object[];
    };
    expect(Statement).toEqual([
      expect.objectContaining({
        ...{ Effect: "Allow", Principal: { Service: "events.amazonaws.com" }, Action: "sns:Publish", Resource: topic },
        Condition: { ArnEquals: { "aws:SourceArn": "arn:aws:test:::acme-backups-rule" } },
      }),
      expect.objectContaining({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
    ]);
    expect(events.outputs.finished).toMatchObject({ namespace: "AWS/Events", name: "Invocations" });
    expect(events.ofType("aws:sns/topicSubscription:TopicSubscription")).toEqual([]);
  });
});
