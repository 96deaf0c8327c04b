import { describe, expect, it } from "vitest";
import { lastPlaceIn, volumesKnownOn, without } from "../../../infra/cli/forgetVolumes";
import { requireUnused } from "../../../infra/cli/letGoLost";
import type { StateResource } from "../../../infra/cli/leftVolumes";
import type { LastPlace } from "../../../infra/swarm/knownVolumes";
import type { Place } from "../../../infra/swarm/places";

describe("a machine that is lost", () => {
  const asking = { stack: "prod", platform: "acme", machine: "web-2" };
  const refused = (place: Partial<Place>, last?: LastPlace) => () =>
    requireUnused(asking, { shared: false, drained: [], down: ["web-2"], ...place }, last);
  const elsewhere = { database: "db", files: "web", shared: true };

  it("may be let go of where what it has is not in use, or what others have too", () => {
    expect(refused(elsewhere)).not.toThrow();
    // It was taken out of the platform, and its mark with it: the files are in a folder.
    expect(refused({ database: "db" }, { ...elsewhere, files: "web-2" })).not.toThrow();
  });

  it("is kept while it has the database or the files, also where the mark of them is gone", () => {
    const end = /which are nowhere else[^]*destroy prod gives it up/;
    expect(refused({ ...elsewhere, database: "web-2" })).toThrow(/in use[^]*its database, which/);
    expect(refused({ ...elsewhere, files: "web-2", shared: false })).toThrow(end);
    expect(refused({}, { database: "web-2", files: "web-2", shared: false })).toThrow(/its database and files, which/);
    // A mark that is there is what counts.
    expect(refused(elsewhere, { database: "web-2", files: "web-2", shared: false })).not.toThrow();
  });

  it("may be let go of where it has what is left of a database that was moved to RDS", () => {
    const moved = { ...elsewhere, database: "web-2", onRds: true };
    expect(refused(moved)).not.toThrow();
    expect(refused({ ...moved, files: "web-2", shared: false })).toThrow(/its files, which/);
  });

  it("is kept while it carries out releases, until its platform does without it", () => {
    expect(refused({ ...elsewhere, files: "web-2" })).toThrow(
      /carries out its releases[^]*Take it out of acme's file, and npx odoo-stacks up acme; then again/,
    );
  });
});

describe("the state of an environment", () => {
  const urn = (name: string, type = "docker:index/volume:Volume") => `urn:pulumi:prod::odoo-stacks::${type}::${name}`;
  const volume = (name: string): StateResource => ({ urn: urn(name), type: "docker:index/volume:Volume" });
  const stdin = JSON.stringify({ database: "db", files: "web", shared: true });
  const place: StateResource = {
    ...{ urn: urn("prod-place", "command:local:Command"), type: "command:local:Command", inputs: { stdin } },
  };
  const settled: StateResource = {
    ...{ urn: urn("prod-odoo-settled", "command:local:Command"), type: "command:local:Command" },
    dependencies: [urn("prod-odoo-filestore-web-2"), urn("prod-odoo-releases")],
    propertyDependencies: { stdin: [urn("prod-odoo-filestore-web-2")], create: [], update: null },
    deletedWith: urn("prod-odoo-filestore-web-2"),
  };
  const resources = [volume("prod-odoo-releases"), volume("prod-odoo-filestore-web-2"), place, settled];

  it("says what there is on a machine, and where data was", () => {
    expect(volumesKnownOn("prod", "web-2", resources)).toEqual(["prod-odoo-filestore-web-2"]);
    expect(volumesKnownOn("prod", "2", resources)).toEqual([]);
    expect(lastPlaceIn("prod", resources)).toMatchObject({ database: "db", files: "web", shared: true });
    expect(lastPlaceIn("other", resources)).toBeUndefined();
  });

  it("is whole without a volume: nothing in it needs what is not there", () => {
    const left = without(resources, [urn("prod-odoo-filestore-web-2")]);
    expect(left.map((resource) => resource.urn)).toEqual([urn("prod-odoo-releases"), place.urn, settled.urn]);
    expect(left[2]).toEqual({
      ...settled,
      dependencies: [urn("prod-odoo-releases")],
      propertyDependencies: { stdin: [], create: [], update: null },
      deletedWith: undefined,
    });
  });
});
