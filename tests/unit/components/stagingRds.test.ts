import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { CopyOnRdsInput } from "../../../infra/commands/steps/copyOnRds";
import type { RdsRoleInput } from "../../../infra/commands/steps/rdsRole";
import type { ReleaseInput } from "../../../infra/commands/steps/release";
import { rdsCopyName } from "../../../infra/config/aws/rdsCopyName";
import { parseSource, type Source, sourceVersion } from "../../../infra/config/sourceOutput";
import { databaseOnRds } from "../../../infra/programs/databaseOnRds";
import { addressOf } from "../../support/awsMocks";
import { servers } from "../../support/fakeServer";
import { passwordOf, type Recording, tree } from "../../support/mocks";
import { declare as declareOn, inputOf } from "../../support/placedEnvironment";
import { awsPlatform, engineAt } from "../../support/platform";

vi.mock("../../../infra/targets/servers", async () => ({
  ServerTarget: (await vi.importActual<{ FakeServer: unknown }>("../../support/fakeServer")).FakeServer,
}));

const source: Source = {
  ...{ version: sourceVersion, stack: "acme-prod", stage: "production", platform: "acme-platform", database: "live" },
  volumes: { database: "acme-prod-postgres-data", filestore: "acme-prod-filestore" },
  ...{ onRds: true, instance: "acme-prod", settings: {} },
};
const restore = { source: "acme-prod", refresh: "2026-05-03", snapshot: "latest" };
const test = engineAt("10.0.0.12");
const asked: unknown[] = [];
const latest = { id: "rds:acme-prod-2026-05-03-02-06", dbSnapshotArn: "arn:latest", allocatedStorage: 70 };
const functions = {
  "aws:rds/getSnapshot:getSnapshot": (inputs: object) => (asked.push(inputs), latest),
  "aws:rds/getInstance:getInstance": () => ({ allocatedStorage: 50 }),
};

function declare(wish: Partial<typeof restore> = {}, more: Record<string, string> = {}, from: Source = source) {
  const config = {
    ...{ stage: "staging", database: '{"kind":"rds","rds":{"class":"db.t4g.small"}}' },
    ...{ restore: JSON.stringify({ ...restore, ...wish }), ...more },
  };
  return declareOn(awsPlatform, config, from, { onRds: databaseOnRds, functions });
}
const named = rdsCopyName(restore, "odoo");
const instanceName = (name = named.name) => `acme-rds-instance-${name}-instance`;
const envOf = (environment: Recording, service: string) =>
  (environment.named(`acme-${service}-service`).inputs.taskSpec as { containerSpec: { env: Record<string, string> } })
    .containerSpec.env;

afterEach(() => {
  servers.clear();
});

describe("staging that is made from a snapshot of production on RDS", () => {
  let staging: Recording;
  beforeAll(async () => {
    staging = await declare();
  });

  it("declares what the golden file lists, and nothing else", async () => {
    await expect(tree(staging.resources)).toMatchFileSnapshot("golden/aws-staging-rds.txt");
  });

  it("is watched, but for backups, which a copy has none of", () => {
    const alarms = staging.ofType("aws:cloudwatch/metricAlarm:MetricAlarm").map(({ inputs }) => inputs.name as string);
    expect(alarms).toContain("acme-database-storage");
    expect(alarms.filter((name) => name.includes("backup"))).toEqual([]);
    expect(staging.ofType("aws:cloudwatch/eventRule:EventRule")).toEqual([]);
  });

  it("takes a snapshot of production's instance, and makes a smaller one of it that is not public", () => {
    const taken = staging.named(`acme-rds-snapshot-taken-${named.name}`);
    expect(taken.inputs).toMatchObject({ dbInstanceIdentifier: "acme-prod" });
    // Its source may be a copy, which is another instance some day.
    expect(taken.ignoreChanges).toContain("dbInstanceIdentifier");
    expect(staging.named(instanceName()).inputs).toMatchObject({
      ...{ identifier: `acme-${named.name}`, instanceClass: "db.t4g.small", publiclyAccessible: false },
      ...{ allocatedStorage: 50, snapshotIdentifier: `acme-rds-snapshot-taken-${named.name}-id` },
      ...{ storageEncrypted: true, backupRetentionPeriod: 0, deletionProtection: false },
    });
    const lets = staging.ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
    expect(lets.map(({ inputs }) => inputs.referencedSecurityGroupId)).toEqual(["sg-machines"]);
  });

  it("has passwords and a database of its own, from the machine of staging", () => {
    const made = inputOf(staging, `rds-role-${named.name}-made`) as RdsRoleInput;
    expect(made).toMatchObject({ dockerHost: test, role: { database: named.database, from: "live" } });
    expect(made.password).toBe(passwordOf(`acme-rds-role-${named.name}-password`));
    expect(made.master.password).toContain("acme-rds-instance");
  });

  it("lets nothing connect before it is secured: neither Odoo, nor the client, nor a release", () => {
    const secured = "acme-odoo-copy-secured";
    expect(staging.before(secured)).toContain(`acme-rds-role-${named.name}-made`);
    for (const name of ["odoo-web-service", "odoo-cron-service", "database-client-service", "odoo-release-switch"])
      expect([name, staging.before(`acme-${name}`).has(secured)]).toEqual([name, true]);
    expect(staging.resources.some(({ name }) => name.endsWith("first-database"))).toBe(false);
  });

  it("has the settings that are written, without those that log statements", async () => {
    const database = JSON.stringify({
      ...{ kind: "rds", rds: { class: "db.t4g.small" } },
      settings: { log_min_duration_statement: 0, log_statement: "all", random_page_cost: 1.5 },
    });
    const { parameters } = (await declare({}, { database })).named(`acme-rds-instance-${named.name}-parameters`).inputs;
    const names = (parameters as { name: string }[]).map(({ name }) => name);
    expect(names).toContain("random_page_cost");
    expect(names.filter((name) => name.startsWith("log_") && name !== "log_lock_waits")).toEqual([]);
  });

  it("is in no snapshot before it is secured", async () => {
    const asking = await declare({}, { release: '{"snapshot":"rds"}' });
    expect(asking.before("acme-rds-before-release")).toContain("acme-odoo-copy-secured");
  });

  it("is secured on its own machine, with production's files read where they are", () => {
    const input = inputOf(staging, "odoo-copy-secured") as CopyOnRdsInput;
    const network = awsPlatform.network.edge.name;
    expect(input).toMatchObject({ dockerHost: test, sourceHost: engineAt("10.0.0.10"), hasPeers: true });
    expect(input.plan).toMatchObject({
      ...{ stack: "acme", stage: "staging", database: named.database, dataFrom: "2026-11-27T05:30:00.000Z" },
      key: `${named.name} db-${instanceName()}`,
      source: { stack: "acme-prod", database: "live", elsewhere: { files: "web" } },
      server: { host: addressOf(instanceName()), port: 5432, role: "odoo", network },
      secure: { baseUrl: "http://odoo.localhost:8080", admin: { login: "admin" }, testers: [] },
    });
    expect(input.plan.source.elsewhere).not.toHaveProperty("database");
    expect(staging.named("acme-odoo-copy-secured").secretInputs).toContain("stdin");
  });

  it("is what Odoo, the client and the release then have", () => {
    expect(envOf(staging, "database-client")).toMatchObject({
      ...{ PGHOST: addressOf(instanceName()), PGDATABASE: named.database },
    });
    const { plan } = inputOf(staging, "odoo-release-switch") as ReleaseInput;
    expect(plan).toMatchObject({
      ...{ database: named.database, copy: "20261127-060000-aaaaaa", remoteDatabase: true },
    });
  });

  it("can be copied from itself", () => {
    const own = { stack: "acme-dev", platform: "acme-platform" };
    expect(parseSource(staging.outputs.source, "acme", own)).toMatchObject({
      ...{ instance: `acme-${named.name}`, database: named.database },
    });
  });
});

describe("another copy", () => {
  const data = ({ resources }: Recording) =>
    resources.map(({ name }) => name).filter((name) => /^acme-rds-(instance|role|snapshot-)/.test(name));

  it("is made beside the one before, whatever of the wish is another one", async () => {
    const first = data(await declare());
    for (const wish of [{ refresh: "It's urgent, 2!" }, { source: "acme-other" }, { snapshot: "automated" }]) {
      const second = data(await declare(wish));
      expect(second.length).toBeGreaterThan(5);
      expect(first.filter((name) => second.includes(name))).toEqual([]);
    }
  });

  it("is of the latest automated snapshot where that is asked for, and stays so when there is a later one, or none", async () => {
    asked.length = 0;
    const wish = { snapshot: "automated" };
    const { name } = rdsCopyName({ ...restore, ...wish }, "odoo");
    const fresh = await declare(wish);
    expect(asked).toEqual([{ dbInstanceIdentifier: "acme-prod", snapshotType: "automated", mostRecent: true }]);
    expect(fresh.named(instanceName(name)).inputs).toMatchObject({
      snapshotIdentifier: latest.id,
      allocatedStorage: 70,
    });
    const { plan } = inputOf(fresh, "odoo-copy-secured") as CopyOnRdsInput;
    expect(plan.dataFrom).toBe("2026-05-03T02:06:00Z");
    const outputs = { snapshotIdentifier: "rds:acme-prod-2026-05-02-02-06", allocatedStorage: 60 };
    servers.state.push({ type: "aws:rds/instance:Instance", name: instanceName(name), outputs });
    const later = await declare(wish);
    expect(asked).toHaveLength(1);
    expect(later.named(instanceName(name)).inputs).toMatchObject({ ...outputs });
  });

  it("is refused where storage is less than the snapshot's", async () => {
    const database = '{"kind":"rds","rds":{"class":"db.t4g.small","storage":"30 GB"}}';
    await expect(declare({ snapshot: "automated" }, { database })).rejects.toThrow("at least 70 GB");
    await expect(declare({}, { database })).rejects.toThrow(/database\.rds\.storage[^]*at least 50 GB[^]*30 GB/);
  });

  it("is refused where there is no snapshot", async () => {
    const gone = () => {
      throw new Error("no matching RDS DB Snapshot found");
    };
    const config = {
      ...{ stage: "staging", database: '{"kind":"rds","rds":{"class":"db.t4g.small"}}' },
      restore: '{"source":"acme-prod","snapshot":"automated"}',
    };
    const more = { onRds: databaseOnRds, functions: { "aws:rds/getSnapshot:getSnapshot": gone } };
    await expect(declareOn(awsPlatform, config, source, more)).rejects.toThrow(
      /restore\.snapshot[^]*an automated snapshot of the instance acme-prod[^]*latest takes one now/,
    );
  });
});

describe("what can't be copied", () => {
  it("is a database in a container to RDS, and the other way round", async () => {
    const inContainer = { ...source, onRds: undefined, instance: undefined };
    await expect(declare({}, {}, inContainer)).rejects.toThrow(
      /database\.kind[^]*container: the database of acme-prod/,
    );
    await expect(declare({}, { database: "{}" })).rejects.toThrow(/database\.kind[^]*rds: the database of acme-prod/);
  });

  it("is nothing at all: restore can't be taken out where the data is a copy on RDS", async () => {
    servers.state.push(
      { type: "odoo-stacks:staging:RdsCopy", name: "acme-rds", outputs: {} },
      { type: "aws:rds/instance:Instance", name: instanceName(), outputs: {} },
    );
    const config = { stage: "staging", database: '{"kind":"rds","rds":{"class":"db.t4g.small"}}' };
    await expect(declareOn(awsPlatform, config, undefined, { onRds: databaseOnRds })).rejects.toThrow(
      /restore[^]*that its database on RDS is a copy of/,
    );
  });
});
