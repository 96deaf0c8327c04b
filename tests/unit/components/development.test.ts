import { chmodSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { developmentOf } from "../../../components/odoo/development";
import { loadConfig } from "../../../infra/config/load";
import type { EnvironmentConfig } from "../../../infra/config/schema";
import { repositoryDir } from "../../../infra/core/paths";
import { deployEnvironment } from "../../../infra/programs/environment";
import { readPlatform } from "../../../infra/programs/platformReference";
import { folderWith } from "../../support/folders";
import { passwordOf, record, type Recorded, type Recording } from "../../support/mocks";
import { examplePlatform } from "../../support/platform";
import { environment, problemsOf } from "../config/given";

vi.mock("../../../infra/targets/local", () => ({
  LocalTarget: class {
    readonly dockerHost = "unix:///var/run/docker.sock";
    dataVolumes = () => Promise.resolve([]);
    place = () => Promise.resolve({ shared: false, drained: [], down: [] });
  },
}));

function declare(config: Record<string, string> = {}): Promise<Recording> {
  const base = {
    kind: "environment",
    platform: "acme-platform",
    stage: "development",
    domains: '["dev.localhost"]',
    odoo: '{"dev":["reload","xml"]}',
    mount: "addons",
  };
  return record(
    async () => {
      const platform = await readPlatform("acme-platform");
      const checked = loadConfig({ ...base, ...config }, [], platform) as EnvironmentConfig;
      return deployEnvironment("acme-dev", checked, platform);
    },
    { stack: "acme-dev", stacks: { "acme-platform": { platform: examplePlatform } } },
  );
}

interface ContainerSpec {
  readonly env?: Record<string, string>;
  readonly healthcheck: { readonly tests: readonly string[] };
  readonly mounts: readonly Record<string, unknown>[];
  readonly secrets: readonly Record<string, unknown>[];
}
interface TaskSpec {
  readonly containerSpec: ContainerSpec;
  readonly networksAdvanceds: readonly Record<string, unknown>[];
}
const taskSpec = (service: Recorded) => service.inputs.taskSpec as TaskSpec;

describe("a development environment", () => {
  let development: Recording;
  beforeAll(async () => {
    development = await declare();
  });
  const conf = (role: string) =>
    Buffer.from(development.named(`acme-dev-odoo-${role}-conf`).inputs.data as string, "base64").toString();

  it("runs web and cron from the folder of modules on this machine, which they can't write to", () => {
    for (const role of ["web", "cron"]) {
      const { mounts, env } = taskSpec(development.named(`acme-dev-odoo-${role}-service`)).containerSpec;
      const source = join(repositoryDir, "addons");
      expect(mounts).toContainEqual({ type: "bind", source, target: "/opt/odoo/addons", readOnly: true });
      expect(env).toEqual({ ODOO_ADDONS_PATH: "/opt/odoo/addons,/opt/odoo/server" });
    }
  });

  it("starts Odoo anew when code changes: processes for the web, threads for scheduled jobs", () => {
    expect(conf("web")).toMatch(/^dev_mode = reload,xml$/m);
    expect(conf("web")).toMatch(/^workers = [1-9]/m);
    expect(conf("cron")).toMatch(/^workers = 0$/m);
    const { healthcheck } = taskSpec(development.named("acme-dev-odoo-cron-service")).containerSpec;
    expect(healthcheck.tests[1]).toMatch(/-ge 1\)/);
  });

  it("catches mails on its own network, under the name `mail`", () => {
    const service = development.named("acme-dev-mail-service");
    expect(taskSpec(service).networksAdvanceds).toEqual([
      { id: "acme-dev-network-id", aliases: ["mail"] },
      { id: "edge-id" },
    ]);
    expect(taskSpec(service).containerSpec.mounts).toMatchObject([{ type: "tmpfs", target: "/tmp" }]);
    expect(service.inputs).not.toHaveProperty("endpointSpec.ports");
  });

  it("shows them on a page behind a password, which only the catcher can read", () => {
    const password = passwordOf("acme-dev-mail-password");
    expect(development.outputs).toMatchObject({
      mailUrl: "http://mail.dev.localhost:8080",
      mailLogin: "mail",
      mailPassword: password,
    });
    const { secretInputs, additionalSecretOutputs } = development.named("acme-dev-mail-password-file");
    expect(secretInputs).toEqual(["data"]);
    expect(additionalSecretOutputs).toContain("data");
    expect(taskSpec(development.named("acme-dev-mail-service")).containerSpec.secrets).toMatchObject([
      { fileName: "/run/secrets/mail_password", fileUid: "65534", fileMode: 0o400 },
    ]);
    const others = development.resources.filter(({ name }) => name !== "acme-dev-mail-password-file");
    expect(JSON.stringify(others.map(({ inputs }) => inputs))).not.toContain(password);
  });

  it("leads to that page once the catcher is there", () => {
    const route = development.named("acme-dev-mail-route");
    const input = JSON.parse(route.inputs.stdin as string) as { services: Record<string, unknown>[] };
    expect(input.services).toMatchObject([
      {
        name: "acme-dev-mail",
        hosts: ["mail.dev.localhost"],
        targets: ["acme-dev-mail-service-1a2b3c4:8025"],
        healthPath: "/livez",
        tls: false,
      },
    ]);
    expect(development.before("acme-dev-mail-route")).toContain("acme-dev-mail-service");
  });

  it("has no page, and no way in from the proxy, where no name is known for it", async () => {
    const unnamed = await declare({ domains: '["dev.example.com"]', tls: '{"enabled":false}' });
    expect(taskSpec(unnamed.named("acme-dev-mail-service")).networksAdvanceds).toHaveLength(1);
    expect(unnamed.resources.map(({ name }) => name)).not.toContain("acme-dev-mail-route");
    expect(unnamed.outputs).not.toHaveProperty("mailUrl");
  });

  it("catches nothing where it is not to", async () => {
    const names = (await declare({ mail: '{"catcher":false}' })).resources.map(({ name }) => name);
    expect(names.filter((name) => name.includes("mail"))).toEqual([]);
  });
});

describe("a folder with modules", () => {
  const of = (mount: string) => developmentOf(environment({ stage: "development", mount }));
  const readable = (files: Record<string, string>) => {
    const folder = folderWith(files);
    chmodSync(folder, 0o755);
    return folder;
  };
  const module = { "gift/__manifest__.py": "{}", "shop/sale_gift/__manifest__.py": "{}" };

  it("may hold collections of modules, other ones than the image has", () => {
    expect(of(readable(module))?.env).toEqual({
      ODOO_ADDONS_PATH: "/opt/odoo/addons,/opt/odoo/addons/shop,/opt/odoo/server",
    });
  });

  it("is not asked for where nothing is mounted", () => {
    expect(developmentOf(environment({ stage: "development" }))).toBeUndefined();
    expect(developmentOf(environment({ stage: "development", odoo: { dev: ["xml"] } }))).toBeUndefined();
    expect(developmentOf(environment({ stage: "development", odoo: { dev: ["all"] } }))).toEqual({ reload: true });
  });

  it.each([
    ["is there", () => "no/such/folder", "nothing"],
    ["is a folder", () => "package.json", "a file"],
    ["has modules", () => readable({ "README.md": "none" }), "no folder in it has a __manifest__.py"],
  ])("is refused unless it %s", (_, folder, found) => {
    expect(problemsOf(() => of(folder()))).toEqual([expect.objectContaining({ path: "mount", found })]);
  });

  it("is refused where Odoo's user could not read it", () => {
    const folder = readable(module);
    chmodSync(folder, 0o700);
    expect(problemsOf(() => of(folder))).toEqual([
      expect.objectContaining({ path: "mount", hint: `chmod -R o+rX ${folder}` }),
    ]);
  });
});
