import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { FirstDatabaseInput } from "../../../infra/commands/steps/firstDatabase";
import type { ImageInput } from "../../../infra/commands/steps/image";
import type { ReleaseInput } from "../../../infra/commands/steps/release";
import type { RestartInput } from "../../../infra/commands/steps/restart";
import type { SettledInput } from "../../../infra/commands/steps/settled";
import { machineNamed } from "../../../infra/config/platformOutput";
import { type Source, sourceVersion } from "../../../infra/config/sourceOutput";
import { servers } from "../../support/fakeServer";
import { type Recording, tree } from "../../support/mocks";
import { constraintsOf, declare, inputOf, madeAt, volumesOf } from "../../support/placedEnvironment";
import { balancedPlatform, engineAt, splitPlatform } from "../../support/platform";

vi.mock("../../../infra/targets/servers", async () => ({
  ServerTarget: (await vi.importActual<{ FakeServer: unknown }>("../../support/fakeServer")).FakeServer,
}));

const [web, database, nonproduction, secondWeb] = ["10.0.0.10", "10.0.0.11", "10.0.0.12", "10.0.0.13"].map(engineAt);
const proxy = `${web ?? ""}#acme-platform-proxy-1a2b3c4`;
const path = '{"path":"/mnt/odoo/prod"}';

afterEach(() => {
  servers.clear();
  vi.restoreAllMocks();
});

describe("production whose PostgreSQL has a machine of its own", () => {
  let environment: Recording;
  beforeAll(async () => {
    environment = await declare(splitPlatform);
  });

  it("declares what the golden file lists, and nothing else", async () => {
    await expect(tree(environment.resources)).toMatchFileSnapshot("golden/servers-environment.txt");
  });

  it("has each volume where what uses it is; those of the manager have no machine's name", () => {
    expect(volumesOf(environment)).toEqual({
      "acme-database-data-db": ["acme-postgres-data", database],
      "acme-odoo-filestore": ["acme-filestore", web],
      "acme-odoo-releases": ["acme-releases", web],
    });
    for (const { protect } of environment.ofType("docker:index/volume:Volume")) expect(protect).toBe(true);
  });

  it("has all that belongs to the Swarm made by the manager", () => {
    const swarms = environment.resources.filter(({ type }) => /^docker:index\/(service|network|secret)/.test(type));
    expect(swarms.length).toBeGreaterThan(6);
    for (const resource of swarms) expect(madeAt(environment, resource)).toBe(web);
  });

  it("pins PostgreSQL to where its data is, and Odoo to its machine", () => {
    expect(constraintsOf(environment, "database")).toEqual(["node.labels.odoo-stacks.database.acme==true"]);
    expect(constraintsOf(environment, "odoo-web")).toEqual(["node.labels.odoo-stacks.machine==web"]);
    expect(constraintsOf(environment, "odoo-cron")).toEqual(["node.labels.odoo-stacks.machine==web"]);
  });

  it("marks the machines with its data before PostgreSQL is started on one of them", () => {
    expect(inputOf(environment, "place")).toEqual({
      ...{ dockerHost: web, stack: "acme", database: "db", files: "web", shared: false },
    });
    expect(environment.before("acme-database-service")).toContain("acme-place");
  });

  it("makes its first database, and is released, on the machine with its files", () => {
    const { dockerHost, database: reached } = inputOf(environment, "odoo-first-database") as FirstDatabaseInput;
    expect({ dockerHost, host: reached.host }).toEqual({ dockerHost: web, host: "database" });
    expect(inputOf(environment, "odoo-release-switch")).toMatchObject({
      ...{ dockerHost: web, proxies: [proxy], hasPeers: true },
    });
    expect((inputOf(environment, "odoo-settled") as SettledInput).dockerHosts).toEqual([web]);
  });

  it("looks for the containers of a restart on every machine, since data moves", () => {
    for (const role of ["postgres", "odoo-web", "odoo-cron"]) {
      const input = inputOf(environment, `odoo-release-restart-${role}`) as RestartInput;
      expect(input).toMatchObject({ manager: web, dockerHosts: [web, database, nonproduction] });
    }
  });

  it("has each image where it is needed, and the operator's everywhere", () => {
    const hosts = (image: string) => (inputOf(environment, `${image}-image-build`) as ImageInput).dockerHosts;
    expect(hosts("postgres")).toEqual([database]);
    expect(hosts("odoo")).toEqual([web]);
    expect(hosts("operator")).toEqual([web]);
    const elsewhere = inputOf(environment, "operator-elsewhere-build") as ImageInput;
    expect(elsewhere).toMatchObject({ kind: "operator", dockerHosts: [database, nonproduction] });
    // Copies and releases reach those.
    expect(environment.before("acme-odoo-first-database")).toContain("acme-operator-elsewhere-build");
  });

  it("encrypts what its containers tell each other", () => {
    expect(environment.named("acme-network").inputs).toMatchObject({
      ...{ driver: "overlay", internal: true, options: { encrypted: "true" } },
    });
  });

  it("does not where the platform says so", async () => {
    const open = await declare({ ...splitPlatform, network: { ...splitPlatform.network, encrypted: false } });
    expect(open.named("acme-network").inputs).not.toHaveProperty("options");
  });
});

describe("staging beside it", () => {
  it("is on a machine of its own with all that it has, and marked there", async () => {
    const staging = await declare(splitPlatform, { stage: "staging", mail: '{"catcher":true}' });
    expect(volumesOf(staging)).toEqual({
      "acme-database-data-test": ["acme-postgres-data", nonproduction],
      "acme-odoo-filestore-test": ["acme-filestore", nonproduction],
      "acme-odoo-releases-test": ["acme-releases", nonproduction],
    });
    // One for the manager, one for the machine.
    expect(staging.ofType("pulumi:providers:docker")).toHaveLength(2);
    expect(inputOf(staging, "place")).toMatchObject({ dockerHost: web, database: "test", files: "test" });
    for (const service of ["odoo-web", "odoo-cron", "mail"]) {
      expect(constraintsOf(staging, service)).toEqual(["node.labels.odoo-stacks.machine==test"]);
    }
    expect(inputOf(staging, "odoo-release-switch")).toMatchObject({
      ...{ dockerHost: nonproduction, proxies: [proxy] },
    });
  });
});

describe("a copy of production", () => {
  it("is made on the machine of the copy, from the one with production's files", async () => {
    servers.places.set("acme-prod", { database: "db", files: "web", shared: false });
    const source: Source = {
      ...{ version: sourceVersion, stack: "acme-prod", stage: "production", platform: "acme-platform" },
      ...{ database: "odoo", settings: {} },
      volumes: { database: "acme-prod-postgres-data", filestore: "acme-prod-filestore" },
    };
    const staging = await declare(splitPlatform, { stage: "staging", restore: '{"source":"acme-prod"}' }, source);
    expect(inputOf(staging, "odoo-copy-made")).toMatchObject({
      ...{ dockerHost: nonproduction, sourceHost: web, hasPeers: true },
      plan: { source: { elsewhere: { database: "db", files: "web" } } },
    });
  });
});

describe("a version that another environment has to try first", () => {
  it("is asked about on the machine with that environment's history", async () => {
    servers.places.set("acme-staging", { database: "test", files: "test", shared: false });
    const environment = await declare(splitPlatform, { release: '{"requires":"acme-staging"}' });
    expect((inputOf(environment, "odoo-release-switch") as ReleaseInput).gate).toMatchObject({
      ...{ requires: "acme-staging", dockerHost: nonproduction },
    });
  });
});

describe("data that is not where it belongs", () => {
  it("stays, and what uses it runs there; a machine that it has left keeps its copy", async () => {
    const [manager, db] = [machineNamed(splitPlatform, "web"), machineNamed(splitPlatform, "db")];
    servers.places.set("acme", { database: "web", files: "test", shared: false });
    servers.addVolume(manager, { name: "acme-postgres-data", role: "postgres-data", database: "odoo" });
    servers.addVolume(db, { name: "acme-postgres-data", role: "postgres-data", database: "odoo" });
    servers.addVolume(machineNamed(splitPlatform, "test"), { name: "acme-filestore", role: "filestore" });
    const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
    const environment = await declare(splitPlatform);
    expect(warn.mock.calls.map(([line]) => line)).toEqual([
      expect.stringMatching(/^The database is on web, and belongs on db:/),
      expect.stringMatching(/^The files are on test, and belong on web:/),
    ]);
    expect(volumesOf(environment)).toEqual({
      "acme-database-data": ["acme-postgres-data", web],
      "acme-database-data-db": ["acme-postgres-data", database],
      "acme-odoo-filestore-test": ["acme-filestore", nonproduction],
      "acme-odoo-releases-test": ["acme-releases", nonproduction],
    });
    expect((inputOf(environment, "postgres-image-build") as ImageInput).dockerHosts).toEqual([web]);
    expect(constraintsOf(environment, "database")).toEqual(["node.labels.odoo-stacks.database.acme==true"]);
    expect(constraintsOf(environment, "odoo-web")).toEqual(["node.labels.odoo-stacks.machine==test"]);
  });
});

describe("production on several web machines", () => {
  it("has its files in a folder that they have in common, and the records of releases on the first", async () => {
    const environment = await declare(balancedPlatform, { filestore: path });
    expect(volumesOf(environment)).toEqual({
      "acme-database-data-db": ["acme-postgres-data", database],
      "acme-odoo-shared-filestore": ["acme-filestore-shared", web],
      "acme-odoo-shared-filestore-web-2": ["acme-filestore-shared", secondWeb],
      "acme-odoo-releases": ["acme-releases", web],
    });
    for (const suffix of ["", "-web-2"]) {
      expect(environment.named(`acme-odoo-shared-filestore${suffix}`).inputs.driverOpts).toEqual({
        ...{ type: "none", o: "bind", device: "/mnt/odoo/prod" },
      });
    }
    expect(inputOf(environment, "place")).toMatchObject({ files: "web", shared: true });
    expect((inputOf(environment, "odoo-first-database") as FirstDatabaseInput).filestoreVolume).toBe(
      "acme-filestore-shared",
    );
  });

  it("has a web container on each, and scheduled jobs on whichever of them is there", async () => {
    const environment = await declare(balancedPlatform, { filestore: path });
    expect(constraintsOf(environment, "odoo-web")).toEqual(["node.labels.odoo-stacks.machine==web"]);
    expect(constraintsOf(environment, "odoo-web-2")).toEqual(["node.labels.odoo-stacks.machine==web-2"]);
    expect(constraintsOf(environment, "odoo-cron")).toEqual(["node.labels.odoo-stacks.production==true"]);
    expect((inputOf(environment, "odoo-image-build") as ImageInput).dockerHosts).toEqual([web, secondWeb]);
    expect((inputOf(environment, "odoo-settled") as SettledInput).dockerHosts).toEqual([web, secondWeb]);
  });

  it("makes sure that the folder is one on all of them, and Odoo's, before it is a volume of any", async () => {
    const environment = await declare(balancedPlatform, { filestore: path });
    expect(inputOf(environment, "odoo-shared-folder")).toMatchObject({
      machines: [
        { name: "web", dockerHost: web },
        { name: "web-2", dockerHost: secondWeb },
      ],
      ...{ path: "/mnt/odoo/prod", uid: 100, gid: 101 },
    });
    for (const suffix of ["", "-web-2"]) {
      const before = environment.before(`acme-odoo-shared-filestore${suffix}`);
      expect(before).toContain("acme-odoo-shared-folder");
      // With the operator's image on all of them, which it is tried with.
      expect(before).toContain("acme-operator-image-build");
    }
  });

  it("has no container on any of them before the folder is there as a volume", async () => {
    const environment = await declare(balancedPlatform, { filestore: path });
    for (const later of ["odoo-first-database", "odoo-settled", "odoo-web-service", "odoo-web-2-service"]) {
      expect(environment.before(`acme-${later}`)).toContain("acme-odoo-shared-filestore-web-2");
    }
  });

  it("keeps the volume that its files were in before, on the machine that it was on", async () => {
    const manager = machineNamed(balancedPlatform, "web");
    servers.places.set("acme", { database: "db", files: "web", shared: true });
    servers.addVolume(manager, { name: "acme-filestore", role: "filestore" });
    servers.addVolume(manager, { name: "acme-filestore-shared", role: "filestore" });
    const environment = await declare(balancedPlatform, { filestore: path });
    expect(volumesOf(environment)).toMatchObject({
      "acme-odoo-filestore": ["acme-filestore", web],
      "acme-odoo-shared-filestore": ["acme-filestore-shared", web],
      "acme-odoo-releases": ["acme-releases", web],
    });
  });

  it("keeps the volume of one that is taken out for a while, which has no container then", async () => {
    servers.places.set("acme", { database: "db", files: "web", shared: true, drained: ["web-2"], down: [] });
    for (const name of ["web", "web-2"]) {
      const machine = machineNamed(balancedPlatform, name);
      servers.addVolume(machine, { name: "acme-filestore-shared", role: "filestore" });
    }
    const environment = await declare(balancedPlatform, { filestore: path });
    expect(volumesOf(environment)).toMatchObject({
      "acme-odoo-shared-filestore": ["acme-filestore-shared", web],
      "acme-odoo-shared-filestore-web-2": ["acme-filestore-shared", secondWeb],
    });
    expect(environment.resources.map(({ name }) => name)).not.toContain("acme-odoo-web-2-service");
    // It is Swarm that takes scheduled jobs off that machine: their service stays as it is.
    expect(constraintsOf(environment, "odoo-cron")).toEqual(["node.labels.odoo-stacks.production==true"]);
  });

  it("has a staging beside it whose jobs stay on its own machine, also where its files are in a folder", async () => {
    const staging = await declare(balancedPlatform, { stage: "staging", filestore: '{"path":"/mnt/odoo/staging"}' });
    expect(constraintsOf(staging, "odoo-cron")).toEqual(["node.labels.odoo-stacks.machine==test"]);
  });
});
