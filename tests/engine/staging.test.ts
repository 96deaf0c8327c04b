import { createHash } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copySteps } from "../../infra/cli/copySteps";
import { docker, objectsNamed } from "../support/docker";
import { OdooClient } from "../support/odoo";
import { sh } from "../support/shell";
import { secrets, StagingLab } from "../support/stagingLab";
import { until } from "../support/until";

/** Tables whose rows a copy does without, or that Odoo itself writes to when a page is opened. */
const differing =
  /^(res_users_apikeys|res_device_log|res_users_log|bus_bus|mail_mail|mail_mail_\w+|ir_mail_server|orm_signaling_\w+|ir_logging|auth_totp_device|auth_totp_rate_limit_log|ir_attachment|ir_config_parameter|ir_cron_trigger|ir_cron_progress|mail_message\w*|iap_account\w*|.*_wizard.*|discuss_channel_member|ir_profile|bus_presence|mail_presence)$/;

describe("a staging environment that is made from production", () => {
  let lab: StagingLab;
  let checksum: string;
  beforeAll(async () => {
    lab = await StagingLab.open({ release: { keepSets: 2 } });
    checksum = await lab.productionChecksum();
  });
  afterAll(() => lab.close());

  const status = async () => (await new OdooClient(lab.url).fetch("/web/login")).status;
  /** The temporary containers and networks that a copy is made with. */
  const leftovers = () => objectsNamed(`${lab.stack}-copy`);

  it("comes up with one `up`, and production notices nothing", async () => {
    const { result, visits } = await lab.production.whileVisited(() => lab.up());
    expect(result.exitCode, result.all).toBe(0);
    expect(visits.failures).toEqual([]);
    expect(result.all).toMatch(/Copying the database: copy, because/);
    expect(await lab.productionChecksum()).toBe(checksum);
    expect(await leftovers()).toEqual([]);
  });

  it("has the same data and modules, readable attachments, and takes its own password alone", async () => {
    await lab.login();
    const before = await lab.rowCounts(lab.production);
    const after = await lab.rowCounts(lab);
    const same = [...before].filter(([table]) => !differing.test(table));
    expect(Object.fromEntries(same.map(([table]) => [table, after.get(table)]))).toEqual(Object.fromEntries(same));
    const orders = await lab.odoo.call<{ delivery_note: string }[]>("sale.order", "search_read", [
      [],
      ["delivery_note"],
    ]);
    expect(orders).toEqual([expect.objectContaining({ delivery_note: "Ring twice." })]);
    const [contract] = await lab.odoo.call<{ datas: string; checksum: string }[]>("ir.attachment", "search_read", [
      [["name", "=", "contract.txt"]],
      ["datas", "checksum"],
    ]);
    const content = Buffer.from(contract?.datas ?? "", "base64");
    expect(content.toString()).toBe("The contract of an order, as it was signed.");
    expect(createHash("sha1").update(content).digest("hex")).toBe(contract?.checksum);
    await expect(new OdooClient(lab.url).login("admin", lab.production.password)).rejects.toThrow();
  });

  it("has nothing left of what is secret", async () => {
    const dump = await docker("exec", "--user", "postgres", await lab.container("postgres"), "pg_dump", "odoo");
    for (const [what, secret] of Object.entries(secrets)) expect(dump.includes(secret), what).toBe(false);
    expect(await lab.sql("SELECT count(*) FROM ir_cron WHERE active")).toMatch(/^[01]$/);
    expect(await lab.sql("SELECT value FROM ir_config_parameter WHERE key = 'database.is_neutralized'")).toMatch(
      /^true$/i,
    );
    const uuid = (of: { sql(query: string): Promise<string> }) =>
      of.sql(
        "SELECT string_agg(value, ' ' ORDER BY key) FROM ir_config_parameter WHERE key IN ('database.uuid', 'database.secret')",
      );
    expect(await uuid(lab)).not.toBe(await uuid(lab.production));
    expect(await lab.sql("SELECT value FROM ir_config_parameter WHERE key = 'web.base.url'")).toBe(lab.url);
    const page = await new OdooClient(lab.url).fetch("/robots.txt");
    expect(page.body).toContain("Disallow: /");
  });

  it("is found to be secured, until something is left in it", async () => {
    const clean = await lab.cli(["check-secured"]);
    expect(clean.exitCode, clean.all).toBe(0);
    await lab.sql(`UPDATE res_partner SET function = 'Write to ${secrets.email}' WHERE id = 1`);
    const found = await lab.cli(["check-secured"]);
    expect(found.exitCode, found.all).toBe(1);
    expect(found.all).toMatch(/res_partner.*function/);
    expect(found.all).not.toContain(secrets.email);
  });

  it("can't reach production's database, by name or address", async () => {
    const target = await lab.production.container("postgres");
    const addresses = (
      await docker("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}", target)
    )
      .split(" ")
      .filter(Boolean);
    expect(addresses.length).toBeGreaterThan(0);
    const reach = (container: string, host: string) =>
      sh([
        "docker",
        "exec",
        container,
        "python3",
        "-c",
        `import socket; socket.create_connection(("${host}", 5432), 3)`,
      ]);
    for (const role of ["odoo-web", "odoo-cron"]) {
      const container = await lab.container(role);
      expect((await reach(container, "database")).exitCode).toBe(0); // Its own.
      for (const address of addresses)
        expect((await reach(container, address)).exitCode, `${role} → ${address}`).not.toBe(0);
    }
    const own = await lab.sql("SELECT count(*) FROM res_users");
    expect(Number(own)).toBeGreaterThan(0);
  });

  it("is made anew with the release candidate's modules, while production is written to", async () => {
    await lab.sql("UPDATE res_partner SET function = 'Only in staging' WHERE id = 1");
    lab.production.useAddons("addons-v2");
    let written = 0;
    const writing = setInterval(() => {
      void lab.production.odoo
        .call("res.partner", "create", [{ name: `Contact ${(written += 1)}` }])
        .catch(() => undefined);
    }, 100);
    const copy = await lab.refresh().finally(() => clearInterval(writing));
    expect(copy.modules.upgrade).toEqual(["sale_delivery_note"]);
    expect(copy.secured.obfuscated.length).toBeGreaterThan(3);
    expect(await lab.sql("SELECT latest_version FROM ir_module_module WHERE name = 'sale_delivery_note'")).toBe(
      "19.0.2.0.0",
    );
    expect(await lab.production.moduleVersion("sale_delivery_note")).toBe("19.0.1.0.0");
    expect(await lab.sql("SELECT coalesce(function, '') FROM res_partner WHERE id = 1")).not.toBe("Only in staging");
    expect(await status()).toBe(200);
    lab.production.useAddons();
  });

  it("tells by status how old its data is", async () => {
    const { all } = await lab.production.project.cli(["status", lab.stack]);
    expect(all).toMatch(/data +copy of \S+-prod, \d+ minutes? old/);
  });

  it.each([
    ["the copied files", "database", `${"x"}`],
    ["the server that it is secured on", "secure", "copy-postgres"],
    ["the upgrade of its modules", "modules", "copy-modules"],
  ] as const)("serves on as it was when %s dies half-way", async (_, step, victim) => {
    await lab.sql("UPDATE res_partner SET function = 'Still here' WHERE id = 1");
    lab.production.useAddons(step === "modules" ? "addons-v2" : undefined);
    const kill = async () => {
      if (step === "database") {
        // The source's server ends the backup that the copy is made in.
        await lab.production.sql(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_backup_start%' AND pid <> pg_backend_pid()",
        );
        return;
      }
      await until(`${victim} runs`, 60, async () => {
        const { exitCode } = await sh(["docker", "kill", `${lab.stack}-${victim}`]);
        return exitCode === 0 ? true : undefined;
      });
    };
    let killing: Promise<unknown> | undefined;
    const result = await lab.cli(["refresh-staging", "--yes"], {
      onLine: (line) => {
        if (new RegExp(`copy: ${copySteps[step] ?? step}`).test(line)) killing ??= kill();
      },
    });
    await killing;
    expect(result.exitCode, result.all).not.toBe(0);
    expect(result.all).toMatch(new RegExp(`step ${step}`));
    expect(await status()).toBe(200);
    expect(await lab.sql("SELECT function FROM res_partner WHERE id = 1")).toBe("Still here");
    expect(await leftovers()).toEqual([]);
  });

  it("is made from a set that production kept, and lists the sets where it is given another one", async () => {
    lab.configure({ snapshot: "20200101-000000-abcdef", refresh: "unknown" });
    const unknown = await lab.up();
    expect(unknown.exitCode).not.toBe(0);
    expect(unknown.all).toMatch(/no such snapshot[\s\S]*restore\.snapshot/i);
  });

  it("is refused where it can't be right: itself, production, a stack that is not there", async () => {
    lab.configure({ source: lab.stack });
    const itself = await lab.up();
    expect(itself.exitCode).not.toBe(0);
    expect(itself.all).toMatch(/restore\.source[\s\S]*this environment itself/);
    lab.configure({}, { stage: "production" });
    const production = await lab.up();
    expect(production.exitCode).not.toBe(0);
    expect(production.all).toMatch(/restore[\s\S]*production/);
    lab.configure({ source: "nowhere" });
    const nowhere = await lab.up();
    expect(nowhere.exitCode).not.toBe(0);
    expect(nowhere.all).toMatch(/nowhere/);
    lab.configure();
    expect(await status()).toBe(200);
    void join;
  });
});
