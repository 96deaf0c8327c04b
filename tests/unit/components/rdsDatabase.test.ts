import { beforeAll, describe, expect, it } from "vitest";
import type { RdsDatabaseArgs } from "../../../components/database/rdsArgs";
import { RdsDatabase } from "../../../components/database/rdsDatabase";
import { RdsRole } from "../../../components/database/rdsRole";
import type { RdsRoleInput } from "../../../infra/commands/steps/rdsRole";
import { addressOf } from "../../support/awsMocks";
import { declaring, passwordOf, record, type Recording } from "../../support/mocks";

const args: RdsDatabaseArgs = {
  ...{ identifier: "acme-prod", instanceClass: "db.t4g.medium", storage: "50 GB", vpcId: "vpc-1" },
  ...{ subnetIds: ["subnet-a", "subnet-b"], clients: { web: "sg-web", operator: "sg-operator" } },
  demand: { workers: 4, busyWorkers: 4, cronThreads: 1, dbMaxconn: undefined, maxConnections: undefined },
};
const masterSecret = { username: "odoo_stacks_admin", password: "master-secret" };
const world = {
  stack: "acme-prod",
  functions: {
    "aws:secretsmanager/getSecretVersion:getSecretVersion": () => ({ secretString: JSON.stringify(masterSecret) }),
  },
};

const declare = (more: Partial<RdsDatabaseArgs> = {}): Promise<Recording> =>
  record(
    declaring(() => {
      const database = new RdsDatabase("acme-prod-database", { ...args, ...more });
      new RdsRole("acme-prod-role", {
        ...{ stack: "acme-prod", on: database, region: "eu-central-1", wish: { database: "acme" } },
        ...{ dockerHost: "ssh://root@10.0.0.10:22", image: "sha256:1" },
      });
      return { maxConnections: database.maxConnections };
    }),
    world,
  );

const instanceOf = (recording: Recording) => recording.named("acme-prod-database-instance");

describe("a database on RDS", () => {
  let recording: Recording;
  beforeAll(async () => {
    recording = await declare();
  });

  it("is PostgreSQL 17 on gp3 that grows by itself", () => {
    expect(instanceOf(recording).inputs).toMatchObject({
      ...{ identifier: "acme-prod", engine: "postgres", engineVersion: "17", instanceClass: "db.t4g.medium" },
      ...{ storageType: "gp3", allocatedStorage: 50, maxAllocatedStorage: 200, autoMinorVersionUpgrade: true },
      ...{ multiAz: false, applyImmediately: false },
    });
    // Another minor version is no change, and no database is made that could only be replaced.
    expect(instanceOf(recording).inputs).not.toHaveProperty("dbName");
  });

  it("is encrypted with a key of its own, which is renewed and protected", () => {
    const key = recording.named("acme-prod-database-key");
    expect(key.inputs).toMatchObject({ enableKeyRotation: true, deletionWindowInDays: 30 });
    expect(key.protect).toBe(true);
    const arn = "arn:aws:test:::acme-prod-database-key";
    expect(instanceOf(recording).inputs).toMatchObject({
      ...{ storageEncrypted: true, kmsKeyId: arn, performanceInsightsKmsKeyId: arn, masterUserSecretKmsKeyId: arn },
    });
  });

  it("is not public, and lets only the given groups in, on one port", () => {
    expect(instanceOf(recording).inputs).toMatchObject({
      ...{ publiclyAccessible: false, port: 5432, vpcSecurityGroupIds: ["acme-prod-database-access-id"] },
    });
    const group = recording.named("acme-prod-database-access");
    expect(group.inputs).not.toHaveProperty("ingress");
    expect(group.inputs).not.toHaveProperty("egress");
    const rules = recording.ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
    expect(rules.map(({ inputs }) => inputs.referencedSecurityGroupId)).toEqual(["sg-web", "sg-operator"]);
    for (const { inputs } of rules) {
      expect(inputs).toMatchObject({
        ipProtocol: "tcp",
        fromPort: 5432,
        toPort: 5432,
        securityGroupId: `${group.name}-id`,
      });
      expect(inputs).not.toHaveProperty("cidrIpv4");
    }
  });

  it("answers with TLS alone", () => {
    const { family, parameters } = recording.named("acme-prod-database-parameters").inputs;
    expect(family).toBe("postgres17");
    expect(parameters).toContainEqual({ name: "rds.force_ssl", value: "1", applyMethod: "immediate" });
    const value = String(recording.outputs.maxConnections);
    expect(parameters).toContainEqual({ name: "max_connections", value, applyMethod: "pending-reboot" });
  });

  it("is protected from being deleted, and leaves a last snapshot and its backups", () => {
    expect(instanceOf(recording).protect).toBe(true);
    expect(instanceOf(recording).inputs).toMatchObject({
      ...{ deletionProtection: true, skipFinalSnapshot: false, finalSnapshotIdentifier: "acme-prod-final-1a2b3c4d" },
      ...{ deleteAutomatedBackups: false, backupRetentionPeriod: 14, copyTagsToSnapshot: true },
      ...{ backupWindow: "02:00-03:00", maintenanceWindow: "sun:03:30-sun:04:30" },
    });
  });

  it("is never made anew by what Pulumi could only do so", () => {
    for (const property of ["snapshotIdentifier", "kmsKeyId", "storageEncrypted", "username", "availabilityZone"]) {
      expect(instanceOf(recording).ignoreChanges).toContain(property);
    }
  });

  it("has its master password in Secrets Manager, and not in the state", () => {
    expect(instanceOf(recording).inputs).toMatchObject({
      ...{ manageMasterUserPassword: true, username: "odoo_stacks_admin" },
    });
    expect(instanceOf(recording).inputs).not.toHaveProperty("password");
  });

  it("is watched: figures of the system and of queries, and logs that are kept for a month", () => {
    expect(instanceOf(recording).inputs).toMatchObject({
      ...{ monitoringInterval: 60, performanceInsightsEnabled: true, performanceInsightsRetentionPeriod: 7 },
      ...{ databaseInsightsMode: "standard", enabledCloudwatchLogsExports: ["postgresql", "upgrade"] },
    });
    const role = recording.named("acme-prod-database-monitoring");
    expect(role.inputs.assumeRolePolicy).toContain('"Service":"monitoring.rds.amazonaws.com"');
    expect(recording.named("acme-prod-database-log-postgresql").inputs).toMatchObject({
      ...{ name: "/aws/rds/instance/acme-prod/postgresql", retentionInDays: 30 },
    });
    expect(recording.before("acme-prod-database-instance")).toContain("acme-prod-database-log-postgresql");
  });

  it("has everything below it", () => {
    const own = recording.resources.filter(({ type }) => type.startsWith("aws:"));
    expect(own.length).toBe(11);
    expect(own.filter(({ parent }) => parent !== "acme-prod-database").map(({ name }) => name)).toEqual([]);
  });
});

describe("the role that Odoo connects as", () => {
  it("is made once the instance is there, with secrets on standard input alone", async () => {
    const recording = await declare();
    const step = recording.named("acme-prod-role-made");
    expect(step.secretInputs).toContain("stdin");
    expect(JSON.stringify({ ...step.inputs, stdin: "" })).not.toContain("secret");
    expect(JSON.parse(step.inputs.stdin as string) as RdsRoleInput).toEqual({
      ...{ dockerHost: "ssh://root@10.0.0.10:22", stack: "acme-prod", image: "sha256:1", port: 5432 },
      trust: "https://truststore.pki.rds.amazonaws.com/eu-central-1/eu-central-1-bundle.pem",
      host: addressOf("acme-prod-database-instance"),
      ...{ master: masterSecret, role: { database: "acme" }, password: passwordOf("acme-prod-role-password") },
    });
    expect(recording.before("acme-prod-role-made")).toContain("acme-prod-database-instance");
  });
});

describe("choices", () => {
  it("multi-zone, tokens of IAM, longer figures, a given key", async () => {
    const recording = await declare({
      ...{ multiAz: true, iamAuthentication: true, insights: "advanced", kmsKeyArn: "arn:given", maxStorage: "60 GB" },
    });
    expect(instanceOf(recording).inputs).toMatchObject({
      ...{ multiAz: true, iamDatabaseAuthenticationEnabled: true, databaseInsightsMode: "advanced" },
      ...{ performanceInsightsRetentionPeriod: 465, kmsKeyId: "arn:given", maxAllocatedStorage: 60 },
    });
    expect(recording.ofType("aws:kms/key:Key")).toEqual([]);
  });

  it("a replica: as closed and as encrypted, and a master password that RDS does not keep", async () => {
    const recording = await declare({ replica: { instanceClass: "db.t4g.large" } });
    const replica = recording.named("acme-prod-database-replica");
    expect(replica.inputs).toMatchObject({
      ...{ identifier: "acme-prod-replica", instanceClass: "db.t4g.large" },
      ...{ publiclyAccessible: false, storageEncrypted: true, skipFinalSnapshot: true },
      replicateSourceDb: "acme-prod",
      vpcSecurityGroupIds: ["acme-prod-database-access-id"],
    });
    for (const none of ["engine", "username", "password", "allocatedStorage", "dbSubnetGroupName"]) {
      expect(replica.inputs).not.toHaveProperty(none);
    }
    expect(instanceOf(recording).inputs.password).toBe(passwordOf("acme-prod-database-master-password"));
    expect(instanceOf(recording).secretInputs).toContain("password");
    expect(instanceOf(recording).inputs).not.toHaveProperty("manageMasterUserPassword");
  });

  it("a snapshot: neither user nor key of its own, and at least its size", async () => {
    const recording = await declare({ snapshot: { id: "snapshot-1", storageGb: 80 }, storage: undefined });
    expect(instanceOf(recording).inputs).toMatchObject({
      ...{ snapshotIdentifier: "snapshot-1", allocatedStorage: 80, storageEncrypted: true },
    });
    for (const none of ["username", "kmsKeyId", "manageMasterUserPassword"]) {
      expect(instanceOf(recording).inputs).not.toHaveProperty(none);
    }
    expect(recording.ofType("aws:kms/key:Key")).toEqual([]);
    const stdin = JSON.parse(recording.named("acme-prod-role-made").inputs.stdin as string) as RdsRoleInput;
    expect(stdin.master).toEqual({
      ...{ username: "source_admin", password: passwordOf("acme-prod-database-master-password") },
    });
  });

  it("sharing: the other account may use the key, and do nothing else with it", async () => {
    const recording = await declare({ sharing: { account: "111111111111", with: ["222222222222"] } });
    const { Statement } = JSON.parse(recording.named("acme-prod-database-key").inputs.policy as string) as {
      Statement: { Sid: string; Action: string | string[]; Principal: unknown }[];
    };
    const [own, ...others] = Statement;
    expect(own).toMatchObject({ Action: "kms:*", Principal: { AWS: ["arn:aws:iam::111111111111:root"] } });
    for (const { Principal, Action } of others) {
      expect(Principal).toEqual({ AWS: ["arn:aws:iam::222222222222:root"] });
      expect(Action).not.toContain("kms:*");
      expect(Action).not.toContain("kms:PutKeyPolicy");
    }
  });

  it("no protection: nothing stays", async () => {
    const recording = await declare({ protect: false, monitoringSeconds: 0 });
    expect(instanceOf(recording)).toMatchObject({ protect: false });
    expect(instanceOf(recording).inputs).toMatchObject({
      ...{ deletionProtection: false, skipFinalSnapshot: true, deleteAutomatedBackups: true, monitoringInterval: 0 },
    });
    expect(recording.ofType("aws:iam/role:Role")).toEqual([]);
  });
});

describe("what RDS would refuse", () => {
  it("is told before anything is declared, all of it", async () => {
    await expect(declare({ instanceClass: "db.m7g.lagre", storage: "5 GB" })).rejects.toThrow(
      /acme-prod can't be made on RDS[\s\S]*instanceClass[\s\S]*db\.m7g\.large[\s\S]*storage[\s\S]*20 to 65536 GB/,
    );
    await expect(declare({ instanceClass: "db.t4g.micro", demand: { ...args.demand, workers: 80 } })).rejects.toThrow(
      /take a larger instance class/,
    );
    await expect(declare({ masterPassword: "rds", replica: {} })).rejects.toThrow(/masterPassword/);
    await expect(declare({ settings: { "rds.force_ssl": "0" } })).rejects.toThrow(/settings\.rds\.force_ssl/);
  });
});
