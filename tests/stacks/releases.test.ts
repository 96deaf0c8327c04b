import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { docker } from "../support/docker";
import { OdooClient } from "../support/odoo";
import { ReleaseLab } from "../support/releaseLab";

/** Enough sets for all releases of this file. */
const release = { keepSets: 20 };
const noted = "Gate code 4711, ring twice.";

describe("releases of an environment with the example module", () => {
  let lab: ReleaseLab;
  let order: number;
  beforeAll(async () => {
    lab = await ReleaseLab.open({ release });
    const partner = await lab.odoo.call<number>("res.partner", "create", [{ name: "Ada's Bakery" }]);
    order = await lab.odoo.call<number>("sale.order", "create", [{ partner_id: partner, delivery_note: noted }]);
  });
  afterAll(() => lab.close());

  /** What the order says in fields. */
  const read = async (...fields: string[]) => {
    const [found] = await lab.odoo.call<Record<string, unknown>[]>("sale.order", "read", [[order], fields]);
    return found;
  };

  it("bring a version with another field and a migration, without a failed request", async () => {
    lab.useAddons("addons-v2");
    const { result, visits } = await lab.whileVisited(() => lab.cli(["release", "--yes", "--json"]));
    expect(result.exitCode, result.all).toBe(0);
    expect(visits.failures).toEqual([]);
    expect(visits.requests).toBeGreaterThan(100);
    expect(await lab.moduleVersion("sale_delivery_note")).toBe("19.0.2.0.0");
    expect(await read("delivery_note", "gate_code")).toMatchObject({ delivery_note: noted, gate_code: "4711" });

    const made = await lab.lastRelease();
    expect(made).toMatchObject({ result: "released", reason: "", set: true });
    expect(made.modules).toEqual({ install: [], upgrade: ["sale_delivery_note"], uninstall: [] });
    expect(made.heldSeconds).toBeGreaterThan(0);
    expect(visits.longestSeconds).toBeLessThan(made.heldSeconds + 5);
  });

  it("switch requests over where only settings differ, and hold none", async () => {
    lab.configure({ release, odoo: { workers: 2, cronThreads: 1, logLevel: "warn" } });
    const { result, visits } = await lab.whileVisited(() => lab.up());
    expect(result.exitCode, result.all).toBe(0);
    expect(result.all).toContain("No module changes");
    expect(visits.failures).toEqual([]);
    expect(await lab.lastRelease()).toMatchObject({ result: "released", heldSeconds: 0, set: false });
  });

  it("install and remove modules that the configuration names", async () => {
    lab.configure({ release, modules: ["sale_management", "sale_delivery_note", "sale_delivery_route"] });
    await lab.mustUp();
    expect(await lab.moduleVersion("sale_delivery_route")).toBe("19.0.1.0.0");
    lab.configure({ release: { ...release, uninstall: ["sale_delivery_route"] } });
    await lab.mustUp();
    expect(await lab.moduleVersion("sale_delivery_route")).toBe("");
    expect(await lab.sql("SELECT to_regclass('sale_delivery_route') IS NULL")).toBe("t");
    expect((await lab.lastRelease()).modules.uninstall).toEqual(["sale_delivery_route"]);
  });

  it("are listed, with version, modules, when, who, how long and how it went", async () => {
    const { stdout } = await lab.must(["history"]);
    expect(stdout).toMatch(/RELEASE +WHEN +VERSION +RESULT +TOOK +HELD +SET +WHO/);
    expect(stdout).toMatch(/^\d{8}-\d{6}-\w{6} .* released .* kept /m);
    expect(stdout).toContain("modules: upgraded sale_delivery_note");
  });

  it("go back to an earlier version, and keep the data", async () => {
    await lab.odoo.call("sale.order", "write", [[order], { delivery_note: "Written after the release." }]);
    const [first] = await lab.history();
    const refused = await lab.cli(["rollback", first?.id ?? ""]);
    expect(refused.exitCode).toBe(1);
    expect(refused.all).toMatch(/The data stays, except for fields[\s\S]*--yes/);

    const { result, visits } = await lab.whileVisited(() => lab.cli(["rollback", first?.id ?? "", "--yes"]));
    expect(result.exitCode, result.all).toBe(0);
    expect(visits.failures).toEqual([]);
    expect(await lab.moduleVersion("sale_delivery_note")).toBe("19.0.1.0.0");
    expect(await read("delivery_note")).toMatchObject({ delivery_note: "Written after the release." });
    expect(readFileSync(lab.project.stackFile(lab.stack), "utf8")).toContain(first?.image.tag);
  });

  it("go back with the data of an earlier version, once what is lost was agreed to", async () => {
    const [first] = await lab.history();
    const id = first?.id ?? "";
    await lab.must(["release", "--image", "addons", "--yes"]);
    const refused = await lab.cli(["rollback", id, "--with-data"]);
    expect(refused.exitCode).toBe(1);
    expect(refused.all).toMatch(/ALL THAT WAS ENTERED SINCE .* IS LOST: \d+ minutes? of work/);
    expect(await read("delivery_note")).toMatchObject({ delivery_note: "Written after the release." });

    await lab.must(["rollback", id, "--with-data", "--yes"]);
    expect(await lab.moduleVersion("sale_delivery_note")).toBe("19.0.1.0.0");
    expect(await read("delivery_note")).toMatchObject({ delivery_note: noted });
    expect((await lab.history()).map(({ result }) => result)).toContain("restored");
  });

  it("restart Odoo and PostgreSQL when asked to, with requests held", async () => {
    const before = { odoo: await lab.container("odoo-cron"), database: await lab.container("postgres") };
    lab.useAddons();
    lab.configure({ release, restart: { odoo: "1", database: "1" } });
    const { result, visits } = await lab.whileVisited(() => lab.up());
    expect(result.exitCode, result.all).toBe(0);
    expect(visits.failures).toEqual([]);
    expect(await lab.container("odoo-cron")).not.toBe(before.odoo);
    expect(await lab.container("postgres")).not.toBe(before.database);
    expect(await read("delivery_note")).toMatchObject({ delivery_note: noted });
  });

  it("are announced to who works in Odoo, and made at their time", async () => {
    const planned = ["--at", "in 20s", "--impact", "The shop is closed for a minute."];
    const start = performance.now();
    const { all } = await lab.must(["release", ...planned, "--yes"]);
    expect((performance.now() - start) / 1000).toBeGreaterThan(20);
    expect(all).toContain("Waiting for");
    const said = await lab.sql("SELECT count(*) FROM bus_bus WHERE message LIKE '%The shop is closed for a minute.%'");
    expect(Number(said)).toBeGreaterThan(0);
    const told = await lab.must(["announce", "--at", "in 2h", "--impact", "Stock is counted."]);
    expect(told.stdout).toMatch(/Everyone who works in .* now reads: Update planned: .*Stock is counted\./);
    expect(await lab.sql("SELECT count(*) FROM bus_bus WHERE message LIKE '%Stock is counted.%'")).toBe("1");
  });

  it("show users a page during maintenance, which outlives the proxy, and let named addresses through", async () => {
    const page = () => new OdooClient(lab.url).fetch("/web/login");
    await lab.must(["maintenance", "on", "--message", "Back at noon"]);
    expect(await page()).toMatchObject({ status: 503, body: expect.stringContaining("Back at noon") as string });
    await docker("restart", await lab.container("proxy"));
    await expect
      .poll(page, { timeout: 30_000 })
      .toMatchObject({ status: 503, body: expect.stringContaining("Back at noon") as string });
    const status = await lab.project.cli(["status", lab.stack]);
    expect(status.all).toMatch(/maintenance .*Back at noon/);

    await lab.must(["maintenance", "on", "--message", "Back at noon", "--allow", "127.0.0.1"]);
    expect((await page()).status).toBe(200);
    await lab.must(["maintenance", "off"]);
    expect((await page()).status).toBe(200);
  });

  it("test modules on a copy of the data, and keep the report with the history", async () => {
    const output = join(lab.project.dir, "reports");
    await lab.must(["test-modules", "--output", output]);
    expect(readFileSync(join(output, "junit.xml"), "utf8")).toMatch(/<testsuite [^>]*failures="0"/);
    expect(readFileSync(join(output, "report.md"), "utf8")).toContain("sale_delivery_note");
    expect((await lab.must(["history"])).stdout).toMatch(/tested .*: \d+ passed, 0 failed/);
  });
});
