import { afterEach, describe, expect, it, vi } from "vitest";
import { machineNamed } from "../../../infra/config/platformOutput";
import type { UserError } from "../../../infra/core/errors";
import { placedAt } from "../../../infra/programs/placed";
import { type Where, whereIs } from "../../../infra/programs/where";
import { servers } from "../../support/fakeServer";
import { awsPlatform } from "../../support/platform";
import { environment, type Written } from "../config/given";

vi.mock("../../../infra/targets/servers", async () => ({
  ServerTarget: (await vi.importActual<{ FakeServer: unknown }>("../../support/fakeServer")).FakeServer,
}));
vi.mock("../../../infra/programs/ownState", () => ({ ownResources: () => Promise.resolve(servers.state) }));

const find = (written: Written) => whereIs("acme", environment({ platform: "acme-platform", ...written }), awsPlatform);

/** The names of the machines. */
const named = ({ database, web, former }: Where) => ({
  ...{ database: database.name, web: web.map(({ name }) => name), former: former.database.map(({ name }) => name) },
});

const database = { name: "acme-postgres-data", role: "postgres-data", database: "odoo" };
const putOn = (volume: typeof database, name: string) => {
  servers.addVolume(machineNamed(awsPlatform, name), volume);
};

afterEach(() => {
  servers.clear();
});

describe("a database that goes to RDS", () => {
  const rds = { class: "db.t4g.medium" };
  const prepared = { database: { rds } };
  const onRds = { database: { kind: "rds", rds } };
  const instance = () =>
    servers.state.push({
      type: "aws:rds/instance:Instance",
      name: "acme-rds-instance",
      outputs: { identifier: "acme" },
    });
  const marked = (more: object = {}) =>
    servers.places.set("acme", { database: "db", files: "web", shared: false, ...more });
  const refusal = async (written: Written) => {
    const error = (await find(written).catch((thrown: unknown) => thrown)) as UserError;
    return error.problems;
  };

  it("is in its container until a command moves it, with word of that", async () => {
    marked();
    putOn(database, "db");
    for (const isThere of [false, true]) {
      if (isThere) instance();
      const where = await find(prepared);
      expect(named(where)).toEqual({ database: "db", web: ["web"], former: [] });
      expect(where.due).toEqual([
        "The database is in a container, and goes to RDS: npx odoo-stacks move-database acme",
      ]);
    }
  });

  it("does not change the figures that it has meanwhile: the stages stay where the platform has them", async () => {
    marked();
    putOn(database, "db");
    const placed = placedAt(awsPlatform, "production", await find(prepared));
    expect(placed).toEqual(awsPlatform);
    // What is elsewhere still counts.
    marked({ database: "web" });
    const elsewhere = await find(prepared);
    expect(elsewhere.due).toHaveLength(2);
    expect(placedAt(awsPlatform, "production", elsewhere).placement.staging).toEqual({ database: "web", web: ["web"] });
  });

  it("is not left behind in its container, before it is moved", async () => {
    marked();
    putOn(database, "db");
    const expected = [
      {
        path: "database.kind",
        expected: '"container", whose volume acme-postgres-data on db holds data of acme',
        found: '"rds"',
        hint: "Put it back, keep database.rds, and `up`; then: npx odoo-stacks move-database acme",
      },
    ];
    expect(await refusal(onRds)).toEqual(expected);
    // Also where the instance is there already, and empty.
    instance();
    expect(await refusal(onRds)).toEqual(expected);
  });

  it("is there once that is marked, and leaves its volume on the machine that it was on", async () => {
    marked({ onRds: true });
    putOn(database, "db");
    instance();
    const where = await find(onRds);
    expect(named(where)).toEqual({ database: "web", web: ["web"], former: ["db"] });
    expect(where.volumes.database).toBe("acme-postgres-data");
    expect({ due: where.due, unmarked: where.unmarked }).toEqual({ due: [], unmarked: [] });
  });

  it("leaves its volume under the name that it had, which a file without a container can't have", async () => {
    marked({ onRds: true });
    putOn({ ...database, name: "old" }, "db");
    instance();
    const where = await find(onRds);
    expect(where.volumes.database).toBe("old");
    expect(named(where).former).toEqual(["db"]);
  });

  it("leaves its volume also on the machine with the web container", async () => {
    marked({ database: "web", onRds: true });
    putOn(database, "web");
    instance();
    expect(named(await find(onRds)).former).toEqual(["web"]);
  });

  it("needs no machine any more once the volume was let go", async () => {
    marked({ onRds: true });
    instance();
    expect(named(await find(onRds)).former).toEqual([]);
  });

  it("does not come back to a container, whether or not the old volume is there", async () => {
    const expected = [
      {
        path: "database.kind",
        expected: '"rds", where the database of acme is',
        found: '"container"',
        hint: "Put it back. Nothing moves a database from RDS to a container.",
      },
    ];
    instance();
    // There is none that it could have come from.
    expect(await refusal(prepared)).toEqual(expected);
    expect(await refusal({})).toEqual(expected);
    marked({ onRds: true });
    putOn(database, "db");
    expect(await refusal(prepared)).toEqual(expected);
    expect(await refusal({})).toEqual(expected);
    // The mark alone says so too.
    servers.state = [];
    expect(await refusal({})).toEqual(expected);
  });

  it("is known to be there although the mark is gone with its node, where the last up had it there", async () => {
    servers.places.set("acme", { files: "web", shared: false });
    putOn(database, "db");
    instance();
    servers.addLastPlace("acme", { files: "web", shared: false });
    expect(named(await find(onRds)).former).toEqual(["db"]);
    expect(await refusal(prepared)).toMatchObject([{ expected: '"rds", where the database of acme is' }]);
    // That of an earlier one says nothing.
    servers.state.pop();
    servers.addLastPlace("acme", { database: "db", files: "web", shared: false });
    expect(await refusal(onRds)).toMatchObject([{ expected: expect.stringContaining("on db") as string }]);
  });
});
