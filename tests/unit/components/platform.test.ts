import { beforeAll, describe, expect, it, vi } from "vitest";
import { loadConfig } from "../../../infra/config/load";
import type { Platform } from "../../../infra/config/platformOutput";
import type { PlatformConfig } from "../../../infra/config/schema";
import { deployPlatform } from "../../../infra/programs/platform";
import { record, type Recording, tree } from "../../support/mocks";

const machine = { cores: 4, memoryBytes: 16 * 1024 ** 3 };

vi.mock("../../../infra/targets/local", () => ({
  LocalTarget: class {
    readonly dockerHost = "unix:///var/run/docker.sock";
    facts = () => Promise.resolve({ machine, dataRoot: "/var/lib/docker" });
    listenError = () => Promise.resolve(undefined);
    portHolder = () => Promise.resolve("acme-platform");
  },
}));

vi.mock("../../../infra/targets/servers", () => ({
  ServerTarget: class {
    readonly dockerHost = "ssh://deploy@203.0.113.10:22";
    facts = () => Promise.resolve({ machine, dataRoot: "/var/lib/docker" });
    nodes = () => Promise.resolve([]);
    listenError = () => Promise.resolve(undefined);
    portHolder = () => Promise.resolve(undefined);
  },
}));

const declare = (config: Record<string, string> = {}): Promise<Recording> =>
  record(() => deployPlatform("acme-platform", loadConfig({ kind: "platform", ...config }, []) as PlatformConfig), {
    stack: "acme-platform",
  });

describe("a single host", () => {
  let platform: Recording;
  beforeAll(async () => {
    platform = await declare();
  });

  it("declares what the golden file lists, and nothing else", async () => {
    await expect(tree(platform.resources)).toMatchFileSnapshot("golden/single-host.txt");
  });

  it("publishes the proxy's two ports on this machine alone", () => {
    const containers = platform.ofType("docker:index/container:Container");
    expect(containers).toHaveLength(1);
    expect(containers[0]?.inputs.ports).toEqual([
      { ip: "127.0.0.1", external: 8080, internal: 80, protocol: "tcp" },
      { ip: "127.0.0.1", external: 8443, internal: 443, protocol: "tcp" },
    ]);
  });

  it("publishes them elsewhere only when the configuration says so", async () => {
    const open = await declare({ proxy: JSON.stringify({ bind: "0.0.0.0", httpPort: 80, httpsPort: 443 }) });
    const [container] = open.ofType("docker:index/container:Container");
    expect(container?.inputs.ports).toMatchObject([
      { ip: "0.0.0.0", external: 80 },
      { ip: "0.0.0.0", external: 443 },
    ]);
    // People on this machine open it under an address that there is.
    expect(open.outputs.platform).toMatchObject({ proxy: { address: "http://127.0.0.1:80", bind: "0.0.0.0" } });
  });

  it("gives the proxy a memory limit, a health check, a restart policy and rotated logs", () => {
    expect(platform.named("acme-platform-proxy-container").inputs).toMatchObject({
      memory: 256,
      restart: "unless-stopped",
      healthcheck: { tests: ["CMD", "kamal-proxy", "list"], interval: "10s", retries: 3 },
      logDriver: "json-file",
      logOpts: { "max-size": String(10 * 1024 ** 2), "max-file": "5", labels: "odoo-stacks.stack,odoo-stacks.role" },
    });
  });

  it("neither runs the proxy with more rights than it has by itself nor shows it the Docker socket", () => {
    const { inputs } = platform.named("acme-platform-proxy-container");
    expect(inputs).not.toHaveProperty("privileged");
    expect(inputs).not.toHaveProperty("capabilities");
    expect(inputs).not.toHaveProperty("networkMode");
    expect(inputs.volumes).toEqual([
      { volumeName: "acme-platform-proxy-state", containerPath: "/home/kamal-proxy/.config/kamal-proxy" },
    ]);
  });

  it("replaces the proxy only after the old one is gone: a port can't be published twice", () => {
    expect(platform.named("acme-platform-proxy-container").deleteBeforeReplace).toBe(true);
  });

  it("makes the network in the Swarm, so after it", () => {
    const edge = platform.named("acme-platform-edge");
    expect(edge.dependsOn).toContain("acme-platform-swarm");
    expect(edge.inputs).toMatchObject({ driver: "overlay", attachable: true });
  });

  it("labels everything that Docker keeps", () => {
    const labelled = platform.resources.filter(({ type }) => /^docker:index\/(container|network|volume)/.test(type));
    expect(labelled).toHaveLength(3);
    for (const { inputs } of labelled) {
      expect(inputs.labels).toContainEqual({ label: "odoo-stacks.stack", value: "acme-platform" });
    }
  });

  it("lets the node carry every part of the topology", () => {
    const swarm = platform.named("acme-platform-swarm");
    const input = JSON.parse(swarm.inputs.stdin as string) as { advertise: string; nodeLabels: Record<string, string> };
    expect(input.advertise).toBe("127.0.0.1");
    expect(input.nodeLabels).toEqual({
      "odoo-stacks.machine": "local",
      "odoo-stacks.database": "true",
      "odoo-stacks.production": "true",
      "odoo-stacks.nonproduction": "true",
      "odoo-stacks.proxy": "true",
    });
  });

  it("tells environments what they need to know, and no secret", () => {
    expect(platform.outputs.platform).toMatchObject({
      version: 3,
      target: "local",
      topology: "single-host",
      machines: [
        {
          ...{ name: "local", dockerHost: "unix:///var/run/docker.sock" },
          ...{ cores: machine.cores, memoryBytes: machine.memoryBytes, reserveBytes: expect.any(Number) as number },
        },
      ],
      docker: { host: "unix:///var/run/docker.sock" },
      // What stays on the machine need not be encrypted.
      network: { edge: { id: "acme-platform-edge-id" }, encrypted: false },
      stack: "acme-platform",
      proxy: {
        containers: [
          {
            machine: "local",
            dockerHost: "unix:///var/run/docker.sock",
            container: "acme-platform-proxy-container-1a2b3c4",
          },
        ],
        ...{ address: "http://127.0.0.1:8080", bind: "127.0.0.1", httpPort: 8080, httpsPort: 8443 },
      },
      placement: {
        production: { database: "local", web: ["local"] },
        staging: { database: "local", web: ["local"] },
        development: { database: "local", web: ["local"] },
      },
    });
    expect(platform.resources.flatMap(({ secretInputs }) => secretInputs)).toEqual([]);
  });
});

describe("split-database", () => {
  it("declares what a single host does, under its own name", async () => {
    const platform = await declare({ topology: "split-database" });
    await expect(tree(platform.resources)).toMatchFileSnapshot("golden/split-database.txt");
    const { placement, topology } = platform.outputs.platform as Platform;
    expect(topology).toBe("split-database");
    expect(placement.production).toEqual({ database: "local", web: ["local"] });
  });
});

describe("load-balanced production", () => {
  it.each([
    [{}, 2],
    [{ webMachines: "3" }, 3],
  ])("has a web container for each web machine that there would be, all on this one: %j", async (config, machines) => {
    const platform = await declare({ topology: "load-balanced-production", ...config });
    await expect(tree(platform.resources)).toMatchFileSnapshot("golden/load-balanced-production.txt");
    const { placement } = platform.outputs.platform as Platform;
    expect(placement.production).toEqual({ database: "local", web: Array(machines).fill("local") });
    expect(placement.staging.web).toEqual(["local"]);
    const input = JSON.parse(platform.named("acme-platform-swarm").inputs.stdin as string) as {
      nodeLabels: Record<string, string>;
    };
    expect(input.nodeLabels).toMatchObject({ "odoo-stacks.machine": "local", "odoo-stacks.production": "true" });
  });
});

describe("a single host of the user's own", () => {
  const machines = [{ name: "main", address: "203.0.113.10", user: "deploy", swap: "2 GB", dataDisk: "/dev/vdb" }];
  let platform: Recording;
  beforeAll(async () => {
    const proxy = JSON.stringify({ bind: "0.0.0.0", httpPort: 80, httpsPort: 443 });
    platform = await declare({ target: "servers", machines: JSON.stringify(machines), proxy });
  });

  it("declares what the golden file lists, and nothing else", async () => {
    await expect(tree(platform.resources)).toMatchFileSnapshot("golden/servers-single-host.txt");
  });

  it("prepares the machine before anything asks its Docker Engine", () => {
    const prepared = platform.named("acme-platform-main-prepared");
    expect(JSON.parse(prepared.inputs.stdin as string)).toMatchObject({
      machine: { address: "203.0.113.10", user: "deploy", port: 22 },
      peers: [],
      swapMegabytes: 2048,
      dataDisk: "/dev/vdb",
    });
    for (const name of ["acme-platform-proxy-image-build", "acme-platform-swarm"]) {
      expect(platform.before(name)).toContain("acme-platform-main-prepared");
    }
  });

  it("makes a Swarm that others can join, and tells people where the proxy is", () => {
    const { advertise } = JSON.parse(platform.named("acme-platform-swarm").inputs.stdin as string) as {
      advertise: string;
    };
    expect(advertise).toBe("203.0.113.10");
    expect(platform.outputs.platform).toMatchObject({
      target: "servers",
      machines: [{ name: "main", dockerHost: "ssh://deploy@203.0.113.10:22" }],
      docker: { host: "ssh://deploy@203.0.113.10:22" },
      proxy: { address: "http://203.0.113.10:80" },
      placement: { production: { database: "main", web: ["main"] } },
    });
  });
});
