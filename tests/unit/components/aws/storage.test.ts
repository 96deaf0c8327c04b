import { beforeAll, describe, expect, it } from "vitest";
import { BackupBucket, type BackupBucketArgs } from "../../../../components/aws/backupBucket";
import { backupAccess, tlsOnlyBucket } from "../../../../components/aws/bucketAccess";
import { SharedFilestore, type SharedFilestoreArgs } from "../../../../components/aws/sharedFilestore";
import { addressOf } from "../../../support/awsMocks";
import { declaring, record, type Recording } from "../../../support/mocks";

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, unknown>>;
}
const statements = (policy: unknown): readonly Statement[] =>
  (JSON.parse(policy as string) as { Statement: Statement[] }).Statement;

describe("files that machines have in common", () => {
  const declare = (more: Partial<SharedFilestoreArgs> = {}): Promise<Recording> =>
    record(
      declaring(() => {
        const files = new SharedFilestore("acme-files", {
          vpcId: "vpc-1",
          subnets: { "eu-central-1a": "subnet-a", "eu-central-1b": "subnet-b" },
          clients: { web: "sg-web" },
          ...more,
        });
        return { address: files.address };
      }),
      { stack: "acme-platform" },
    );
  let recording: Recording;
  beforeAll(async () => {
    recording = await declare();
  });

  it("are encrypted with a key of their own, protected, and never made anew", () => {
    const files = recording.named("acme-files-files");
    expect(files.inputs).toMatchObject({
      ...{ encrypted: true, kmsKeyId: "arn:aws:test:::acme-files-key" },
      ...{ performanceMode: "generalPurpose", throughputMode: "elastic" },
      lifecyclePolicies: [{ transitionToIa: "AFTER_30_DAYS" }, { transitionToPrimaryStorageClass: "AFTER_1_ACCESS" }],
    });
    expect(files.protect).toBe(true);
    expect(files.ignoreChanges).toEqual(expect.arrayContaining(["encrypted", "kmsKeyId", "performanceMode"]));
    expect(recording.named("acme-files-key").protect).toBe(true);
  });

  it("are reached with TLS alone, through their own addresses", () => {
    const [allow, deny] = statements(recording.named("acme-files-policy").inputs.policy);
    expect(allow).toMatchObject({
      ...{ Effect: "Allow", Condition: { Bool: { "elasticfilesystem:AccessedViaMountTarget": "true" } } },
    });
    expect(deny).toMatchObject({
      ...{ Effect: "Deny", Action: "*", Condition: { Bool: { "aws:SecureTransport": "false" } } },
    });
  });

  it("have an address in each zone, none of which is there before the policy", () => {
    for (const [zone, subnetId] of [
      ["eu-central-1a", "subnet-a"],
      ["eu-central-1b", "subnet-b"],
    ]) {
      expect(recording.named(`acme-files-mount-${zone}`).inputs).toMatchObject({
        ...{ subnetId, securityGroups: ["acme-files-access-id"] },
      });
      expect(recording.before(`acme-files-mount-${zone}`)).toContain("acme-files-policy");
    }
    expect(recording.outputs.address).toBe(addressOf("acme-files-files"));
  });

  it("let only the given groups in, on NFS's port", () => {
    const rules = recording.ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
    expect(rules.map(({ inputs }) => inputs)).toEqual([
      expect.objectContaining({ referencedSecurityGroupId: "sg-web", fromPort: 2049, toPort: 2049, ipProtocol: "tcp" }),
    ]);
    expect(recording.named("acme-files-access").inputs).not.toHaveProperty("egress");
  });

  it("are copied every day", () => {
    expect(recording.named("acme-files-backup").inputs.backupPolicy).toEqual({ status: "ENABLED" });
  });

  it("may be cheaper, unprotected, and have folders for others", async () => {
    const other = await declare({
      ...{ throughput: "bursting", coldAfterDays: 0, backup: false, protect: false, kmsKeyArn: "arn:given" },
      accessPoints: { reports: { path: "/reports", uid: 1000, gid: 1000 } },
    });
    expect(other.named("acme-files-files").inputs).toMatchObject({ throughputMode: "bursting", kmsKeyId: "arn:given" });
    expect(other.named("acme-files-files").inputs.lifecyclePolicies).toEqual([]);
    expect(other.named("acme-files-files").protect).toBe(false);
    expect(other.named("acme-files-folder-reports").inputs).toMatchObject({
      ...{ posixUser: { uid: 1000, gid: 1000 }, rootDirectory: { path: "/reports" } },
    });
  });
});

describe("a bucket for backups", () => {
  const declare = (args?: BackupBucketArgs, name = "acme-backups"): Promise<Recording> =>
    record(
      declaring(() => {
        const backups = new BackupBucket(name, args);
        return { access: backups.access({ prefix: "acme-prod", may: "write" }) };
      }),
      { stack: "acme-platform" },
    );
  let recording: Recording;
  beforeAll(async () => {
    recording = await declare();
  });
  const inputsOf = (role: string) => recording.named(`acme-backups-${role}`).inputs;

  it("keeps versions, is protected, and is not made anew for a lock", () => {
    expect(inputsOf("versioning").versioningConfiguration).toEqual({ status: "Enabled" });
    expect(recording.named("acme-backups-bucket")).toMatchObject({
      protect: true,
      ignoreChanges: ["objectLockEnabled"],
    });
    expect(inputsOf("bucket")).not.toHaveProperty("forceDestroy");
  });

  it("encrypts with its own key, asked for once for many objects", () => {
    expect(inputsOf("encryption").rules).toEqual([
      {
        applyServerSideEncryptionByDefault: {
          sseAlgorithm: "aws:kms",
          kmsMasterKeyId: "arn:aws:test:::acme-backups-key",
        },
        bucketKeyEnabled: true,
      },
    ]);
    expect(inputsOf("key").enableKeyRotation).toBe(true);
  });

  it("is closed to the public, to ACLs and to whoever comes without TLS", () => {
    expect(inputsOf("not-public")).toMatchObject({
      ...{ blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
    });
    expect(inputsOf("ownership").rule).toEqual({ objectOwnership: "BucketOwnerEnforced" });
    expect(inputsOf("policy").policy).toBe(tlsOnlyBucket("arn:aws:test:::acme-backups-bucket"));
  });

  it("lets old things get cheaper, what was deleted go after a while, and broken uploads too", () => {
    expect(inputsOf("lifecycle").rules).toEqual([
      {
        ...{ id: "cold", status: "Enabled", filter: { prefix: "" } },
        transitions: [{ days: 30, storageClass: "STANDARD_IA" }],
      },
      {
        ...{ id: "old-versions", status: "Enabled", filter: { prefix: "" } },
        noncurrentVersionExpiration: { noncurrentDays: 30 },
        expiration: { expiredObjectDeleteMarker: true },
      },
      {
        ...{ id: "broken-uploads", status: "Enabled", filter: { prefix: "" } },
        abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
      },
    ]);
  });

  it("has no lock and no record of who asked for what, unless that is asked for", async () => {
    expect(recording.ofType("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration")).toEqual([]);
    const locked = await declare({ lock: { mode: "compliance", days: 14 }, accessLogs: "acme-logs" });
    expect(locked.named("acme-backups-bucket").inputs.objectLockEnabled).toBe(true);
    expect(locked.named("acme-backups-lock").inputs.rule).toEqual({
      defaultRetention: { mode: "COMPLIANCE", days: 14 },
    });
    expect(locked.named("acme-backups-access-logs").inputs).toMatchObject({
      ...{ targetBucket: "acme-logs", targetPrefix: "acme-backups-bucket-id/" },
    });
  });

  it("is refused with what S3 does not take, all of it", async () => {
    const wrong = declare({ coldAfterDays: 10, keepVersionsDays: 0, lock: { mode: "governance", days: 0 } });
    await expect(wrong).rejects.toThrow(/lock\.days[\s\S]*coldAfterDays[\s\S]*30 days or more[\s\S]*keepVersionsDays/);
    await expect(declare({}, "x".repeat(49))).rejects.toThrow(/at most 48 small letters/);
    await expect(declare({}, "Acme")).rejects.toThrow(/name/);
  });

  it("gives a machine one folder of it", () => {
    expect(recording.outputs.access).toBe(
      backupAccess({
        bucketArn: "arn:aws:test:::acme-backups-bucket",
        keyArn: "arn:aws:test:::acme-backups-key",
        ...{ prefix: "acme-prod", may: "write" },
      }),
    );
  });
});

describe("policies of a bucket", () => {
  const access = (may: "write" | "read") =>
    statements(backupAccess({ bucketArn: "arn:bucket", keyArn: "arn:key", prefix: "acme-prod", may }));
  const actions = (may: "write" | "read") => access(may).flatMap(({ Action }) => Action);

  it("refuse everybody who comes without TLS 1.2", () => {
    const all = statements(tlsOnlyBucket("arn:bucket"));
    expect(all.map(({ Condition }) => Condition)).toEqual([
      { Bool: { "aws:SecureTransport": "false" } },
      { NumericLessThan: { "s3:TlsVersion": "1.2" } },
    ]);
    for (const statement of all) {
      expect(statement).toMatchObject({ Effect: "Deny", Action: "s3:*", Resource: ["arn:bucket", "arn:bucket/*"] });
    }
  });

  it("let a machine work in its folder alone", () => {
    const objects = access("write").find(({ Action }) => Action.includes("s3:GetObject"));
    expect(objects?.Resource).toBe("arn:bucket/acme-prod/*");
    const list = access("write").find(({ Action }) => Action === "s3:ListBucket");
    expect(list?.Condition).toEqual({ StringLike: { "s3:prefix": ["acme-prod", "acme-prod/*"] } });
  });

  it("let nobody delete a version, change the bucket, or use another key", () => {
    for (const may of ["write", "read"] as const) {
      expect(actions(may).filter((action) => /Version|Bypass|\*|PutBucket|Policy/.test(action))).toEqual([]);
      expect(access(may).find(({ Action }) => Action.includes("kms:Decrypt"))?.Resource).toBe("arn:key");
    }
  });

  it("let who reads do nothing else", () => {
    expect(actions("read").sort()).toEqual(["kms:Decrypt", "s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket"]);
  });
});
