import { beforeAll, describe, expect, it, vi } from "vitest";
import type { CopyInput } from "../../../infra/commands/steps/copy";
import type { ReleaseInput } from "../../../infra/commands/steps/release";
import { loadConfig } from "../../../infra/config/load";
import type { EnvironmentConfig } from "../../../infra/config/schema";
import { type Source, sourceVersion } from "../../../infra/config/sourceOutput";
import { deployEnvironment } from "../../../infra/programs/environment";
import { readPlatform } from "../../../infra/programs/platformReference";
import { readSource } from "../../../infra/programs/sourceReference";
import { passwordOf, record, type Recording, tree } from "../../support/mocks";
import { examplePlatform } from "../../support/platform";

vi.mock("../../../infra/targets/local", () => ({
  LocalTarget: class {
    readonly dockerHost = "unix:///var/run/docker.sock";
    dataVolumes = () => Promise.resolve([]);
    place = () => Promise.resolve({ shared: false, drained: [], down: [] });
  },
}));

const source: Source = {
  version: sourceVersion,
  stack: "acme-prod",
  stage: "production",
  platform: "acme-platform",
  database: "live",
  volumes: { database: "acme-prod-postgres-data", filestore: "acme-prod-filestore" },
  settings: {},
};
const base = {
  kind: "environment",
  platform: "acme-platform",
  stage: "staging",
  domains: '["staging.localhost"]',
  restore: '{"source":"acme-prod","testers":["ada@example.com"],"refresh":"1","keepFormer":2}',
};

const declare = (): Promise<Recording> =>
  record(
    async () => {
      const platform = await readPlatform("acme-platform");
      const config = loadConfig(base, [], platform, "acme-staging") as EnvironmentConfig;
      const from = await readSource("acme-prod", { stack: "acme-staging", platform: "acme-platform" });
      return deployEnvironment("acme-staging", config, platform, from);
    },
    { stack: "acme-staging", stacks: { "acme-platform": { platform: examplePlatform }, "acme-prod": { source } } },
  );

describe("an environment that is a copy of another one", () => {
  let staging: Recording;
  beforeAll(async () => {
    staging = await declare();
  });
  const inputOf = (name: string): unknown => JSON.parse(staging.named(name).inputs.stdin as string);

  it("declares what the golden file lists, and nothing else", async () => {
    await expect(tree(staging.resources)).toMatchFileSnapshot("golden/staging.txt");
  });

  it("has no first database: its data is the copy, which is made before anything can connect", () => {
    expect(staging.resources.some(({ name }) => name.endsWith("first-database"))).toBe(false);
    const before = staging.before("acme-staging-odoo-web-service");
    expect(before).toContain("acme-staging-odoo-copy-made");
    expect(staging.before("acme-staging-odoo-copy-made")).toContain("acme-staging-database-service");
    expect(staging.before("acme-staging-odoo-copy-made")).toContain("acme-staging-odoo-releases");
  });

  it("copies from the source's volumes to its own, under its own names", () => {
    const { plan } = inputOf("acme-staging-odoo-copy-made") as CopyInput;
    expect(plan).toMatchObject({
      stack: "acme-staging",
      stage: "staging",
      database: "odoo",
      source: { stack: "acme-prod", database: "live", volumes: source.volumes },
      volumes: {
        database: "acme-staging-postgres-data",
        filestore: "acme-staging-filestore",
        releases: "acme-staging-releases",
      },
      key: "acme-prod latest 1",
      snapshot: "latest",
      method: "auto",
      secure: {
        baseUrl: "http://staging.localhost:8080",
        admin: { login: "admin" },
        testers: ["ada@example.com"],
        mail: { host: "mail", port: 1025 },
      },
    });
  });

  it("is switched to the copy by the release that follows", () => {
    const { plan } = inputOf("acme-staging-odoo-release-switch") as ReleaseInput;
    expect(plan).toMatchObject({ copy: "20261125-120000-aaaaaa", keepFormer: 2 });
  });

  it("keeps the administrator's password a secret, and has nothing of the source's", () => {
    const made = staging.named("acme-staging-odoo-copy-made");
    expect(made.secretInputs).toContain("stdin");
    expect((inputOf(made.name) as CopyInput).adminPassword).toBe(passwordOf("acme-staging-odoo-admin-password"));
    expect(JSON.stringify(staging.resources)).not.toContain("acme-prod-odoo-admin-password");
  });
});
