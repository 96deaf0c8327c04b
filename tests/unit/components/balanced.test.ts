import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { HoldInput } from "../../../infra/commands/steps/hold";
import type { ImageInput } from "../../../infra/commands/steps/image";
import type { ReleaseInput } from "../../../infra/commands/steps/release";
import type { RestartInput } from "../../../infra/commands/steps/restart";
import type { RoutesInput } from "../../../infra/commands/steps/routes";
import { loadConfig } from "../../../infra/config/load";
import type { Platform } from "../../../infra/config/platformOutput";
import type { PlatformConfig } from "../../../infra/config/schema";
import { deployPlatform } from "../../../infra/programs/platform";
import { servers } from "../../support/fakeServer";
import { record, type Recording, tree } from "../../support/mocks";
import { declare as declareEnvironment, inputOf } from "../../support/placedEnvironment";

vi.mock("../../../infra/targets/servers", async () => ({
  ServerTarget: (await vi.importActual<{ FakeServer: unknown }>("../../support/fakeServer")).FakeServer,
}));

const db = { name: "db", address: "10.0.0.11", roles: ["database"] };
const web = { name: "web", address: "203.0.113.10", privateAddress: "10.0.0.10", roles: ["production"] };
const secondWeb = { name: "web-2", address: "10.0.0.13", roles: ["production"] };
const test = { name: "test", address: "10.0.0.12", roles: ["nonproduction"] };
const all = [db, web, secondWeb, test];
const engines = { web: "ssh://root@203.0.113.10:22", secondWeb: "ssh://root@10.0.0.13:22" };
const container = {
  web: "acme-platform-proxy-container-1a2b3c4",
  secondWeb: "acme-platform-proxy-web-2-container-1a2b3c4",
};

function declare(machines: readonly object[] = all, balancer?: string): Promise<Recording> {
  const proxy = JSON.stringify({ bind: "0.0.0.0", httpPort: 80, httpsPort: 443, balancer });
  const written = { kind: "platform", target: "servers", topology: "load-balanced-production", proxy };
  const config = loadConfig({ ...written, machines: JSON.stringify(machines) }, []) as PlatformConfig;
  return record(() => deployPlatform("acme-platform", config), { stack: "acme-platform" });
}

afterEach(() => servers.clear());

describe("a platform behind a load balancer", () => {
  let platform: Recording;
  beforeAll(async () => {
    platform = await declare(all, "https");
  });
  const step = (name: string): unknown => JSON.parse(platform.named(`acme-platform-${name}`).inputs.stdin as string);

  it("declares what the golden file lists, and nothing else", async () => {
    await expect(tree(platform.resources)).toMatchFileSnapshot("golden/servers-balanced.txt");
  });

  it("has the same proxy on each web machine, made on that machine's own Engine, and none elsewhere", () => {
    const [first, further, ...more] = platform.ofType("docker:index/container:Container");
    expect(more).toEqual([]);
    expect(further?.inputs).toEqual(first?.inputs);
    expect(further?.inputs).toMatchObject({
      networksAdvanced: [{ name: "acme-platform-edge-1a2b3c4" }],
      ports: [{ external: 80 }, { external: 443 }],
      volumes: [{ volumeName: "acme-platform-proxy-state" }],
    });
    const madeAt = (provider = "") => platform.named(provider).inputs.host;
    expect([madeAt(first?.provider), madeAt(further?.provider)]).toEqual([engines.web, engines.secondWeb]);
    const { dockerHosts } = step("proxy-image-build") as ImageInput;
    expect(dockerHosts).toEqual([engines.web, engines.secondWeb]);
    expect(step("web-2-joined")).toMatchObject({
      nodeLabels: { "odoo-stacks.production": "true", "odoo-stacks.proxy": "true" },
    });
    expect(step("db-joined")).toMatchObject({ nodeLabels: { "odoo-stacks.machine": "db" } });
    expect((step("db-joined") as { nodeLabels: object }).nodeLabels).not.toHaveProperty("odoo-stacks.proxy");
  });

  it("gives a further one the routes of the first before it starts, once its machine is in the Swarm", () => {
    expect(step("proxy-web-2-state")).toEqual({
      ...{ stack: "acme-platform", image: `sha256:${"1".repeat(64)}` },
      ...{ manager: engines.web, from: `${engines.web}#${container.web}` },
      ...{ machine: "web-2", dockerHost: engines.secondWeb, node: "node-2" },
    });
    const before = platform.before("acme-platform-proxy-web-2-container");
    for (const name of ["proxy-web-2-state", "web-2-joined", "proxy-container", "edge"]) {
      expect(before).toContain(`acme-platform-${name}`);
    }
  });

  it("has what a further one is made of removed by its step: a machine that is gone must not stand in the way", () => {
    const { deletedWith } = platform.named("acme-platform-proxy-web-2-container");
    expect(deletedWith).toBe("acme-platform-proxy-web-2-state");
    // The network goes after the container.
    expect(platform.before("acme-platform-proxy-web-2-state")).toContain("acme-platform-edge");
    expect(platform.named("acme-platform-proxy-container").deletedWith).toBe("");
  });

  it("tells environments of all of them, the manager's first", () => {
    const { proxy, stack } = platform.outputs.platform as Platform;
    expect(stack).toBe("acme-platform");
    expect(proxy).toMatchObject({
      containers: [
        { machine: "web", dockerHost: engines.web, container: container.web },
        { machine: "web-2", dockerHost: engines.secondWeb, container: container.secondWeb },
      ],
      balancer: "https",
    });
  });

  it("has one on the manager as well, where that carries nothing else", async () => {
    const front = { name: "front", address: "10.0.0.9", roles: ["proxy"] };
    const { outputs } = await declare([db, web, secondWeb, front], "https");
    expect((outputs.platform as Platform).proxy.containers.map(({ machine }) => machine)).toEqual([
      "front",
      "web",
      "web-2",
    ]);
  });

  it("is the same platform as before to Pulumi: the first proxy stays", async () => {
    const before = await declare();
    for (const { type, name, inputs } of before.ofType("docker:index/container:Container")) {
      expect(platform.named(name)).toMatchObject({ type, inputs });
    }
  });
});

describe("an environment on it", () => {
  let environment: Recording;
  let on: Platform;
  const proxies = [`${engines.web}#${container.web}`, `${engines.secondWeb}#${container.secondWeb}`];
  beforeAll(async () => {
    on = (await declare(all, "https")).outputs.platform as Platform;
    environment = await declareEnvironment(on, {
      domains: '["odoo.example.com"]',
      filestore: '{"path":"/mnt/odoo/prod"}',
      mail: '{"catcher":true,"domain":"mail.example.com"}',
    });
  });

  it("is opened at the balancer", () => {
    expect(environment.outputs).toMatchObject({ url: "https://odoo.example.com", mailUrl: "https://mail.example.com" });
  });

  it("is released behind all proxies, which the operator finds by their label", () => {
    const { plan, proxies: known } = inputOf(environment, "odoo-release-switch") as ReleaseInput;
    expect(plan).toMatchObject({ proxy: container.web, proxiesOf: "acme-platform" });
    expect(plan.routes.map(({ tls, forwardHeaders }) => [tls, forwardHeaders])).toEqual([
      [false, true],
      [false, true],
    ]);
    expect(known).toEqual(proxies);
  });

  it("has requests held by all of them, and its mails shown through all of them", () => {
    expect((inputOf(environment, "database-held") as HoldInput).proxies).toEqual(proxies);
    expect((inputOf(environment, "odoo-release-restart-odoo-web") as RestartInput).proxies).toEqual(proxies);
    expect((inputOf(environment, "mail-route") as RoutesInput).proxies).toEqual(proxies);
  });
});
