import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ReleaseInput } from "../../../infra/commands/steps/release";
import { machineNamed, type Placement, type Platform } from "../../../infra/config/platformOutput";
import { moveFilesVariable } from "../../../infra/swarm/files";
import type { DataVolume } from "../../../infra/targets/target";
import { servers } from "../../support/fakeServer";
import type { Recording } from "../../support/mocks";
import { declare, constraintsOf, inputOf, volumesOf } from "../../support/placedEnvironment";
import { balancedPlatform, engineAt } from "../../support/platform";

vi.mock("../../../infra/targets/servers", async () => ({
  ServerTarget: (await vi.importActual<{ FakeServer: unknown }>("../../support/fakeServer")).FakeServer,
}));

const [first, test, second] = ["10.0.0.10", "10.0.0.12", "10.0.0.13"].map(engineAt);
const files: DataVolume = { name: "acme-filestore", role: "filestore" };
const shared: DataVolume = { name: "acme-filestore-shared", role: "filestore", folder: "/mnt/prod" };
const records: DataVolume = { name: "acme-releases", role: "releases" };
const path = { filestore: '{ "path": "/mnt/prod" }' };

/** The platform with production's web containers on these machines. */
const withWeb = (...web: Placement["web"]): Platform => ({
  ...balancedPlatform,
  placement: { ...balancedPlatform.placement, production: { database: "db", web } },
});

/** Says where the files are by now, by the Swarm's labels. */
const placeIn = (machine: string, inFolder = false): void =>
  void servers.places.set("acme", { database: "db", files: machine, shared: inFolder });

const putOn = (name: string, ...volumes: readonly DataVolume[]): void =>
  volumes.forEach((volume) => {
    servers.addVolume(machineNamed(balancedPlatform, name), volume);
  });

/** Volumes with files and records, all of which Pulumi leaves as they are. */
function filesOf(environment: Recording): Record<string, unknown> {
  const volumes = environment.ofType("docker:index/volume:Volume");
  for (const { protect, ignoreChanges } of volumes) {
    expect([protect, ignoreChanges]).toEqual([true, ["labels", "driver", "driverOpts"]]);
  }
  return Object.fromEntries(Object.entries(volumesOf(environment)).filter(([name]) => !name.includes("database")));
}

const releaseOf = (environment: Recording) => inputOf(environment, "odoo-release-switch") as ReleaseInput;
/** All that decides what Pulumi changes. */
const inputsOf = (environment: Recording) =>
  Object.fromEntries(environment.resources.map(({ name, type, inputs }) => [`${type} ${name}`, inputs]));

const move = () => vi.stubEnv(moveFilesVariable, "acme");
const asMoved = () => vi.stubEnv(moveFilesVariable, "");

beforeEach(() => void vi.spyOn(pulumi.log, "warn").mockResolvedValue());
afterEach(() => {
  servers.clear();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe("files on a machine that is not theirs any more", () => {
  const onFirst = { "acme-odoo-filestore": [files.name, first], "acme-odoo-releases": [records.name, first] };
  const onTest = {
    ...{ "acme-odoo-filestore-test": [files.name, test], "acme-odoo-releases-test": [records.name, test] },
  };

  beforeEach(() => {
    placeIn("web");
    putOn("web", files, records);
  });

  it("stay, with everything that is theirs, until a command moves them", async () => {
    const before = await declare(withWeb("test"));
    expect(filesOf(before)).toEqual(onFirst);
    expect(releaseOf(before)).toMatchObject({
      ...{ dockerHost: first, plan: { files: { machine: "web", shared: false } } },
    });
    expect(constraintsOf(before, "odoo-web")).toEqual(["node.labels.odoo-stacks.machine==web"]);
  });

  it("go to theirs, where the next release is made; what they leave is declared as before, and nothing changes afterwards", async () => {
    // What the command has made already.
    putOn("test", files, records);
    move();
    const moving = await declare(withWeb("test"));
    expect(filesOf(moving)).toEqual({ ...onFirst, ...onTest });
    const volumes = { own: files.name, shared: shared.name };
    expect(releaseOf(moving)).toMatchObject({
      dockerHost: test,
      plan: { volumes: { filestore: files.name }, files: { machine: "test", shared: false, volumes } },
    });
    asMoved();
    placeIn("test");
    expect(inputsOf(await declare(withWeb("test")))).toEqual(inputsOf(moving));
  });

  it("go on from there to a third one, and leave both", async () => {
    placeIn("test");
    for (const name of ["test", "web-2"]) putOn(name, files, records);
    move();
    const moving = await declare(withWeb("web-2"));
    expect(filesOf(moving)).toEqual({
      ...onFirst,
      ...onTest,
      "acme-odoo-filestore-web-2": [files.name, second],
      "acme-odoo-releases-web-2": [records.name, second],
    });
    expect(releaseOf(moving)).toMatchObject({ dockerHost: second, plan: { files: { machine: "web-2" } } });
  });

  it("go back by the same command, with the same resources", async () => {
    placeIn("test");
    putOn("test", files, records);
    const away = await declare(withWeb("test"));
    move();
    const back = await declare(withWeb("web"));
    expect(filesOf(back)).toEqual(filesOf(away));
    expect(releaseOf(back).dockerHost).toBe(first);
  });
});

describe("files that several machines are to share", () => {
  const grown = withWeb("web", "web-2");
  const everywhere = {
    "acme-odoo-filestore": [files.name, first],
    "acme-odoo-shared-filestore": [shared.name, first],
    "acme-odoo-shared-filestore-web-2": [shared.name, second],
    "acme-odoo-releases": [records.name, first],
  };

  it("stay on the one machine, with one web container, until a command moves them", async () => {
    placeIn("web");
    putOn("web", files, records);
    const before = await declare(grown, path);
    expect(Object.keys(filesOf(before))).toEqual(["acme-odoo-filestore", "acme-odoo-releases"]);
    expect(before.resources.filter(({ name }) => /-web(-\d)?-service$/.test(name))).toHaveLength(1);
  });

  it("go to their folder, on each machine before its container; the volume that they leave stays beside it", async () => {
    placeIn("web");
    putOn("web", files, shared, records);
    move();
    const moving = await declare(grown, path);
    expect(filesOf(moving)).toEqual(everywhere);
    for (const web of ["web", "web-2"]) {
      const before = moving.before(`acme-odoo-${web}-service`);
      expect(before).toContain("acme-odoo-shared-filestore");
      expect(before).toContain("acme-odoo-shared-filestore-web-2");
    }
    expect(releaseOf(moving).plan.files).toMatchObject({ machine: "web", shared: true });
    asMoved();
    placeIn("web", true);
    putOn("web-2", shared);
    expect(inputsOf(await declare(grown, path))).toEqual(inputsOf(moving));
  });

  it("go back to a volume by the same command, which leaves the folder's volumes as they are", async () => {
    placeIn("web", true);
    putOn("web", files, shared, records);
    putOn("web-2", shared);
    const away = await declare(grown, path);
    await expect(declare(withWeb("web"))).rejects.toThrow(/filestore\.path[^]*move-filestore acme/);
    move();
    const back = await declare(withWeb("web"));
    expect(filesOf(back)).toEqual(filesOf(away));
    for (const suffix of ["", "-web-2"]) {
      // Its folder, which the configuration does not name any more.
      expect(back.named(`acme-odoo-shared-filestore${suffix}`).inputs.driverOpts).toMatchObject({
        device: "/mnt/prod",
      });
    }
    expect(releaseOf(back).plan).toMatchObject({ volumes: { filestore: files.name }, files: { shared: false } });
    asMoved();
    placeIn("web");
    expect(inputsOf(await declare(withWeb("web")))).toEqual(inputsOf(back));
  });

  it("leave their records on the machine that had the operator when they go back to another one", async () => {
    placeIn("web", true);
    putOn("web", shared, records);
    putOn("web-2", shared, files, records);
    move();
    expect(filesOf(await declare(withWeb("web-2")))).toEqual({
      "acme-odoo-filestore-web-2": [files.name, second],
      "acme-odoo-releases": [records.name, first],
      "acme-odoo-releases-web-2": [records.name, second],
      "acme-odoo-shared-filestore": [shared.name, first],
      "acme-odoo-shared-filestore-web-2": [shared.name, second],
    });
  });

  it("keep the operator where it is when another web machine is listed before it", async () => {
    placeIn("web-2", true);
    putOn("web", shared);
    putOn("web-2", shared, records);
    for (const web of [["web", "web-2"], ["web"]]) {
      const placed = await declare(withWeb(...web), path);
      expect(releaseOf(placed)).toMatchObject({ dockerHost: second, plan: { files: { machine: "web-2" } } });
      expect(filesOf(placed)).toHaveProperty("acme-odoo-releases-web-2");
    }
    // Also where nothing marks it.
    servers.places.clear();
    expect(releaseOf(await declare(grown, path)).dockerHost).toBe(second);
  });

  it("keep the volume that they were in under its own name", async () => {
    placeIn("web", true);
    putOn("web", { ...files, name: "odd" }, shared, records);
    putOn("web-2", shared);
    const odd = { ...everywhere, "acme-odoo-filestore": ["odd", first] };
    expect(filesOf(await declare(grown, path))).toEqual(odd);
    // One that is called so now comes first.
    putOn("web", files);
    expect(filesOf(await declare(grown, path))).toEqual(everywhere);
  });

  it("are not left behind in another folder, or in a volume of another name", async () => {
    placeIn("web", true);
    putOn("web", { ...shared, folder: "/mnt/old" }, { ...files, name: "odd" }, records);
    await expect(declare(grown, path)).rejects.toThrow(/"\/mnt\/old", the folder of the volume [^]*"\/mnt\/prod"/);
    move();
    await expect(declare(withWeb("web"))).rejects.toThrow(/filestore\.volume[^]*"odd", which holds data/);
  });
});
