import { beforeAll, describe, expect, it, vi } from "vitest";
import { loadConfig } from "../../../infra/config/load";
import type { Platform } from "../../../infra/config/platformOutput";
import type { EnvironmentConfig } from "../../../infra/config/schema";
import { deployEnvironment } from "../../../infra/programs/environment";
import type { ReleasePlan } from "../../../infra/operator/plan";
import { readPlatform } from "../../../infra/programs/platformReference";
import { passwordOf, record, type Recorded, type Recording, tree } from "../../support/mocks";
import { examplePlatform } from "../../support/platform";

const volumes = vi.hoisted(() => ({ existing: [] as { name: string; role: string; database?: string }[] }));

vi.mock("../../../infra/targets/local", () => ({
  LocalTarget: class {
    readonly dockerHost = "unix:///var/run/docker.sock";
    dataVolumes = () => Promise.resolve(volumes.existing);
    place = () => Promise.resolve({ shared: false, drained: [], down: [] });
  },
}));

const base = {
  kind: "environment",
  platform: "acme-platform",
  stage: "production",
  domains: '["odoo.localhost"]',
  modules: '["sale_management"]',
};

function declare(config: Record<string, string> = {}, on: Platform = examplePlatform): Promise<Recording> {
  return record(
    async () => {
      const platform = await readPlatform("acme-platform");
      return deployEnvironment(
        "acme-prod",
        loadConfig({ ...base, ...config }, [], platform) as EnvironmentConfig,
        platform,
      );
    },
    { stack: "acme-prod", stacks: { "acme-platform": { platform: on } } },
  );
}

/** The platform with so many web containers for production, all on its one machine. */
function withWebs(count: number): Platform {
  const { placement } = examplePlatform;
  const web = Array.from({ length: count }, () => "local");
  return { ...examplePlatform, placement: { ...placement, production: { ...placement.production, web } } };
}

interface TaskSpec {
  readonly containerSpec: Record<string, unknown> & {
    readonly secrets: readonly Record<string, unknown>[];
    readonly mounts: readonly { readonly source?: string; readonly target: string }[];
  };
  readonly networksAdvanceds: readonly { readonly id: string; readonly aliases?: readonly string[] }[];
  readonly placement: { readonly constraints: readonly string[] };
  readonly resources: { readonly limits: { readonly memoryBytes: number } };
}

const taskSpec = (service: Recorded): TaskSpec => service.inputs.taskSpec as TaskSpec;
const constraintsOf = (service: Recorded): readonly string[] => taskSpec(service).placement.constraints;
const names = ["acme-prod-database-service", "acme-prod-odoo-web-service", "acme-prod-odoo-cron-service"];

/** Every generated password of the environment. */
const passwords = ["database-password", "odoo-master-password", "odoo-admin-password"].map((role) =>
  passwordOf(`acme-prod-${role}`),
);

/** Whether a value holds one of the passwords, as it is or in Base64. */
function holdsPassword(value: unknown): boolean {
  const text = JSON.stringify(value ?? null);
  const decoded = [...text.matchAll(/"([A-Za-z0-9+/]{16,}={0,2})"/g)].map(([, code = ""]) =>
    Buffer.from(code, "base64").toString(),
  );
  return [text, ...decoded].some((part) => passwords.some((password) => part.includes(password)));
}

describe("an environment", () => {
  let environment: Recording;
  let services: readonly Recorded[];
  beforeAll(async () => {
    environment = await declare();
    services = names.map((name) => environment.named(name));
  });

  it("declares what the golden file lists, and nothing else", async () => {
    await expect(tree(environment.resources)).toMatchFileSnapshot("golden/environment.txt");
  });

  it("is exactly three services, none of which publishes a port", () => {
    expect(environment.ofType("docker:index/service:Service")).toHaveLength(3);
    expect(environment.ofType("docker:index/container:Container")).toHaveLength(0);
    for (const { inputs } of services) expect(inputs.endpointSpec).toEqual({ mode: "dnsrr" });
  });

  it("keeps the database on a network that leads nowhere, and the proxy's network away from it", () => {
    const network = environment.named("acme-prod-network");
    expect(network.inputs).toMatchObject({ driver: "overlay", internal: true });
    const on = (service: Recorded | undefined) =>
      service ? taskSpec(service).networksAdvanceds.map(({ id }) => id) : [];
    expect(on(services[0])).toEqual(["acme-prod-network-id"]);
    expect(on(services[1])).toEqual(["acme-prod-network-id", "edge-id"]);
    expect(taskSpec(services[0] as Recorded).networksAdvanceds[0]?.aliases).toEqual(["database"]);
  });

  it("limits memory, checks health, restarts and rotates logs everywhere", () => {
    for (const service of services) {
      const spec = taskSpec(service);
      expect(spec.resources.limits.memoryBytes).toBeGreaterThan(200 * 1024 ** 2);
      expect(spec).toMatchObject({
        restartPolicy: { condition: "any", delay: "1s", window: "0s", maxAttempts: 0 },
        logDriver: {
          name: "json-file",
          options: {
            "max-size": String(10 * 1024 ** 2),
            "max-file": "5",
            labels: "odoo-stacks.stack,odoo-stacks.role",
          },
        },
        containerSpec: { healthcheck: { tests: ["CMD-SHELL", expect.any(String)] }, init: true, sysctl: {} },
      });
    }
    const total = services.reduce((sum, service) => sum + taskSpec(service).resources.limits.memoryBytes, 0);
    const { machines, shares } = examplePlatform;
    const usable = machines.reduce((sum, machine) => sum + machine.memoryBytes - machine.reserveBytes, 0);
    expect(total).toBeLessThanOrEqual((usable * shares.production) / 100);
  });

  it("gives up connections of Odoo to a machine that has vanished, and leaves those of PostgreSQL to its own settings", () => {
    const sysctl = (service: Recorded) => taskSpec(service).containerSpec.sysctl as Readonly<Record<string, string>>;
    const odoo = services.filter(({ name }) => name.includes("odoo-"));
    expect(odoo.map((service) => sysctl(service)["net.ipv4.tcp_retries2"])).toEqual(odoo.map(() => "6"));
    expect(odoo.length).toBeGreaterThanOrEqual(2);
    expect(sysctl(services.find(({ name }) => name.includes("database-service")) as Recorded)).toEqual({});
  });

  it("hands passwords over in files that only their reader may open", () => {
    const file = (service: Recorded | undefined) => (service ? taskSpec(service).containerSpec.secrets : []);
    expect(file(services[0])).toMatchObject([
      { fileName: "/run/secrets/odoo_password", fileUid: "999", fileGid: "999", fileMode: 0o400 },
    ]);
    for (const service of services.slice(1)) {
      expect(file(service)).toMatchObject([
        { fileName: "/etc/odoo/odoo.conf", fileUid: "100", fileGid: "101", fileMode: 0o400 },
      ]);
    }
  });

  it("shows no password in a service, a label, a volume or a command line", () => {
    const secrets = environment.ofType("docker:index/secret:Secret");
    const commands = environment.ofType("command:local:Command");
    expect(secrets).toHaveLength(3);
    for (const { inputs } of secrets) expect(holdsPassword(inputs.data)).toBe(true); // The search finds what is there.
    const plain = environment.resources.map((resource) => {
      const { data, stdin, ...inputs } = resource.inputs;
      return secrets.includes(resource) || commands.includes(resource) ? inputs : { ...inputs, data, stdin };
    });
    for (const inputs of plain) expect(holdsPassword(inputs)).toBe(false);
  });

  it("marks every input that holds a password as a secret", () => {
    const holders = environment.resources.filter(({ inputs }) => holdsPassword(inputs) || holdsPassword(inputs.stdin));
    expect(holders.map(({ name }) => name).sort()).toEqual([
      "acme-prod-database-password-file",
      "acme-prod-odoo-cron-conf",
      "acme-prod-odoo-first-database",
      "acme-prod-odoo-web-conf",
    ]);
    for (const { secretInputs } of holders) expect(["data", "stdin"]).toContain(secretInputs[0]);
    for (const secret of environment.ofType("docker:index/secret:Secret")) {
      expect(secret.additionalSecretOutputs).toContain("data");
    }
  });

  it("protects its data and never replaces it", () => {
    const data = environment.ofType("docker:index/volume:Volume");
    expect(data.map(({ inputs }) => inputs.name).sort()).toEqual([
      "acme-prod-filestore",
      "acme-prod-postgres-data",
      "acme-prod-releases",
    ]);
    for (const { protect, ignoreChanges } of data) {
      expect(protect).toBe(true);
      expect(ignoreChanges).toEqual(["labels", "driver", "driverOpts"]);
    }
  });

  it("lets go of the data only when the configuration says so", async () => {
    const free = await declare({ protectData: "false" });
    expect(free.ofType("docker:index/volume:Volume").map(({ protect }) => protect)).toEqual([false, false, false]);
  });

  it("starts new web containers beside the old ones, and never two servers on one cluster", () => {
    const [postgres, web, cron] = services;
    expect(web).toMatchObject({ replaceOnChanges: ["taskSpec"], deleteBeforeReplace: false });
    expect(postgres).toMatchObject({ replaceOnChanges: [], deleteBeforeReplace: true });
    expect(cron?.replaceOnChanges).toEqual([]);
    // A fixed name could not be given to the new one while the old one has it.
    expect(web?.inputs).not.toHaveProperty("name");
  });

  it("does things in order: database, first database, web, release, cron", () => {
    const after = (later: string, earlier: string) => expect(environment.before(later)).toContain(earlier);
    after("acme-prod-odoo-first-database", "acme-prod-database-service");
    after("acme-prod-odoo-first-database", "acme-prod-odoo-filestore");
    after("acme-prod-odoo-web-service", "acme-prod-odoo-first-database");
    after("acme-prod-odoo-release-switch", "acme-prod-odoo-web-service");
    after("acme-prod-odoo-cron-service", "acme-prod-odoo-release-switch");
  });

  it("makes the first database once: later changes of its settings do not run it again", () => {
    expect(environment.named("acme-prod-odoo-first-database").ignoreChanges).toEqual(["stdin"]);
  });

  it("runs scheduled jobs in the cron container alone", () => {
    const conf = (role: string) => {
      const { data } = environment.named(`acme-prod-odoo-${role}-conf`).inputs;
      return Buffer.from(data as string, "base64").toString();
    };
    expect(conf("web")).toMatch(/^max_cron_threads = 0$/m);
    expect(conf("cron")).toMatch(/^max_cron_threads = [1-9]/m);
    expect(conf("web")).toMatch(/^list_db = False$/m);
    expect(conf("web")).toMatch(/^proxy_mode = True$/m);
  });

  it("exports what a person needs to log in", () => {
    expect(environment.outputs).toEqual({
      kind: "environment",
      platform: "acme-platform",
      stage: "production",
      // For environments that are copies of it.
      source: {
        version: 1,
        stack: "acme-prod",
        stage: "production",
        platform: "acme-platform",
        database: "odoo",
        volumes: { database: "acme-prod-postgres-data", filestore: "acme-prod-filestore" },
        settings: {},
      },
      url: "http://odoo.localhost:8080",
      adminLogin: "admin",
      adminPassword: passwordOf("acme-prod-odoo-admin-password"),
      masterPassword: passwordOf("acme-prod-odoo-master-password"),
    });
  });

  it("with several web containers has a service for each, which are released together", async () => {
    const grown = await declare({}, withWebs(3));
    const webs = grown.resources.filter(({ name }) => /-web(-\d)?-service$/.test(name));
    expect(webs.map(({ name }) => name)).toEqual([
      "acme-prod-odoo-web-service",
      "acme-prod-odoo-web-2-service",
      "acme-prod-odoo-web-3-service",
    ]);
    for (const web of webs) expect(constraintsOf(web)).toEqual(["node.labels.odoo-stacks.machine==local"]);
    const release = grown.named("acme-prod-odoo-release-switch");
    const { plan } = JSON.parse(release.inputs.stdin as string) as { plan: ReleasePlan };
    expect(plan.webServices).toHaveLength(3);
    expect(plan.routes.map(({ targets }) => targets)).toEqual(
      [8069, 8072].map((port) => plan.webServices.map((service) => `${service}:${port}`)),
    );
    for (const { name } of webs) expect(grown.before("acme-prod-odoo-release-switch")).toContain(name);
    expect(grown.ofType("docker:index/service:Service")).toHaveLength(5);
  });

  it("limits a web container's processors where that is asked for", async () => {
    const limited = await declare({ odoo: JSON.stringify({ webCpus: 0.25 }) });
    const limits = (name: string) => taskSpec(limited.named(name)).resources.limits;
    expect(limits("acme-prod-odoo-web-service")).toMatchObject({ nanoCpus: 250_000_000 });
    expect(limits("acme-prod-odoo-cron-service")).not.toHaveProperty("nanoCpus");
  });

  it("refuses to start on a volume other than the one with its data, before it declares anything", async () => {
    volumes.existing = [{ name: "old-data", role: "postgres-data", database: "odoo" }];
    await expect(declare()).rejects.toThrow(/database\.volume[\s\S]*"old-data", which holds data of acme-prod/);
    volumes.existing = [];
  });

  it("refuses a stack that is no platform, naming it", async () => {
    const reading = record(() => readPlatform("acme-empty"), { stack: "acme-prod", stacks: { "acme-empty": {} } });
    await expect(reading).rejects.toThrow(/"acme-empty" can't be used as a platform[\s\S]*pulumi up -s acme-empty/);
  });
});
