import { afterEach, describe, expect, it, vi } from "vitest";
import { machineNamed, type Platform } from "../../../infra/config/platformOutput";
import type { UserError } from "../../../infra/core/errors";
import { operatorHostOf, placedAt } from "../../../infra/programs/placed";
import { type Where, whereIs } from "../../../infra/programs/where";
import { moveFilesVariable } from "../../../infra/swarm/files";
import { servers } from "../../support/fakeServer";
import { balancedPlatform, engineAt, examplePlatform, splitPlatform } from "../../support/platform";
import { environment, type Written } from "../config/given";

vi.mock("../../../infra/targets/servers", async () => ({
  ServerTarget: (await vi.importActual<{ FakeServer: unknown }>("../../support/fakeServer")).FakeServer,
}));
vi.mock("../../../infra/programs/ownState", () => ({ ownResources: () => Promise.resolve(servers.state) }));
vi.mock("../../../infra/targets/local", () => ({
  LocalTarget: class {
    dataVolumes = () =>
      Promise.resolve([
        { name: "acme-postgres-data", role: "postgres-data", database: "odoo" },
        // A volume of an earlier name, which nobody uses any more.
        { name: "acme-old", role: "postgres-data", database: "odoo" },
        { name: "acme-filestore", role: "filestore" },
      ]);
    place = () => Promise.resolve({ shared: false, drained: [], down: [] });
  },
}));

const shared = { filestore: { path: "/mnt/odoo/prod" } };
const find = (on: Platform, written: Written = {}) =>
  whereIs("acme", environment({ platform: "acme-platform", ...written }), on);

/** The names of the machines. */
const named = ({ database, web, former }: Where) => ({
  database: database.name,
  web: web.map(({ name }) => name),
  former: Object.fromEntries(Object.entries(former).map(([kind, on]) => [kind, on.map(({ name }) => name)])),
});

const nowhere = { database: [], filestore: [], shared: [] };
const database = { name: "acme-postgres-data", role: "postgres-data", database: "odoo" };
const files = { name: "acme-filestore", role: "filestore" };
const inFolder = { name: "acme-filestore-shared", role: "filestore" };

/** Puts a volume on machines of the platforms in use here. */
function putOn(volume: typeof files, ...names: readonly string[]): void {
  for (const name of names) servers.addVolume(machineNamed(balancedPlatform, name), volume);
}

afterEach(() => {
  servers.clear();
  vi.unstubAllEnvs();
});

describe("an environment that is not there yet", () => {
  it("is made where the platform has it", async () => {
    const where = await find(splitPlatform);
    expect(named(where)).toEqual({ database: "db", web: ["web"], former: nowhere });
    expect(where.volumes).toEqual({ database: "acme-postgres-data", filestore: "acme-filestore" });
    expect({ due: where.due, path: where.sharedPath }).toEqual({ due: [], path: undefined });
    expect(named(await find(splitPlatform, { stage: "staging" }))).toMatchObject({ database: "test", web: ["test"] });
  });

  it("has its files in the folder that its configuration names, under a name of their own", async () => {
    const where = await find(balancedPlatform, shared);
    expect(named(where)).toEqual({ database: "db", web: ["web", "web-2"], former: nowhere });
    expect(where.sharedPath).toBe("/mnt/odoo/prod");
    expect(where.volumes.filestore).toBe("acme-filestore-shared");
    expect(where.due).toEqual([]);
  });
});

describe("data that is somewhere", () => {
  it("stays there, with word of what would move it", async () => {
    servers.places.set("acme", { database: "web", files: "test", shared: false });
    putOn(database, "web");
    putOn(files, "test");
    const where = await find(splitPlatform);
    expect(named(where)).toEqual({ database: "web", web: ["test"], former: nowhere });
    expect(where.due).toEqual([
      "The database is on web, and belongs on db: npx odoo-stacks move-database acme",
      "The files are on test, and belong on web: npx odoo-stacks move-filestore acme",
    ]);
  });

  it("stays on one machine while several are to have it, also where a folder is named for them", async () => {
    servers.places.set("acme", { database: "db", files: "web", shared: false });
    putOn(files, "web");
    const where = await find(balancedPlatform, shared);
    expect(named(where)).toMatchObject({ web: ["web"] });
    expect(where.sharedPath).toBeUndefined();
    expect(where.volumes.filestore).toBe("acme-filestore");
    expect(where.due).toEqual([
      "The files are on web, and belong on /mnt/odoo/prod, shared by web, web-2: npx odoo-stacks move-filestore acme",
    ]);
  });

  it("goes where the platform has it when the command that moves it says so, and leaves its volume behind", async () => {
    servers.places.set("acme", { database: "db", files: "web", shared: false });
    putOn(files, "web");
    vi.stubEnv(moveFilesVariable, "acme");
    const where = await find(balancedPlatform, shared);
    expect(named(where)).toMatchObject({ web: ["web", "web-2"], former: { filestore: ["web"] } });
    expect(where.volumes.filestore).toBe("acme-filestore-shared");
    expect(where.due).toEqual([]);
    // The word is for one environment.
    vi.stubEnv(moveFilesVariable, "other");
    expect(named(await find(balancedPlatform, shared))).toMatchObject({ web: ["web"] });
  });

  it("has left copies where it was, which stay", async () => {
    servers.places.set("acme", { database: "db", files: "web", shared: true });
    putOn(database, "web", "db");
    putOn(files, "web");
    putOn(inFolder, "web", "web-2");
    const where = await find(balancedPlatform, shared);
    expect(named(where)).toEqual({
      database: "db",
      web: ["web", "web-2"],
      former: { database: ["web"], filestore: ["web"], shared: [] },
    });
    expect(where.due).toEqual([]);
  });

  it("stays where its volumes are although nothing marks them, as those of an earlier version", async () => {
    putOn(database, "web");
    putOn(files, "web");
    const where = await find(splitPlatform);
    expect(named(where)).toEqual({ database: "web", web: ["web"], former: nowhere });
    expect(where.due).toHaveLength(1);
    // Also not into a folder, which has none of it.
    const grown = await find(balancedPlatform, shared);
    expect(grown.sharedPath).toBeUndefined();
    expect(named(grown)).toMatchObject({ web: ["web"] });
  });

  it("is where it belongs when there are copies elsewhere and nothing marks either", async () => {
    putOn(database, "web", "db");
    expect(named(await find(splitPlatform))).toMatchObject({ database: "db", former: { database: ["web"] } });
  });

  it("is still in its folder although nothing marks it", async () => {
    putOn(files, "web");
    putOn(inFolder, "web", "web-2");
    const where = await find(balancedPlatform, shared);
    expect(where.sharedPath).toBe("/mnt/odoo/prod");
    expect(named(where)).toMatchObject({ web: ["web", "web-2"], former: { filestore: ["web"] } });
  });

  it("is not left behind in a folder that the configuration does not name any more", async () => {
    servers.places.set("acme", { database: "db", files: "web", shared: true });
    putOn(inFolder, "web", "web-2");
    const error = (await find(splitPlatform).catch((thrown: unknown) => thrown)) as UserError;
    expect(error.problems).toEqual([
      {
        path: "filestore.path",
        expected: "the folder that holds its files",
        found: "nothing",
        hint: "Put it back. To have the files in a volume again: npx odoo-stacks move-filestore acme",
      },
    ]);
    vi.stubEnv(moveFilesVariable, "acme");
    expect(named(await find(balancedPlatform))).toMatchObject({ former: { shared: ["web", "web-2"] } });
  });

  it("is not left behind in a volume of another name, on whichever machine that is", async () => {
    servers.places.set("acme", { database: "db", files: "web", shared: false });
    putOn(database, "db");
    await expect(find(splitPlatform, { database: { volume: "other" } })).rejects.toThrow(/database\.volume/);
  });

  it("is not made anew elsewhere when its machine is not the platform's any more", async () => {
    servers.places.set("acme", { database: "gone", files: "web", shared: false });
    const error = (await find(splitPlatform).catch((thrown: unknown) => thrown)) as UserError;
    expect(error.problems).toEqual([
      {
        path: "machines, in the platform's stack",
        expected: "the machine gone",
        found: "web, db, test",
        hint: "Put it back, and bring the platform up.",
      },
    ]);
  });

  it("may have volumes of earlier names beside it on the same machine, which are nobody's copies", async () => {
    expect(named(await find(examplePlatform))).toEqual({ database: "local", web: ["local"], former: nowhere });
  });

  it("is used by all web containers of its machine", async () => {
    const production = { database: "local", web: ["local", "local"] };
    const where = await find({ ...examplePlatform, placement: { ...examplePlatform.placement, production } });
    expect(named(where).web).toEqual(["local", "local"]);
    expect(where.due).toEqual([]);
  });
});

describe("a machine that does not answer", () => {
  const sharing = { database: "db", files: "web-2", shared: true };
  const isSilent = (...names: readonly string[]) =>
    names.forEach((name) => servers.silent.add(machineNamed(balancedPlatform, name).dockerHost));
  const problems = async (on: Platform, written: Written = {}) => {
    const error = (await find(on, written).catch((thrown: unknown) => thrown)) as UserError;
    return error.problems.map(({ path, expected, hint = "" }) => [path, expected, hint]);
  };

  it("is gone on without where it has no part", async () => {
    servers.places.set("acme", { database: "db", files: "web", shared: false });
    isSilent("test");
    const where = await find(splitPlatform);
    expect(named(where)).toEqual({ database: "db", web: ["web"], former: nowhere });
    expect(where.silent).toEqual([{ machine: machineNamed(splitPlatform, "test"), found: "no answer" }]);
  });

  it("must have no part: neither the database nor the files, which are there alone", async () => {
    servers.places.set("acme", { database: "db", files: "test", shared: false });
    isSilent("db", "test", "web-2");
    expect(await problems(balancedPlatform)).toEqual([
      ["db", "an answer: it has the database of acme", "Bring it back. Data is there alone."],
      ["test", "an answer: it has the files of acme", "Bring it back. Data is there alone."],
    ]);
  });

  it("must not be a web machine, unless that is taken out, or the one with the operator", async () => {
    servers.places.set("acme", sharing);
    isSilent("web-2");
    const [[name, expected, hint] = []] = await problems(balancedPlatform, shared);
    expect([name, expected]).toEqual([
      "web-2",
      "an answer: it carries out the releases of acme, and has their records",
    ]);
    expect(hint).toMatch(/take it out of acme-platform's file, .* up acme-platform, then .* let-go acme web-2 --lost$/);
    servers.places.set("acme", { ...sharing, files: "web" });
    expect(await problems(balancedPlatform, shared)).toEqual([
      [
        ...["web-2", "an answer: it has a web container of acme"],
        "Bring it back, or go on without it: npx odoo-stacks drain acme-platform web-2",
      ],
    ]);
    servers.places.set("acme", { ...sharing, files: "web", drained: ["web-2"] });
    expect(named(await find(balancedPlatform, shared))).toMatchObject({ web: ["web"] });
  });

  it("may have the data that nothing marks, so that all have to answer", async () => {
    isSilent("test");
    for (const place of [{}, { database: "db" }, { files: "web" }]) {
      servers.places.set("acme", place);
      const [[name, expected] = []] = await problems(splitPlatform);
      expect(name).toBe("test");
      expect(expected).toMatch(/the Swarm has no mark for acme/);
    }
  });

  it("is no reason to go on where it is the manager, which knows of all others", async () => {
    servers.places.set("acme", { database: "db", files: "web", shared: false });
    isSilent("web");
    await expect(find(splitPlatform)).rejects.toThrow(/The machine web can't be reached/);
  });
});

describe("a machine that the platform does not have any more", () => {
  it("must not be left with volumes that Pulumi would refuse to remove", async () => {
    servers.places.set("acme", { database: "db", files: "web", shared: false });
    servers.addKnown("acme-odoo-shared-filestore-web-9", inFolder);
    const gone = find(splitPlatform);
    await expect(gone).rejects.toThrow(/acme-platform does not have any more[^]*web-9[^]*let-go acme web-9 --lost/);
    // Where data is not protected, Pulumi removes it.
    expect(await find(splitPlatform, { protectData: false })).toBeDefined();
  });
});

describe("a mark that is gone with its node", () => {
  const last = { database: "db", files: "web", shared: false };

  it("is given back where the data is still there", async () => {
    servers.places.set("acme", { files: "web", shared: false });
    servers.addLastPlace("acme", last);
    putOn(database, "db");
    putOn(files, "web");
    const where = await find(splitPlatform);
    expect(named(where)).toMatchObject({ database: "db", web: ["web"] });
    expect(where.unmarked).toEqual(["database"]);
    servers.places.set("acme", {});
    expect((await find(splitPlatform)).unmarked).toEqual(["database", "files"]);
    servers.places.set("acme", last);
    expect((await find(splitPlatform)).unmarked).toEqual([]);
  });

  it("is not what the first `up` has to give back: it gives all of them", async () => {
    putOn(database, "db");
    expect((await find(splitPlatform)).unmarked).toEqual([]);
  });

  it("is not given to a machine without the data, nor to one with another copy, which may be old", async () => {
    servers.places.set("acme", { files: "web", shared: false });
    servers.addLastPlace("acme", last);
    await expect(find(splitPlatform)).rejects.toThrow(
      /where the database of acme is[^]*a volume on db, as at the last up[^]*none on any machine[^]*destroy acme/,
    );
    putOn(database, "web");
    await expect(find(splitPlatform)).rejects.toThrow(
      /one on web[^]*--label-add odoo-stacks.database.acme=true NODE, on the manager/,
    );
    putOn(database, "db");
    await expect(find(splitPlatform)).rejects.toThrow(/one on web, one on db|one on db, one on web/);
  });

  it("goes to another web machine where files are shared and the first of them has gone for good", async () => {
    servers.places.set("acme", { database: "db" });
    servers.addLastPlace("acme", { database: "db", files: "web-9", shared: true });
    putOn(inFolder, "web", "web-2");
    const where = await find(balancedPlatform, shared);
    expect(named(where)).toMatchObject({ database: "db", web: ["web", "web-2"] });
    expect({ unmarked: where.unmarked, path: where.sharedPath }).toEqual({
      ...{ unmarked: ["files"], path: "/mnt/odoo/prod" },
    });
  });

  it("is no longer looked for in a folder that files have come back from", async () => {
    servers.places.set("acme", { database: "db" });
    servers.addLastPlace("acme", last);
    putOn(files, "web");
    putOn(inFolder, "web", "test");
    const where = await find(splitPlatform);
    expect(where.sharedPath).toBeUndefined();
    expect(where.unmarked).toEqual(["files"]);
  });
});

describe("a web machine that is taken out for a while", () => {
  it("has no part of an environment, but still its volume for when it is let in again", async () => {
    servers.places.set("acme", { database: "db", files: "web", shared: true, drained: ["web-2"], down: [] });
    putOn(inFolder, "web", "web-2");
    const where = await find(balancedPlatform, shared);
    expect(named(where)).toMatchObject({ web: ["web"], former: { shared: ["web-2"] } });
    expect(where.due).toEqual([]);
  });

  it("goes on where no other does its work", async () => {
    servers.places.set("acme", { database: "db", files: "web", shared: false, drained: ["web"], down: [] });
    expect(named(await find(splitPlatform))).toMatchObject({ web: ["web"] });
  });
});

describe("figures", () => {
  it("are those of the machines that the parts are on, not of those where they belong", async () => {
    servers.places.set("acme", { database: "web", files: "web", shared: false });
    const placed = placedAt(splitPlatform, "production", await find(splitPlatform));
    expect(placed.placement.production).toEqual({ database: "web", web: ["web"] });
    // Nor are the other stages where they belong: they leave nothing of that machine to it.
    expect(placed.placement.staging).toEqual({ database: "web", web: ["web"] });
  });

  it("are those of the platform once all is where it belongs", async () => {
    expect(placedAt(splitPlatform, "production", await find(splitPlatform))).toEqual(splitPlatform);
  });
});

describe("the Engine that an environment's operator works at", () => {
  it("is that of the machine with its files", async () => {
    servers.places.set("acme-staging", { database: "db", files: "test", shared: false });
    expect(await operatorHostOf("acme-staging", splitPlatform)).toBe(engineAt("10.0.0.12"));
  });

  it("is the manager's for none, and where nothing is known of it", async () => {
    expect(await operatorHostOf(undefined, splitPlatform)).toBe(engineAt("10.0.0.10"));
    expect(await operatorHostOf("acme-gone", splitPlatform)).toBe(engineAt("10.0.0.10"));
  });

  it("is this machine's on target local", async () => {
    expect(await operatorHostOf("acme", examplePlatform)).toBe("unix:///var/run/docker.sock");
  });
});
