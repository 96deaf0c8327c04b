import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decideChanges } from "../../infra/operator/modules";
import { readModules, storeChecksums } from "../../infra/operator/moduleState";
import { removeNamed } from "../support/docker";
import { folderWith } from "../support/folders";
import { ModuleLab } from "../support/moduleLab";
import { sh } from "../support/shell";
import { until } from "../support/until";

/** Modules changed in real databases, by real images of three versions of the example module. */
const lab = new ModuleLab("modules");
let second: string;

beforeAll(async () => {
  await lab.open();
  second = await lab.imageOf("tests/fixtures/addons-v2");
});
afterAll(async () => {
  await removeNamed(`${lab.containers.network}-job`);
  await lab.close();
});

const own = "SELECT string_agg(name || ' ' || latest_version, ', ' ORDER BY name) FROM ir_module_module WHERE state = ";
const ownModules = (database: string) => lab.sql(database, `${own} 'installed' AND name LIKE 'sale_delivery%'`);
const hasTable = (database: string, table: string) => lab.sql(database, `SELECT to_regclass('${table}') IS NOT NULL`);
const hasGateCode = (database: string) =>
  lab.sql(database, "SELECT EXISTS (SELECT FROM pg_attribute WHERE attname = 'gate_code')");

describe("a database and its image", () => {
  it("agree after the first installation: every checksum is kept, nothing is to be done", async () => {
    const { installed, stored } = await readModules(lab.postgres, "template");
    const inImage = await lab.modulesOf(lab.image);
    expect(installed.size).toBeGreaterThan(50);
    expect([...(stored?.keys() ?? [])].sort()).toEqual([...installed.keys()].sort());
    expect(stored?.get("sale")).toEqual({ "": inImage.get("sale")?.checksums[""] });
    expect(inImage.get("sale")?.own).toBe(false);
    expect(inImage.get("sale_delivery_note")).toMatchObject({ own: true, version: "19.0.1.0.0" });
    for (const [name, { version }] of installed) expect([name, inImage.get(name)?.version]).toEqual([name, version]);
    const situation = await lab.situation("template", lab.image);
    const changes = decideChanges(situation, { modules: ["sale_delivery_note"], uninstall: [], upgrade: "auto" });
    expect(changes).toEqual({ install: [], upgrade: [], uninstall: [] });
  });

  it("are compared as if nothing were kept when somebody wrote over it", async () => {
    const database = await lab.copy("overwritten");
    await lab.sql(database, "UPDATE ir_config_parameter SET value = '?' WHERE key = 'odoo_stacks.module_checksums'");
    const situation = await lab.situation(database, lab.image);
    expect(situation.stored).toBeUndefined();
    const { upgrade } = decideChanges(situation, { modules: [], uninstall: [], upgrade: "auto" });
    expect(upgrade).toEqual(["sale_delivery_note"]);
  });
});

describe("the checksums of an image", () => {
  const files: Readonly<Record<string, string>> = {
    "shop/__manifest__.py": '{"name": "Shop", "version": "1.2", "data": ["views.xml", "static/data/kinds.csv"]}',
    "shop/__init__.py": "from . import models",
    "shop/models.py": "A = 1",
    "shop/views.xml": '<odoo><menuitem web_icon="shop,static/icon.png"/></odoo>',
    "shop/static/icon.png": "icon",
    "shop/static/src/page.js": "1",
    "shop/static/data/kinds.csv": "id",
    "shop/tests/test_shop.py": "1",
    "shop/i18n/shop.pot": "1",
    "shop/i18n/fr.po": "1",
    "shop/i18n/fr_BE.po": "1",
    "shop/README.md": "1",
  };
  /** The entry of the module, once some of its files are different. */
  async function entry(changed: Readonly<Record<string, string>> = {}) {
    const folder = folderWith({ ...files, ...changed });
    const script = "python3 /opt/odoo/checksums.py own && cat /opt/odoo/checksums.json";
    const result = await lab.containers.runToEnd({
      image: lab.image,
      volumes: [`${folder}:/addons:ro`],
      env: { ODOO_ADDONS_PATH: "/addons" },
      user: "0",
      command: ["sh", "-c", script],
    });
    return (JSON.parse(result.stdout) as Record<string, { version: string; checksums: Record<string, string> }>).shop;
  }

  it("follow from what an upgrade reads, and from nothing else", async () => {
    const before = await entry();
    expect(before?.version).toBe("19.0.1.2");
    expect(Object.keys(before?.checksums ?? {})).toEqual(["", "fr"]);
    const unread = ["static/src/page.js", "tests/test_shop.py", "i18n/shop.pot", "README.md", "__pycache__/models.pyc"];
    const others = Object.fromEntries(unread.map((path) => [`shop/${path}`, "changed"]));
    expect(await entry(others)).toEqual(before);
    for (const read of ["models.py", "static/icon.png", "static/data/kinds.csv", "migrations/1.2/post-x.py"]) {
      const after = await entry({ [`shop/${read}`]: "changed" });
      expect([read, after?.checksums[""] === before?.checksums[""]]).toEqual([read, false]);
      expect(after?.checksums.fr).toBe(before?.checksums.fr);
    }
    const translated = await entry({ "shop/i18n/fr_BE.po": "changed" });
    expect(translated?.checksums[""]).toBe(before?.checksums[""]);
    expect(translated?.checksums.fr).not.toBe(before?.checksums.fr);
  });
});

describe("a release", () => {
  it("upgrades and installs, keeps what it did, and removes", async () => {
    const database = await lab.copy("upgraded");
    await lab.sql(
      database,
      `INSERT INTO sale_order (name, state, partner_id, partner_invoice_id, partner_shipping_id, company_id, date_order,
         delivery_note) SELECT 'S1', 'draft', 1, 1, 1, 1, now(), 'Gate code 1234, ask for Ms. Peeters'`,
    );
    const modules = ["sale_delivery_note", "sale_delivery_route"];
    expect(await lab.release(database, second, { modules })).toEqual({
      install: ["sale_delivery_route"],
      upgrade: ["sale_delivery_note"],
      uninstall: [],
    });
    expect(await ownModules(database)).toBe("sale_delivery_note 19.0.2.0.0, sale_delivery_route 19.0.1.0.0");
    expect(await lab.sql(database, "SELECT gate_code FROM sale_order")).toBe("1234");
    expect(await hasTable(database, "sale_delivery_route")).toBe("t");
    const again = decideChanges(await lab.situation(database, second), { modules, uninstall: [], upgrade: "auto" });
    expect(again).toEqual({ install: [], upgrade: [], uninstall: [] });

    const uninstall = ["sale_delivery_route"];
    expect((await lab.release(database, second, { uninstall })).uninstall).toEqual(uninstall);
    expect(await ownModules(database)).toBe("sale_delivery_note 19.0.2.0.0");
    expect(await hasTable(database, "sale_delivery_route")).toBe("f");
  });

  it("finishes what was begun, and removes what somebody began to remove", async () => {
    const database = await lab.copy("half");
    const states = { sale_delivery_note: "to upgrade", privacy_lookup: "to remove" };
    for (const [name, state] of Object.entries(states)) {
      await lab.sql(database, `UPDATE ir_module_module SET state = '${state}' WHERE name = '${name}'`);
    }
    const asked = { uninstall: ["privacy_lookup"], upgrade: "none" as const };
    expect(await lab.release(database, lab.image, asked)).toEqual({
      install: [],
      upgrade: ["sale_delivery_note"],
      uninstall: ["privacy_lookup"],
    });
    expect(await lab.sql(database, "SELECT count(*) FROM ir_module_module WHERE state LIKE 'to %'")).toBe("0");
    expect(await lab.sql(database, "SELECT state FROM ir_module_module WHERE name = 'privacy_lookup'")).toBe(
      "uninstalled",
    );
  });

  it("says what failed when an upgrade fails half-way", async () => {
    const database = await lab.copy("broken");
    const failing = lab.release(database, await lab.imageOf("tests/fixtures/addons-broken"));
    await expect(failing).rejects.toThrow(
      /module sale_delivery_note[^]*post-fail\.py[^]*ValueError: this upgrade is made to fail half-way/,
    );
    // Why it takes a snapshot: one module was installed and stays, the other one's column is gone again.
    expect(await ownModules(database)).toBe("sale_delivery_note 19.0.1.0.0, sale_delivery_route 19.0.1.0.0");
    expect(await hasGateCode(database)).toBe("f");
  });

  it("ends an upgrade that hangs, in the server too", async () => {
    const database = await lab.copy("hanging");
    const image = await lab.imageOf("tests/fixtures/addons-hanging");
    const failing = lab.release(database, image, {}, 20);
    await expect(failing).rejects.toThrow(/took too long[^]*within 20 seconds[^]*post-hang/);
    const left = `SELECT count(*) FROM pg_stat_activity WHERE datname = '${database}'`;
    await until("the server to end the upgrade's query", 15, async () => (await lab.sql("postgres", left)) === "0");
    const jobs = await sh(["docker", "ps", "--all", "--quiet", "--filter", `name=${lab.containers.network}-job`]);
    expect(jobs.stdout).toBe("");
  });

  it("gives up on a table that somebody else keeps", async () => {
    const database = await lab.copy("locked");
    const holder = lab.sql(database, "BEGIN; LOCK TABLE sale_order; SELECT pg_sleep(60)").catch(() => "");
    await until("the table to be locked", 10, () =>
      lab.sql(database, "SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock'"),
    );
    await expect(lab.release(database, second)).rejects.toThrow(/lock timeout/);
    const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)' AND pid <> pg_backend_pid()`;
    await lab.sql("postgres", end);
    await holder;
  });

  it("finds code that can't be loaded before anything is changed", async () => {
    const database = await lab.copy("unloadable");
    const failing = lab.prepare(database, second, ["base", "no_such_module"]);
    await expect(failing).rejects.toThrow(/Nothing was changed[^]*no_such_module/);
    const job = await lab.prepare(database, second, ["base", "web"]);
    await job.cancel();
    expect(await ownModules(database)).toBe("sale_delivery_note 19.0.1.0.0");
  });

  it("keeps checksums that are read back as they were", async () => {
    const database = await lab.copy("stored");
    const checksums = new Map([["it's", { "": 'a\\"b', fr: "1" }]]);
    await storeChecksums(lab.postgres, database, checksums);
    expect((await readModules(lab.postgres, database)).stored).toEqual(checksums);
  });
});
