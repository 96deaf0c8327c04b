import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { ReleaseInput } from "../../../infra/commands/steps/release";
import { machineNamed, type Platform } from "../../../infra/config/platformOutput";
import { databaseOnRds } from "../../../infra/programs/databaseOnRds";
import { addressOf } from "../../support/awsMocks";
import { servers } from "../../support/fakeServer";
import type { Recorded, Recording } from "../../support/mocks";
import { constraintsOf, declare as declareOn, inputOf, volumesOf } from "../../support/placedEnvironment";
import { awsPlatform, engineAt } from "../../support/platform";

vi.mock("../../../infra/targets/servers", async () => ({
  ServerTarget: (await vi.importActual<{ FakeServer: unknown }>("../../support/fakeServer")).FakeServer,
}));

const secretString = JSON.stringify({ username: "odoo_stacks_admin", password: "master-secret" });
const functions = { "aws:secretsmanager/getSecretVersion:getSecretVersion": () => ({ secretString }) };
const declare = (database: object, on: Platform = awsPlatform): Promise<Recording> =>
  declareOn(on, { database: JSON.stringify(database) }, undefined, { onRds: databaseOnRds, functions });

const rds = { class: "db.t4g.medium" };
const cluster = { name: "acme-postgres-data", role: "postgres-data", database: "odoo" };
const serviceType = "docker:index/service:Service";

/** The one of a type and a name. */
function one(environment: Recording, name: string, type: string): Recorded {
  const [found, ...more] = environment.resources.filter((each) => each.name === name && each.type.includes(type));
  if (!found || more.length > 0) throw new Error(`not one ${name} of type ${type}`);
  return found;
}
const conf = (environment: Recording, service: string): string =>
  Buffer.from(environment.named(`acme-${service}-conf`).inputs.data as string, "base64").toString();
const names = ({ resources }: Recording): readonly string[] => resources.map(({ name }) => name);

/** What of the world there is before the move: the container with the data, and an instance beside it. */
function inContainer(on: Platform = awsPlatform, machine = "db"): void {
  servers.places.set("acme", { database: machine, files: "web", shared: false });
  servers.addVolume(machineNamed(on, machine), cluster);
}
/** The same afterwards. */
function moved(on: Platform = awsPlatform, machine = "db"): void {
  inContainer(on, machine);
  servers.places.set("acme", { database: machine, onRds: true, files: "web", shared: false });
  const outputs = { identifier: "acme", engine: "postgres", engineVersion: "17.6" };
  servers.state.push({ type: "aws:rds/instance:Instance", name: "acme-rds-instance", outputs });
}

/** Both states, and the one before any of it. */
async function states(on: Platform = awsPlatform, machine = "db") {
  inContainer(on, machine);
  const [plain, prepared] = [await declare({}, on), await declare({ rds }, on)];
  servers.clear();
  moved(on, machine);
  const after = await declare({ kind: "rds", rds }, on);
  servers.clear();
  return { plain, prepared, after };
}

const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
let plain: Recording;
let prepared: Recording;
let after: Recording;
let warnings: readonly unknown[] = [];
beforeAll(async () => {
  ({ plain, prepared, after } = await states());
  warnings = warn.mock.calls.flat();
});
afterAll(() => {
  servers.clear();
  vi.restoreAllMocks();
});

describe("an environment in a container, with an instance that it is to go to", () => {
  it("has all that it has without one, made with the same: nothing of it is changed or started anew", () => {
    for (const { name, type, inputs, dependsOn } of plain.resources) {
      const same = prepared.resources.find((each) => each.name === name && each.type === type);
      expect([name, type, same?.inputs, same?.dependsOn]).toEqual([name, type, inputs, dependsOn]);
    }
    expect(names(prepared).length).toBeGreaterThan(names(plain).length);
  });

  it("has its data where it was: Odoo connects to the container, and the release works there", () => {
    for (const service of ["odoo-web", "odoo-cron"]) {
      expect(conf(prepared, service)).toMatch(/^db_host = database$/m);
      expect(conf(prepared, service)).not.toContain(addressOf("acme-rds-instance"));
    }
    expect(inputOf(prepared, "place")).toMatchObject({ database: "db", files: "web" });
    const { plan } = inputOf(prepared, "odoo-release-switch") as ReleaseInput;
    expect(plan).not.toHaveProperty("remoteDatabase", true);
    expect(constraintsOf(prepared, "database")).toEqual(["node.labels.odoo-stacks.database.acme==true"]);
  });

  it("has the instance beside it, as it will be, with Odoo's role and a container from which psql reaches it", () => {
    expect(prepared.named("acme-rds-instance")).toMatchObject({ protect: true, inputs: { identifier: "acme" } });
    expect(inputOf(prepared, "database-made")).toMatchObject({
      ...{ host: addressOf("acme-rds-instance"), role: { database: "odoo" }, dockerHost: engineAt("10.0.0.10") },
    });
    const { containerSpec } = prepared.named("acme-database-client-service").inputs.taskSpec as {
      containerSpec: { env: Record<string, string> };
    };
    expect(containerSpec.env).toMatchObject({ PGHOST: addressOf("acme-rds-instance"), PGSSLMODE: "verify-full" });
    expect(constraintsOf(prepared, "database-client")).toEqual(["node.labels.odoo-stacks.machine==web"]);
  });

  it("waits for nothing of it: RDS takes minutes, and the release needs none of it", () => {
    const waiting = new Map<string, readonly string[]>();
    // By hand: a component of the instance has the name of the container's.
    const reach = (name: string, seen = new Set<string>()): ReadonlySet<string> => {
      for (const { dependsOn, parent } of prepared.resources.filter((each) => each.name === name)) {
        for (const next of [...dependsOn, parent]) if (next && !seen.has(next)) reach(next, seen.add(next));
      }
      return seen;
    };
    const ofOdoo = prepared.resources.filter(({ name }) => name.startsWith("acme-odoo"));
    for (const { name } of ofOdoo)
      waiting.set(
        name,
        [...reach(name)].filter((each) => /rds|client|-made|trust/.test(each)),
      );
    expect(waiting.size).toBeGreaterThan(10);
    expect([...waiting].filter(([, on]) => on.length > 0)).toEqual([]);
    // What does wait for it shows that this would be seen.
    expect(reach("acme-database-client-service")).toContain("acme-rds-instance");
  });

  it("exports nothing of it: to its copies, its data is in the container", () => {
    expect(prepared.outputs).toEqual(plain.outputs);
    expect(prepared.outputs.source).not.toHaveProperty("onRds");
  });

  it("is told by which command it goes there", () => {
    const line = "The database is in a container, and goes to RDS: npx odoo-stacks move-database acme";
    expect(warnings.filter((text) => text === line)).toHaveLength(1);
  });
});

describe("an environment whose database was moved from its container to RDS", () => {
  it("has the instance that was beside the container, as it was", () => {
    const ofRds = prepared.resources.filter(({ name, type }) => name.startsWith("acme-rds") || type.startsWith("aws:"));
    expect(ofRds.length).toBeGreaterThan(8);
    for (const { name, type, inputs } of ofRds) {
      expect([name, type, one(after, name, type).inputs]).toEqual([name, type, inputs]);
    }
    const role = (environment: Recording) => {
      const { image, ...others } = inputOf(environment, "database-made") as Record<string, unknown>;
      expect(image).toBeDefined();
      return others;
    };
    expect(role(after)).toEqual(role(prepared));
  });

  it("keeps the old volume as the resource that it was: by type, name and parents, protected, on its machine", () => {
    const chain = (environment: Recording) => {
      const volume = one(environment, "acme-database-data-db", "docker:index/volume:Volume");
      const { name, type, parent, within, inputs, protect, ignoreChanges, provider } = volume;
      const above = one(environment, parent, "odoo-stacks:database:PostgresServer");
      return { name, type, inputs, protect, ignoreChanges, provider, within, above: [above.name, above.parent] };
    };
    expect(chain(after)).toEqual(chain(prepared));
    expect(chain(after)).toMatchObject({ protect: true, inputs: { name: "acme-postgres-data" } });
    expect(volumesOf(after)["acme-database-data-db"]).toEqual(["acme-postgres-data", engineAt("10.0.0.11")]);
  });

  it("has no more of the container than that", () => {
    const ofServer = after.resources.filter(
      ({ parent, name }) => parent === "acme-database" && !/-(password|trust|made)$/.test(name),
    );
    expect(ofServer.map(({ name }) => name)).toEqual(["acme-database-data-db"]);
    for (const name of ["acme-database-service", "acme-database-held", "acme-database-settings"]) {
      expect(names(prepared)).toContain(name);
      expect(names(after)).not.toContain(name);
    }
    expect(
      after.ofType("random:index/randomPassword:RandomPassword").filter(({ name }) => /database/.test(name)),
    ).toHaveLength(1);
    const mounted = JSON.stringify(after.ofType(serviceType).map(({ inputs }) => inputs));
    expect(mounted).not.toContain("acme-postgres-data");
  });

  it("has Odoo connect to the instance, and nothing marks a machine with its database", () => {
    expect(conf(after, "odoo-web")).toContain(`db_host = ${addressOf("acme-rds-instance")}`);
    expect(inputOf(after, "place")).not.toHaveProperty("database");
    expect((inputOf(after, "odoo-release-switch") as ReleaseInput).plan).toHaveProperty("remoteDatabase", true);
  });

  it("has nothing of it any more once the volume was let go", async () => {
    servers.clear();
    moved();
    servers.volumes.clear();
    const clean = await declare({ kind: "rds", rds });
    servers.clear();
    expect(clean.resources.filter(({ type }) => type === "odoo-stacks:database:PostgresServer")).toEqual([]);
    expect(names(clean)).not.toContain("acme-docker-db");
  });
});

describe("an environment on one machine, which has more memory once the database is on RDS", () => {
  const main = awsPlatform.machines[0] ?? { name: "web" };
  const place = { database: main.name, web: [main.name] as const };
  const single: Platform = {
    ...awsPlatform,
    machines: awsPlatform.machines.slice(0, 1),
    placement: { production: place, staging: place, development: place },
  };
  let on: Awaited<ReturnType<typeof states>>;
  beforeAll(async () => {
    on = await states(single, main.name);
  });

  it("has an instance with parameters for afterwards, which would take a restart to change", () => {
    expect(conf(on.after, "odoo-web")).not.toBe(conf(on.prepared, "odoo-web"));
    const parameters = ({ prepared: first, after: last }: typeof on) =>
      [first, last].map((environment) => environment.named("acme-rds-parameters").inputs);
    const [before, then] = parameters(on);
    expect(before).toEqual(then);
  });

  it("keeps the old volume as it was", () => {
    expect(one(on.after, "acme-database-data", "Volume").inputs).toEqual(
      one(on.prepared, "acme-database-data", "Volume").inputs,
    );
  });
});
