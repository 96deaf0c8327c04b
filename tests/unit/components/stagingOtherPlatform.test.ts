import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { CopyOnRdsInput } from "../../../infra/commands/steps/copyOnRds";
import { rdsCopyName } from "../../../infra/config/aws/rdsCopyName";
import type { Platform, PlatformAws } from "../../../infra/config/platformOutput";
import { type Source, sourceVersion } from "../../../infra/config/sourceOutput";
import { databaseOnRds } from "../../../infra/programs/databaseOnRds";
import { servers } from "../../support/fakeServer";
import type { Recording } from "../../support/mocks";
import { declare as declareOn, inputOf } from "../../support/placedEnvironment";
import { awsPlatform, engineAt } from "../../support/platform";

vi.mock("../../../infra/targets/servers", async () => ({
  ServerTarget: (await vi.importActual<{ FakeServer: unknown }>("../../support/fakeServer")).FakeServer,
}));

const [ours, theirs] = ["111111111111", "222222222222"];
const at = (more: Partial<PlatformAws> = {}): Platform => ({
  ...awsPlatform,
  aws: awsPlatform.aws && { ...awsPlatform.aws, account: ours, ...more },
});
/** The platform of production, whose machines have names that those of staging's have as well. */
const there = (more: Partial<PlatformAws> = {}): Platform => ({ ...at({ ...more, tags: {} }), stack: "prod-platform" });
const source: Source = {
  ...{ version: sourceVersion, stack: "acme-prod", stage: "production", platform: "prod-platform", database: "live" },
  volumes: { database: "acme-prod-postgres-data", filestore: "acme-prod-filestore" },
  ...{ onRds: true, instance: "acme-prod", sharing: [], operator: "sha256:of-prod", settings: {} },
};
const inAccount = { account: theirs, profile: "prod" };
const shared = { ...source, sharing: [ours] };
const restore = { source: "acme-prod", refresh: "1", snapshot: "latest" };
const arn = "arn:aws:rds:eu-west-1:111111111111:snapshot:rds:acme-prod-2026-05-03-02-06";
const asked: [string, unknown][] = [];

/** @param lead The account that the credentials lead to. */
function declare(
  on: Platform,
  from = source,
  more: Partial<typeof restore> & { storage?: string } = {},
  lead?: string,
) {
  const { storage, ...wish } = more;
  const config = {
    ...{ stage: "staging", database: JSON.stringify({ kind: "rds", rds: { class: "db.t4g.small", storage } }) },
    restore: JSON.stringify({ ...restore, ...wish }),
  };
  const answer = (name: string, value: object) => (_inputs: object, provider?: string) => {
    asked.push([name, provider]);
    return { ...value };
  };
  const functions = {
    "aws:rds/getInstance:getInstance": answer("instance", { allocatedStorage: 50 }),
    "aws:rds/getSnapshot:getSnapshot": answer("snapshot", {
      ...{ id: "rds:acme-prod-2026-05-03-02-06", dbSnapshotArn: arn, allocatedStorage: 70 },
    }),
    "aws:index/getCallerIdentity:getCallerIdentity": answer("account", { accountId: lead ?? on.aws?.account ?? "" }),
  };
  asked.length = 0;
  servers.places.set("acme-prod", { files: "test" });
  return declareOn(at(), config, from, { onRds: databaseOnRds, functions, sourcePlatform: on });
}
const { name } = rdsCopyName(restore, "odoo");
const automated = rdsCopyName({ ...restore, snapshot: "automated" }, "odoo").name;
const instanceOf = (recording: Recording, copy = name) => recording.named(`acme-rds-instance-${copy}-instance`);
const has = (recording: Recording, part: string) => recording.resources.some((one) => one.name === `acme-rds-${part}`);

afterEach(() => {
  servers.clear();
});

describe("staging of production on another platform in the same account and region", () => {
  let staging: Recording;
  beforeAll(async () => {
    staging = await declare(there());
  });

  it("is made from production's own snapshot, with its key", () => {
    const taken = staging.named(`acme-rds-snapshot-taken-${name}`);
    expect(taken).toMatchObject({ provider: "acme-aws-prod-platform", inputs: { dbInstanceIdentifier: "acme-prod" } });
    expect(instanceOf(staging).inputs.snapshotIdentifier).toBe(`acme-rds-snapshot-taken-${name}-id`);
    for (const part of [`snapshot-copy-${name}`, `snapshot-shared-${name}`, "key"])
      expect(has(staging, part)).toBe(false);
  });

  it("is made where staging is: nothing but the snapshot is production's", () => {
    const byOther = staging.resources.filter(({ provider }) => provider === "acme-aws-prod-platform");
    expect(byOther.map(({ name: made }) => made)).toEqual([`acme-rds-snapshot-taken-${name}`]);
    expect(instanceOf(staging)).toMatchObject({ provider: "acme-aws" });
  });

  it("has production's files carried from where they are, and none of its volumes", () => {
    const input = inputOf(staging, "odoo-copy-secured") as CopyOnRdsInput;
    // The machine with staging's files has the same name as that with production's.
    expect(input).toMatchObject({ dockerHost: engineAt("10.0.0.12"), sourceHost: engineAt("10.0.0.12") });
    expect(input.plan.source).toEqual({
      ...{ stack: "acme-prod", database: "live", volumes: source.volumes },
      other: { platform: "prod-platform", machine: "test", operator: "sha256:of-prod" },
    });
  });
});

describe("staging of production in another region", () => {
  it("has the snapshot copied here, with a key of its own, and production reached there", async () => {
    const staging = await declare(there({ region: "eu-west-1" }), source, { storage: "60 GB" });
    expect(staging.named("acme-aws-prod-platform").inputs).toMatchObject({ region: "eu-west-1" });
    expect(asked).toEqual([
      ["account", "acme-aws-prod-platform"],
      ["instance", "acme-aws-prod-platform"],
    ]);
    const copy = staging.named(`acme-rds-snapshot-copy-${name}`);
    expect(copy).toMatchObject({ provider: "acme-aws", inputs: { kmsKeyId: "arn:aws:test:::acme-rds-key" } });
    expect(staging.named(`acme-rds-snapshot-taken-${name}`).inputs).not.toHaveProperty("sharedAccounts");
    expect(staging.named("acme-rds-key")).toMatchObject({ parent: "acme-rds", provider: "acme-aws", protect: false });
    expect(instanceOf(staging).inputs).toMatchObject({
      snapshotIdentifier: `acme-rds-snapshot-copy-${name}-id`,
      performanceInsightsKmsKeyId: "arn:aws:test:::acme-rds-key",
    });
  });

  it("stays with the automated snapshot that it was made of, and knows its moment", async () => {
    const wish = { snapshot: "automated" };
    const fresh = await declare(there({ region: "eu-west-1" }), source, wish);
    const momentOf = (recording: Recording) =>
      (inputOf(recording, "odoo-copy-secured") as CopyOnRdsInput).plan.dataFrom;
    expect(asked.at(-1)).toEqual(["snapshot", "acme-aws-prod-platform"]);
    const earlier = arn.replace("2026-05-03", "2026-05-02");
    servers.state.push({
      ...{ type: "aws:rds/snapshotCopy:SnapshotCopy", name: `acme-rds-snapshot-copy-${automated}` },
      outputs: { sourceDbSnapshotIdentifier: earlier, allocatedStorage: 60 },
    });
    const later = await declare(there({ region: "eu-west-1" }), source, wish);
    expect(asked.map(([what]) => what)).toEqual(["account"]);
    expect(later.named(`acme-rds-snapshot-copy-${automated}`).inputs.sourceDbSnapshotIdentifier).toBe(earlier);
    expect([momentOf(fresh), momentOf(later)]).toEqual(["2026-05-03T02:06:00Z", "2026-05-02T02:06:00Z"]);
  });
});

describe("staging of production in another account", () => {
  it("has the snapshot shared with the own account, and copied here", async () => {
    const staging = await declare(there(inAccount), shared);
    expect(staging.named("acme-aws-prod-platform").inputs).toMatchObject({ profile: "prod" });
    expect(staging.named(`acme-rds-snapshot-taken-${name}`).inputs.sharedAccounts).toEqual([ours]);
    expect(staging.named(`acme-rds-snapshot-copy-${name}`)).toMatchObject({
      provider: "acme-aws",
      inputs: { kmsKeyId: "arn:aws:test:::acme-rds-key" },
    });
  });

  it("has an automated one copied there before, as those can't be shared", async () => {
    const staging = await declare(there(inAccount), shared, { snapshot: "automated" });
    expect(staging.named(`acme-rds-snapshot-shared-${automated}`)).toMatchObject({
      ...{ provider: "acme-aws-prod-platform" },
      inputs: { sourceDbSnapshotIdentifier: arn, sharedAccounts: [ours] },
    });
    // The next time, the original is known by the copy that was made there, not by the one here.
    const copyOf = (what: string, of: string) =>
      servers.state.push({
        ...{ type: "aws:rds/snapshotCopy:SnapshotCopy", name: `acme-rds-snapshot-${what}-${automated}` },
        outputs: { sourceDbSnapshotIdentifier: of, allocatedStorage: 60 },
      });
    copyOf("copy", "arn:aws:rds:eu-central-1:222222222222:snapshot:acme-prod-shared");
    copyOf("shared", arn.replace("2026-05-03", "2026-05-02"));
    const later = await declare(there(inAccount), shared, { snapshot: "automated" });
    const { plan } = inputOf(later, "odoo-copy-secured") as CopyOnRdsInput;
    expect(plan.dataFrom).toBe("2026-05-02T02:06:00Z");
  });

  it("is refused where credentials lead to a third one", async () => {
    await expect(declare(there(inAccount), shared, {}, "333333333333")).rejects.toThrow(
      /aws\.profile of prod-platform[^]*account 222222222222[^]*account 333333333333/,
    );
  });
});

describe("what can't be copied from another platform, and changes nothing", () => {
  it.each([
    ["a key that is not shared", there(inAccount), source, /database\.rds\.sharing of acme-prod/],
    ["another account and region", there({ ...inAccount, region: "eu-west-1" }), shared, /restore\.source/],
    ["one profile for two accounts", there({ account: theirs }), shared, /aws\.profile/],
    ["a platform that does not tell its account", there({ account: undefined }), source, /up prod-platform/],
    ["a source that does not tell its image", there(), { ...source, operator: undefined }, /up acme-prod/],
  ])("is %s", async (_, on, from, message) => {
    await expect(declare(on, from)).rejects.toThrow(message);
    expect(asked).toEqual([]);
  });

  it("is a machine that does not answer", async () => {
    const machines = there().machines.map((machine) => ({ ...machine, dockerHost: `${machine.dockerHost}0` }));
    const [first] = machines;
    servers.silent.add(first?.dockerHost ?? "");
    const on = { ...there(), machines, docker: { host: first?.dockerHost ?? "" } };
    await expect(declare(on)).rejects.toThrow("can't be reached");
  });
});
