import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { FirstDatabaseInput } from "../../../infra/commands/steps/firstDatabase";
import type { RdsRoleInput } from "../../../infra/commands/steps/rdsRole";
import type { ReleaseInput } from "../../../infra/commands/steps/release";
import type { Platform } from "../../../infra/config/platformOutput";
import { parseSource } from "../../../infra/config/sourceOutput";
import { databaseOnRds } from "../../../infra/programs/databaseOnRds";
import { addressOf } from "../../support/awsMocks";
import { servers } from "../../support/fakeServer";
import { type Recorded, type Recording, tree } from "../../support/mocks";
import { constraintsOf, declare as declareOn, inputOf, volumesOf } from "../../support/placedEnvironment";
import { awsPlatform, engineAt } from "../../support/platform";

vi.mock("../../../infra/targets/servers", async () => ({
  ServerTarget: (await vi.importActual<{ FakeServer: unknown }>("../../support/fakeServer")).FakeServer,
}));

const secretString = JSON.stringify({ username: "odoo_stacks_admin", password: "master-secret" });
const functions = { "aws:secretsmanager/getSecretVersion:getSecretVersion": () => ({ secretString }) };

const declare = (platform: Platform, config: Record<string, string> = {}): Promise<Recording> =>
  declareOn(platform, config, undefined, { onRds: databaseOnRds, functions });

const web = engineAt("10.0.0.10");
const edge = awsPlatform.network.edge;

const written = (rds: object = {}, more: object = {}) => ({
  database: JSON.stringify({ kind: "rds", rds: { class: "db.t4g.medium", ...rds }, ...more }),
});

interface Spec {
  readonly containerSpec: {
    readonly env?: Record<string, string>;
    readonly configs?: readonly { readonly configId: string; readonly fileName: string }[];
    readonly secrets: readonly { readonly fileName: string; readonly fileUid: string }[];
  };
  readonly networksAdvanceds: readonly { readonly id: string }[];
}
const specOf = (environment: Recording, service: string): Spec =>
  environment.named(`acme-${service}-service`).inputs.taskSpec as Spec;
const confOf = (environment: Recording, service: string): string =>
  Buffer.from(environment.named(`acme-${service}-conf`).inputs.data as string, "base64").toString();

afterEach(() => {
  servers.clear();
});

describe("production whose PostgreSQL is on RDS", () => {
  let environment: Recording;
  let instance: Recorded;
  beforeAll(async () => {
    environment = await declare(awsPlatform, written());
    instance = environment.named("acme-rds-instance");
  });

  it("declares what the golden file lists, and nothing else", async () => {
    await expect(tree(environment.resources)).toMatchFileSnapshot("golden/aws-environment-rds.txt");
  });

  it("makes the instance in the platform's network, for its machines alone, protected, and with a standby", () => {
    expect(instance.protect).toBe(true);
    expect(instance.inputs).toMatchObject({
      ...{ identifier: "acme", instanceClass: "db.t4g.medium", allocatedStorage: 20, maxAllocatedStorage: 80 },
      ...{ multiAz: true, publiclyAccessible: false, storageEncrypted: true, deletionProtection: true },
      ...{ backupRetentionPeriod: 14, manageMasterUserPassword: true },
    });
    expect(environment.named("acme-rds-subnets").inputs.subnetIds).toEqual(["subnet-3", "subnet-4"]);
    expect(environment.named("acme-rds-access").inputs.vpcId).toBe("vpc-1");
    const lets = environment.ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
    expect(lets.map(({ inputs }) => inputs.referencedSecurityGroupId)).toEqual(["sg-machines"]);
  });

  it("makes all of it in the platform's region, with tags by which it is found and paid", () => {
    const provider = environment.named("acme-aws").inputs;
    expect(provider.region).toBe("eu-central-1");
    expect(JSON.parse(provider.defaultTags as string)).toEqual({
      tags: {
        ...{ "odoo-stacks.stack": "acme", "odoo-stacks.platform": "acme-platform", environment: "production" },
        owner: "erp",
      },
    });
    const others = environment.resources.filter(({ type, provider: by }) => /^aws:/.test(type) && by !== "acme-aws");
    expect(others).toEqual([]);
  });

  it("has neither a container nor a volume with a cluster, and marks no machine with one", () => {
    expect(Object.keys(volumesOf(environment))).toEqual(["acme-odoo-filestore", "acme-odoo-releases"]);
    expect(environment.resources.map(({ name }) => name)).not.toContain("acme-database-service");
    expect(inputOf(environment, "place")).toEqual({ dockerHost: web, stack: "acme", files: "web", shared: false });
  });

  it("makes Odoo's role from the machine with the web container", () => {
    expect(inputOf(environment, "database-made") as RdsRoleInput).toMatchObject({
      ...{ dockerHost: web, stack: "acme", role: { database: "odoo" }, host: addressOf("acme-rds-instance") },
    });
  });

  it("has Odoo check the server's certificate", () => {
    for (const service of ["odoo-web", "odoo-cron"]) {
      const { containerSpec } = specOf(environment, service);
      const path = containerSpec.env?.PGSSLROOTCERT;
      expect(containerSpec.configs).toEqual([
        expect.objectContaining({ configId: "acme-odoo-database-trust-id", fileName: path }),
      ]);
      expect(confOf(environment, service)).toContain("db_sslmode = verify-full\n");
    }
    const trust = environment.named("acme-odoo-database-trust").inputs.data as string;
    expect(Buffer.from(trust, "base64").toString()).toContain("BEGIN CERTIFICATE");
  });

  it("lets jobs out of the environment's network, and checks certificates there too", () => {
    const first = inputOf(environment, "odoo-first-database") as FirstDatabaseInput;
    expect(first.network).toBe(edge.name);
    expect(first.trust).toContain("BEGIN CERTIFICATE");
    const { plan } = inputOf(environment, "odoo-release-switch") as ReleaseInput;
    expect(plan).toMatchObject({ network: edge.name, remoteDatabase: true });
  });

  it("has a container from which psql reaches it as Odoo does, with the password in a file", () => {
    const client = "database-client";
    const spec = specOf(environment, client);
    expect(spec.containerSpec.env).toMatchObject({
      ...{ PGUSER: "odoo", PGDATABASE: "odoo", PGSSLMODE: "verify-full", PGHOST: addressOf("acme-rds-instance") },
      PGPASSFILE: spec.containerSpec.secrets[0]?.fileName,
    });
    expect(spec.networksAdvanceds.map(({ id }) => id)).toEqual([edge.id]);
    expect(constraintsOf(environment, client)).toEqual(["node.labels.odoo-stacks.machine==web"]);
    expect(environment.before("acme-odoo-release-switch")).toContain(`acme-${client}-service`);
    const password = environment.named(`acme-${client}-password`);
    expect(password.secretInputs).toContain("data");
    expect(Buffer.from(password.inputs.data as string, "base64").toString()).toMatch(/^\*:\*:\*:\*:.+\n$/);
  });

  it("has connections for all that Odoo may open, and memory of its own", async () => {
    const parameters = environment.named("acme-rds-parameters").inputs.parameters as { name: string; value: string }[];
    const most = Number(parameters.find(({ name }) => name === "max_connections")?.value);
    const workers = Number(/^workers = (\d+)$/m.exec(confOf(environment, "odoo-web"))?.[1]);
    const each = Number(/^db_maxconn = (\d+)$/m.exec(confOf(environment, "odoo-web"))?.[1]);
    expect(most).toBeGreaterThanOrEqual(2 * workers * each);
    const inContainer = await declare({
      ...awsPlatform,
      placement: { ...awsPlatform.placement, production: { database: "web", web: ["web"] } },
    });
    const memory = (from: Recording) =>
      (specOf(from, "odoo-web") as unknown as { resources: { limits: { memoryBytes: number } } }).resources.limits
        .memoryBytes;
    expect(memory(environment)).toBeGreaterThanOrEqual(memory(inContainer));
  });

  it("has a snapshot of the instance from before a release where that is asked for, and the release waits for it", async () => {
    const config = { ...written(), release: '{"snapshot":"rds"}' };
    const asked = await declare(awsPlatform, config);
    const name = "acme-rds-before-release";
    const { dbSnapshotIdentifier } = asked.named(name).inputs;
    expect(dbSnapshotIdentifier).toMatch(/^acme-before-[0-9a-f]{10}$/);
    expect(asked.before("acme-odoo-release-switch")).toContain(name);
    expect(asked.before("acme-odoo-web-service")).not.toContain(name);
    const other = await declare(awsPlatform, { ...config, modules: '["sale_management"]' });
    expect(other.named(name).inputs.dbSnapshotIdentifier).not.toBe(dbSnapshotIdentifier);
    expect(environment.resources.map((resource) => resource.name)).not.toContain(name);
  });

  it("exports its address, which no replica has by itself", () => {
    expect(environment.outputs.database).toEqual({ address: addressOf("acme-rds-instance") });
    expect(environment.resources.map(({ name }) => name)).not.toContain("acme-rds-replica");
  });

  it("tells those that are copies of it which instance has its data", () => {
    const { source } = environment.outputs;
    const own = { stack: "acme-staging", platform: "acme-platform" };
    expect(parseSource(source, "acme", own)).toMatchObject({ onRds: true, instance: "acme", database: "odoo" });
    const earlier = { ...(source as object), instance: undefined };
    expect(() => parseSource(earlier, "acme", own)).toThrow(/its instance on RDS[^]*odoo-stacks up acme/);
  });
});

describe("accounts that it is shared with", () => {
  const told = { ...awsPlatform, aws: awsPlatform.aws && { ...awsPlatform.aws, account: "111111111111" } };
  const policyOf = (environment: Recording) =>
    JSON.parse(environment.named("acme-rds-key").inputs.policy as string) as { Statement: { Sid: string }[] };

  it("may use its key, and copies are told which they are", async () => {
    const environment = await declare(told, written({ sharing: ["222222222222"] }));
    expect(policyOf(environment).Statement.map(({ Sid }) => Sid)).toEqual([
      ...["OwnAccount", "OthersUse", "OthersServicesUse"],
    ]);
    expect(JSON.stringify(policyOf(environment))).toContain("arn:aws:iam::222222222222:root");
    const sourceOf = (from: Recording) => from.outputs.source as { sharing: unknown; operator: unknown };
    expect(sourceOf(environment).sharing).toEqual(["222222222222"]);
    expect(sourceOf(environment).operator).toMatch(/^sha256:/);
  });

  it("can't any more once they are taken out: AWS would keep a policy that is not there", async () => {
    const environment = await declare(told, written());
    expect(policyOf(environment).Statement.map(({ Sid }) => Sid)).toEqual(["OwnAccount"]);
  });

  it("change nothing but the key's policy", async () => {
    const [before, after] = [
      await declare(told, written()),
      await declare(told, written({ sharing: ["222222222222"] })),
    ];
    const inputsOf = ({ resources }: Recording) =>
      resources.filter(({ type }) => /^aws:/.test(type)).map(({ name, inputs }) => [name, { ...inputs, policy: "" }]);
    expect(inputsOf(after)).toEqual(inputsOf(before));
  });

  it("are refused where the platform does not tell its own account", async () => {
    await expect(declare(awsPlatform, written({ sharing: ["222222222222"] }))).rejects.toThrow(
      /which AWS account it is in[^]*odoo-stacks up acme-platform/,
    );
  });

  it.each([
    ["[222222222222]", /Write "222222222222", with quotes/],
    ['["22222"]', /12 digits/],
  ])("are 12 digits: %s", async (sharing, message) => {
    const database = `{"kind":"rds","rds":{"class":"db.t4g.medium","sharing":${sharing}}}`;
    await expect(declare(told, { database })).rejects.toThrow(message);
  });
});

describe("a replica", () => {
  const asked = (replica: object) => declare(awsPlatform, written({ masterPassword: "stack", replica }));

  it("is one more instance, of the same class unless another is written, and its address is exported", async () => {
    const environment = await asked({});
    expect(environment.named("acme-rds-replica").inputs).toMatchObject({
      ...{ identifier: "acme-replica", instanceClass: "db.t4g.medium", replicateSourceDb: "acme", multiAz: false },
    });
    expect(environment.outputs.database).toEqual({
      ...{ address: addressOf("acme-rds-instance"), replica: addressOf("acme-rds-replica") },
    });
    const other = await asked({ class: "db.m7g.large" });
    expect(other.named("acme-rds-replica").inputs.instanceClass).toBe("db.m7g.large");
    expect(other.named("acme-rds-instance").inputs.instanceClass).toBe("db.t4g.medium");
  });

  it("is watched for how far it is behind", async () => {
    const { inputs } = (await asked({})).named("acme-alarms-database-replica-lag");
    expect(inputs).toMatchObject({ metricName: "ReplicaLag", dimensions: { DBInstanceIdentifier: "acme-replica" } });
  });

  it("is refused where RDS keeps the master password", async () => {
    await expect(declare(awsPlatform, written({ replica: {} }))).rejects.toThrow(/database\.rds\.masterPassword/);
  });
});

describe("alarms", () => {
  const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
  const { aws } = awsPlatform;
  if (!aws) throw new Error("no platform on AWS");
  const alarmsOf = (environment: Recording) =>
    environment.ofType("aws:cloudwatch/metricAlarm:MetricAlarm").map(({ inputs }) => inputs);
  const namesOf = (environment: Recording) => alarmsOf(environment).map(({ name }) => name as string);
  afterEach(() => {
    warn.mockClear();
  });

  it("watch the instance under the stack's name, and tell whom the platform's tell", async () => {
    const environment = await declare(awsPlatform, written({ storage: "100 GB" }));
    expect(namesOf(environment).sort()).toEqual([
      "acme-backup-age",
      ...["connections", "cpu", "credits", "memory", "storage", "storage-full", "transactions"].map(
        (what) => `acme-database-${what}`,
      ),
    ]);
    for (const { name, alarmDescription, alarmActions, okActions, dimensions } of alarmsOf(environment)) {
      const [severity = ""] = (alarmDescription as string).split(":");
      expect([alarmActions, okActions]).toEqual(Array(2).fill([`arn:aws:sns:::${severity}`]));
      if (name !== "acme-backup-age") expect(dimensions).toEqual({ DBInstanceIdentifier: "acme" });
    }
    expect(warn).not.toHaveBeenCalled();
  });

  it("watch its backups, by a rule that may be there before RDS makes the first one, with an alarm that is not", async () => {
    const environment = await declare(awsPlatform, written());
    expect(environment.named("acme-rds-backups-rule").inputs.eventPattern).toContain('{"suffix":":db:acme"}');
    expect(environment.before("acme-rds-backups-rule")).not.toContain("acme-rds-instance");
    expect(environment.before("acme-alarms-backup-age")).toContain("acme-rds-instance");
    expect(environment.named("acme-alarms-backup-age").inputs).toMatchObject({
      alarmDescription: expect.stringMatching(/^critical: .*database of acme .*#backup-age$/) as string,
      metricQueries: [{ metric: { namespace: "AWS/Events", metricName: "Invocations" } }, { id: "filled" }],
    });
  });

  it("have thresholds by the instance's storage, memory and connections", async () => {
    const environment = await declare(awsPlatform, written({ storage: "100 GB" }));
    const threshold = (what: string) => environment.named(`acme-alarms-database-${what}`).inputs.threshold;
    expect(threshold("storage")).toBe(10 * 1024 ** 3);
    expect(threshold("memory")).toBe(Math.floor(0.4 * 1024 ** 3));
    const parameters = environment.named("acme-rds-parameters").inputs.parameters as { name: string; value: string }[];
    const most = Number(parameters.find(({ name }) => name === "max_connections")?.value);
    expect(threshold("connections")).toBe(Math.floor(most * 0.8));
  });

  it("leave out CPU credits where the class has none", async () => {
    expect(namesOf(await declare(awsPlatform, written({ class: "db.m7g.large" })))).not.toContain(
      "acme-database-credits",
    );
  });

  it("are none where the platform has nobody told", async () => {
    const quiet: Platform = { ...awsPlatform, aws: { ...aws, topics: "none" } };
    expect(alarmsOf(await declare(quiet, written()))).toEqual([]);
    expect(warn).not.toHaveBeenCalled();
  });

  it("are none where an earlier version brought the platform up, and it is said how to have them", async () => {
    const before: Platform = { ...awsPlatform, aws: { ...aws, topics: undefined } };
    expect(alarmsOf(await declare(before, written()))).toEqual([]);
    expect(warn.mock.calls).toEqual([
      [expect.stringMatching(/^No alarm watches the database of acme: [^]*npx odoo-stacks up acme-platform, then/)],
    ]);
  });
});

describe("an environment that is up", () => {
  const cluster = { name: "acme-postgres-data", role: "postgres-data", database: "odoo" };
  const before = (outputs: Record<string, unknown>) =>
    servers.state.push({ type: "aws:rds/instance:Instance", name: "acme-rds-instance", outputs });

  it("does not begin empty on RDS when its data is in a container", async () => {
    servers.addVolume({ dockerHost: engineAt("10.0.0.11") }, cluster);
    await expect(declare(awsPlatform, written())).rejects.toThrow("whose volume acme-postgres-data on db holds data");
  });

  it("does not begin empty in a container when its data is on RDS", async () => {
    before({ identifier: "acme" });
    await expect(declare(awsPlatform)).rejects.toThrow(/database\.kind[^]*"rds", where the database of acme is/);
  });

  it("keeps its instance: what would make another one is refused before anything changes", async () => {
    before({ identifier: "acme", engine: "postgres", engineVersion: "17.6" });
    await expect(declare(awsPlatform, written({ identifier: "other" }))).rejects.toThrow(/identifier[^]*acme[^]*other/);
    await expect(declare(awsPlatform, written({ class: "db.m7g.large", multiAz: false }))).resolves.toBeDefined();
  });
});
