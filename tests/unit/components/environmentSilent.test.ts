import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ImageInput } from "../../../infra/commands/steps/image";
import { machineNamed } from "../../../infra/config/platformOutput";
import type { DataVolume } from "../../../infra/targets/target";
import { servers } from "../../support/fakeServer";
import type { Recording } from "../../support/mocks";
import { declare, inputOf, volumesOf } from "../../support/placedEnvironment";
import { balancedPlatform, engineAt } from "../../support/platform";

vi.mock("../../../infra/targets/servers", async () => ({
  ServerTarget: (await vi.importActual<{ FakeServer: unknown }>("../../support/fakeServer")).FakeServer,
}));

const [web, database, test, secondWeb] = ["10.0.0.10", "10.0.0.11", "10.0.0.12", "10.0.0.13"].map(engineAt);
const path = { filestore: '{ "path": "/mnt/prod" }' };
const cluster: DataVolume = { name: "acme-postgres-data", role: "postgres-data", database: "odoo" };
const files: DataVolume = { name: "acme-filestore", role: "filestore" };
const folder: DataVolume = { name: "acme-filestore-shared", role: "filestore", folder: "/mnt/prod" };
const records: DataVolume = { name: "acme-releases", role: "releases" };

const putOn = (name: string, ...volumes: readonly DataVolume[]): void =>
  volumes.forEach((volume) => {
    servers.addVolume(machineNamed(balancedPlatform, name), volume);
  });
const isSilent = (name: string): void => void servers.silent.add(machineNamed(balancedPlatform, name).dockerHost);
const declared = () => declare(balancedPlatform, path);
/** All that decides what Pulumi changes. */
const inputsOf = (environment: Recording) =>
  Object.fromEntries(environment.resources.map(({ name, type, inputs }) => [`${type} ${name}`, inputs]));

const warn = vi.spyOn(pulumi.log, "warn");
const warnings = () => warn.mock.calls.map(([line]) => line);

/** Production on two web machines, whose staging machine has what was left when the database and the files were moved. */
beforeEach(() => {
  servers.places.set("acme", { database: "db", files: "web", shared: true });
  putOn("web", folder, records);
  putOn("web-2", folder);
  putOn("db", cluster);
  putOn("test", cluster, files, records);
  for (const [suffix, volume] of [
    ["database-data-db", cluster],
    ["database-data-test", cluster],
    ["odoo-filestore-test", files],
    ["odoo-releases-test", records],
    ["odoo-shared-filestore", folder],
    ["odoo-shared-filestore-web-2", folder],
    ["odoo-releases", records],
  ] as const) {
    servers.addKnown(`acme-${suffix}`, volume);
  }
  servers.addLastPlace("acme", { database: "db", files: "web", shared: true });
  warn.mockReset().mockResolvedValue();
});
afterEach(() => servers.clear());

describe("an environment, while a machine without a part of it that is in use is down", () => {
  it("is declared as before, also what it has left there: Pulumi has nothing to change but whom the operator's image goes to", async () => {
    const before = inputsOf(await declared());
    expect(warnings()).toEqual([]);
    isSilent("test");
    const environment = await declared();
    const elsewhere = "command:local:Command acme-operator-elsewhere-build";
    expect({ ...inputsOf(environment), [elsewhere]: undefined }).toEqual({ ...before, [elsewhere]: undefined });
    expect(volumesOf(environment)).toMatchObject({
      "acme-database-data-test": ["acme-postgres-data", test],
      "acme-odoo-filestore-test": ["acme-filestore", test],
      "acme-odoo-releases-test": ["acme-releases", test],
    });
    const images = inputOf(environment, "operator-elsewhere-build") as ImageInput;
    expect(images.dockerHosts).toEqual([database]);
    expect(warnings()).toEqual([
      expect.stringMatching(/^test does not answer \(no answer\)\. acme has no part there that is in use/),
    ]);
  });

  it("does not ask a machine that the Swarm has lost touch with", async () => {
    servers.places.set("acme", { database: "db", files: "web", shared: true, down: ["test"] });
    servers.volumes.delete(test ?? "");
    expect(volumesOf(await declared())).toHaveProperty("acme-odoo-filestore-test");
    expect(warnings()).toEqual([expect.stringMatching(/^test does not answer \(down, as the Swarm has it\)/)]);
  });

  it("has nothing there that Pulumi does not know: it could not be made", async () => {
    isSilent("test");
    servers.state = servers.state.filter(({ name }) => !name.endsWith("-test"));
    expect(Object.keys(volumesOf(await declared())).filter((name) => name.endsWith("-test"))).toEqual([]);
  });
});

describe("a web machine that is down", () => {
  it("is refused, with the way to go on without it", async () => {
    isSilent("web-2");
    await expect(declared()).rejects.toThrow(
      /acme can't be changed while a machine of it is down[^]*web-2[^]*it has a web container of acme[^]*no answer[^]*npx odoo-stacks drain acme-platform web-2/,
    );
  });

  it("is no part of it once it is taken out; its folder's volume stays declared as it was", async () => {
    const before = volumesOf(await declared());
    isSilent("web-2");
    servers.places.set("acme", { database: "db", files: "web", shared: true, drained: ["web-2"] });
    const environment = await declared();
    expect(volumesOf(environment)).toEqual(before);
    expect(volumesOf(environment)["acme-odoo-shared-filestore-web-2"]).toEqual([folder.name, secondWeb]);
    expect(environment.named("acme-odoo-shared-filestore-web-2").inputs.driverOpts).toMatchObject({
      device: "/mnt/prod",
    });
    expect(environment.resources.map(({ name }) => name)).not.toContain("acme-odoo-web-2-service");
    for (const step of ["odoo-image-build", "odoo-settled", "operator-image-build"]) {
      expect(inputOf(environment, step)).toMatchObject({ dockerHosts: [web] });
    }
    expect(inputOf(environment, "odoo-shared-folder")).toMatchObject({ machines: [{ name: "web" }] });
  });

  it("is what it was once it is back and let in again", async () => {
    const before = inputsOf(await declared());
    isSilent("web-2");
    servers.places.set("acme", { database: "db", files: "web", shared: true, drained: ["web-2"] });
    await declared();
    servers.silent.clear();
    servers.places.set("acme", { database: "db", files: "web", shared: true });
    expect(inputsOf(await declared())).toEqual(before);
  });
});
