import * as aws from "@pulumi/aws/provider";
import { describe, expect, it } from "vitest";
import { RdsCopy, type RdsCopyArgs } from "../../../components/staging/rdsCopy";
import type { RdsRoleInput } from "../../../infra/commands/steps/rdsRole";
import { declaring, record, type Recording } from "../../support/mocks";

const here = { account: "111111111111", region: "eu-central-1" };
const args: RdsCopyArgs = {
  ...{ stack: "acme-staging", source: { ...here, identifier: "acme-prod" }, here, moment: "now", refresh: "7" },
  ...{ instanceClass: "db.t4g.small", vpcId: "vpc-1", subnetIds: ["subnet-a", "subnet-b"] },
  ...{ clients: { operator: "sg-operator" }, dockerHost: "ssh://root@10.0.0.10:22", image: "sha256:1" },
  ...{ storage: undefined, database: { from: "acme-prod", to: "acme-staging" } },
  demand: { workers: 2, busyWorkers: 2, cronThreads: 1, dbMaxconn: undefined, maxConnections: undefined },
};
const latest = { id: "rds:acme-prod-today", dbSnapshotArn: "arn:latest", allocatedStorage: 70 };
const asked: unknown[] = [];
const world = {
  stack: "acme-staging",
  functions: { "aws:rds/getSnapshot:getSnapshot": (inputs: object) => (asked.push(inputs), latest) },
};

const declare = (more: Partial<RdsCopyArgs> = {}, source?: string): Promise<Recording> =>
  record(
    declaring(() => {
      const sourceProvider = source ? new aws.Provider(source, { region: "eu-west-1" }) : undefined;
      new RdsCopy("acme-staging-copy", { ...args, ...more, sourceProvider });
      return {};
    }),
    world,
  );
const names = (recording: Recording) => recording.resources.map(({ name }) => name);

describe("a copy of production's database", () => {
  it("is restored from a snapshot taken now, into an instance that keeps nothing and is not public", async () => {
    const recording = await declare();
    const taken = recording.named("acme-staging-copy-snapshot-taken-7");
    expect(taken.inputs).toMatchObject({
      ...{ dbInstanceIdentifier: "acme-prod", dbSnapshotIdentifier: "acme-prod-for-acme-staging-7" },
    });
    expect(taken.inputs).not.toHaveProperty("sharedAccounts");
    const instance = recording.named("acme-staging-copy-instance-7-instance");
    expect(instance.protect).toBe(false);
    expect(instance.inputs).toMatchObject({
      ...{ identifier: "acme-staging-7", instanceClass: "db.t4g.small", publiclyAccessible: false },
      ...{ snapshotIdentifier: "acme-staging-copy-snapshot-taken-7-id", allocatedStorage: 50, storageEncrypted: true },
      ...{ deletionProtection: false, skipFinalSnapshot: true, backupRetentionPeriod: 0 },
    });
    expect(recording.ofType("aws:rds/snapshotCopy:SnapshotCopy")).toEqual([]);
  });

  it("has passwords of its own, and the database's new name", async () => {
    const recording = await declare();
    const { role, master, password } = JSON.parse(
      recording.named("acme-staging-copy-role-7-made").inputs.stdin as string,
    ) as RdsRoleInput;
    expect(role).toEqual({ database: "acme-staging", from: "acme-prod" });
    expect(master.password).toContain("acme-staging-copy-instance-7");
    expect(password).toContain("acme-staging-copy-role-7");
  });

  it("is made beside the one before: nothing of one has the name of the other's", async () => {
    const first = names(await declare({ refresh: "1" }));
    const second = names(await declare({ refresh: "2" }));
    const data = (list: readonly string[]) => list.filter((name) => /instance|taken|role/.test(name));
    expect(data(first).filter((name) => data(second).includes(name))).toEqual([]);
  });

  it("takes the latest automated snapshot where that is asked for, and not tomorrow's as well", async () => {
    const recording = await declare({ moment: "automated" });
    expect(asked).toContainEqual({ dbInstanceIdentifier: "acme-prod", snapshotType: "automated", mostRecent: true });
    const instance = recording.named("acme-staging-copy-instance-7-instance");
    expect(instance.inputs).toMatchObject({ snapshotIdentifier: "rds:acme-prod-today", allocatedStorage: 70 });
    expect(instance.ignoreChanges).toContain("snapshotIdentifier");
  });
});

describe("a copy from elsewhere", () => {
  it("is encrypted anew in another region", async () => {
    const source = { ...args.source, region: "eu-west-1" };
    const recording = await declare({ source, kmsKeyArn: "arn:here" }, "ireland");
    expect(recording.named("acme-staging-copy-snapshot-taken-7").provider).toBe("ireland");
    const copy = recording.named("acme-staging-copy-snapshot-copy-7");
    expect(copy.inputs).toMatchObject({
      sourceDbSnapshotIdentifier: "arn:aws:test:::snapshot:acme-staging-copy-snapshot-taken-7",
      targetDbSnapshotIdentifier: "acme-prod-for-acme-staging-7-copy",
      kmsKeyId: "arn:here",
    });
    expect(copy.provider).not.toBe("ireland");
    expect(copy.ignoreChanges).toContain("sourceDbSnapshotIdentifier");
  });

  it("is shared with the one account that needs it, and encrypted anew there", async () => {
    const source = { ...args.source, account: "222222222222" };
    const recording = await declare({ source, kmsKeyArn: "arn:here" }, "production");
    expect(recording.named("acme-staging-copy-snapshot-taken-7").inputs.sharedAccounts).toEqual(["111111111111"]);
    expect(recording.named("acme-staging-copy-snapshot-copy-7").inputs.kmsKeyId).toBe("arn:here");
  });

  it("is copied before it is shared where it is an automated one", async () => {
    const source = { ...args.source, account: "222222222222" };
    const recording = await declare({ source, kmsKeyArn: "arn:here", moment: "automated" }, "production");
    const shared = recording.named("acme-staging-copy-snapshot-shared-7");
    expect(shared.provider).toBe("production");
    expect(shared.inputs).toMatchObject({ sharedAccounts: ["111111111111"], sourceDbSnapshotIdentifier: "arn:latest" });
    expect(recording.named("acme-staging-copy-snapshot-copy-7").inputs.sourceDbSnapshotIdentifier).toBe(
      "arn:aws:test:::snapshot:acme-staging-copy-snapshot-shared-7",
    );
  });

  it("is refused where AWS has no way", async () => {
    const source = { account: "222222222222", region: "eu-west-1", identifier: "acme-prod" };
    await expect(declare({ source, kmsKeyArn: "arn:here" }, "there")).rejects.toThrow(/restore\.source/);
  });

  it("has a key of its own where it is given none, which can go, and which outlives each copy", async () => {
    const source = { ...args.source, region: "eu-west-1" };
    const recording = await declare({ source }, "ireland");
    const key = recording.named("acme-staging-copy-key");
    expect(key).toMatchObject({ type: "aws:kms/key:Key", parent: "acme-staging-copy", protect: false });
    expect(key.provider).not.toBe("ireland");
    const arn = "arn:aws:test:::acme-staging-copy-key";
    expect(recording.named("acme-staging-copy-snapshot-copy-7").inputs.kmsKeyId).toBe(arn);
    // A restored instance has its snapshot's key by itself; its figures are told.
    expect(recording.named("acme-staging-copy-instance-7-instance").inputs).toMatchObject({
      ...{ snapshotIdentifier: "acme-staging-copy-snapshot-copy-7-id", performanceInsightsKmsKeyId: arn },
    });
    expect(names(await declare({ source, refresh: "8" }, "ireland"))).toContain("acme-staging-copy-key");
    expect(names(await declare())).not.toContain("acme-staging-copy-key");
  });
});
