import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { docker, objectsNamed } from "../support/docker";
import { OdooClient } from "../support/odoo";
import type { StackValues } from "../support/project";
import { sh } from "../support/shell";
import { secrets, StagingLab } from "../support/stagingLab";
import { until } from "../support/until";
import { Xfs } from "../support/xfs";

/** Tables whose rows a copy does without, or that Odoo itself writes to when a page is opened. */
const differing =
  /^(res_users_apikeys|res_device_log|res_users_log|bus_bus|mail_mail|mail_mail_\w+|ir_mail_server|orm_signaling_\w+|ir_logging|auth_totp_device|auth_totp_rate_limit_log|ir_attachment|ir_config_parameter|ir_cron_trigger|ir_cron_progress|mail_message\w*|iap_account\w*|.*_wizard.*|discuss_channel_member|ir_profile|bus_presence|mail_presence)$/;

describe("a staging environment that is made from production", () => {
  let lab: StagingLab;
  let checksum: string;
  /** Rows of production's tables before the copy; its jobs go on meanwhile. */
  let rowsBefore: Map<string, number>;
  beforeAll(async () => {
    lab = await StagingLab.open({ release: { keepSets: 2 } });
    checksum = await lab.productionChecksum();
    rowsBefore = await lab.rowCounts(lab.production);
  });
  afterAll(() => lab.close());

  const status = async () => (await new OdooClient(lab.url).fetch("/web/login")).status;
  /** Runs `up` with another configuration of the copy, and does something when a line says so. */
  const upWith = async (line: string, restore: StackValues, action: () => Promise<unknown>) => {
    lab.configure(restore);
    let acting: Promise<unknown> | undefined;
    const onLine = (said: string) => {
      if (said.includes(line)) acting ??= action();
    };
    const result = await lab.up({ onLine });
    if (!acting) throw new Error(`nothing said ${line}:\n${result.all}`);
    await acting;
    return result;
  };
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
    const rowsAfter = await lab.rowCounts(lab.production);
    const copied = await lab.rowCounts(lab);
    const others = [...rowsAfter].filter(([table, after]) => {
      const range = [rowsBefore.get(table) ?? after, after];
      const count = copied.get(table) ?? -1;
      return !differing.test(table) && (count < Math.min(...range) || count > Math.max(...range));
    });
    expect(others.map(([table, after]) => ({ table, after, before: rowsBefore.get(table), copied: copied.get(table) }))).toEqual([]);
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
    const networks = async (container: string) => {
      const found = JSON.parse(
        await docker("inspect", "--format", "{{json .NetworkSettings.Networks}}", container),
      ) as Record<string, { NetworkID: string; IPAddress: string }>;
      return Object.entries(found).map(([name, { NetworkID, IPAddress }]) => ({
        name,
        id: NetworkID,
        address: IPAddress,
      }));
    };
    const theirs = await networks(target);
    expect(theirs).toHaveLength(1);
    const service = (await docker("inspect", "--format", "{{.Name}}", target)).replace(/^\//, "").split(".")[0] ?? "";
    for (const role of ["odoo-web", "odoo-cron"]) {
      const container = await lab.container(role);
      const ours = await networks(container);
      expect(ours.filter(({ id }) => theirs.some((other) => other.id === id))).toEqual([]);
      const resolve = (name: string) => sh(["docker", "exec", container, "getent", "hosts", name]);
      expect((await resolve("database")).exitCode).toBe(0); // Its own.
      expect((await resolve(service)).exitCode, service).not.toBe(0);
    }
    // From its own network, which leads nowhere else. Where there is a way out, the address would be looked for outside.
    const [own] = await networks(await lab.container("postgres"));
    const odooImage = await docker("inspect", "--format", "{{.Image}}", await lab.container("odoo-web"));
    const ask = (host: string) => {
      const program = `import socket; s = socket.create_connection(("${host}", 5432), 3); s.send(bytes([0, 0, 0, 8, 4, 210, 22, 47])); print(s.recv(1))`;
      const image = ["--rm", "--network", own?.name ?? "", "--entrypoint", "python3"];
      return sh(["docker", "run", ...image, odooImage, "-c", program]);
    };
    expect((await ask("database")).stdout).toMatch(/b'[NS]'/);
    const refused = await ask(theirs[0]?.address ?? "");
    expect(refused.exitCode).not.toBe(0);
    expect(refused.all).toMatch(/unreachable|timed out/);
  });

  it("is made anew with the release candidate's modules, while production is written to", async () => {
    await lab.sql("UPDATE res_partner SET function = 'Only in staging' WHERE id = 1");
    lab.production.useAddons("addons-v2");
    // The way to copy where files can't be reached.
    lab.configure({ method: "basebackup" });
    let written = 0;
    const writing = setInterval(() => {
      void lab.production.odoo
        .call("res.partner", "create", [{ name: `Contact ${(written += 1)}` }])
        .catch(() => undefined);
    }, 100);
    const copy = await lab.refresh().finally(() => clearInterval(writing));
    expect(copy.method).toBe("basebackup");
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

  it("has its mails caught, and shown on a page behind a password", async () => {
    const { project } = lab.production;
    const { stdout } = await project.pulumi([
      "stack",
      "output",
      "mailPassword",
      "--show-secrets",
      "--stack",
      lab.stack,
    ]);
    await lab.login();
    const address = { email_from: "shop@example.com", email_to: "someone@example.org" };
    const mail = { ...address, subject: "Your order is ready", body_html: "<p>Come by.</p>" };
    const id = await lab.odoo.call<number>("mail.mail", "create", [mail]);
    await lab.odoo.call("mail.mail", "send", [[id]]);
    const page = (path: string) => {
      const argv = ["curl", "--silent", "--user", `mail:${stdout.trim()}`, "--header", "Host: mail.staging.localhost"];
      return sh([...argv, `http://127.0.0.1:${project.httpPort}${path}`]);
    };
    await until("the mail is on the page", 30, async () => {
      // The lists of MailDev and of Mailpit.
      const lists = await Promise.all(["/api/email", "/api/v1/messages"].map(page));
      return lists.some(({ stdout: list }) => list.includes(mail.subject));
    });
  });

  it.each([
    ["the operator that copies", "files", "operator"],
    ["the server that it is secured on", "secure", "copy-postgres"],
    ["the upgrade of its modules", "modules", "copy-modules"],
  ] as const)("serves on as it was when %s dies half-way", async (_, step, victim) => {
    await lab.sql("UPDATE res_partner SET function = 'Still here' WHERE id = 1");
    lab.production.useAddons(step === "modules" ? "addons-v2" : undefined);
    const result = await upWith(`copy: ${step}`, { refresh: `dies at ${step}` }, () =>
      until(`${victim} runs`, 60, async () => (await sh(["docker", "kill", `${lab.stack}-${victim}`])).exitCode === 0),
    );
    expect(result.exitCode, result.all).not.toBe(0);
    expect(result.all).toMatch(/could not be made\. What \S+-staging had before is as it was/);
    expect(await status()).toBe(200);
    expect(await lab.sql("SELECT function FROM res_partner WHERE id = 1")).toBe("Still here");
    expect(await leftovers()).toEqual([]);
  });

  it("serves on while production's database ends in the middle of the copy, and is made anew when it is back", async () => {
    lab.production.useAddons();
    const crash = async () => lab.production.crash(await lab.production.container("postgres"));
    await upWith("copy: database", { refresh: "production ends" }, crash);
    expect(await status()).toBe(200);
    await until("production is back", 120, async () => {
      const { status: answered } = await new OdooClient(lab.production.url).fetch("/web/login");
      return answered === 200;
    });
    const again = await lab.up();
    expect(again.exitCode, again.all).toBe(0);
    expect(await status()).toBe(200);
  });

  it("is made from a set that production kept; what it replaces is kept, and sets that are not there are told", async () => {
    const { production } = lab;
    production.useAddons("addons-v2");
    await production.must(["release", "--yes"]);
    await production.odoo.call("res.partner", "create", [{ name: "After the set" }]);
    const { id: set } = await production.lastRelease();
    lab.configure({ snapshot: set, refresh: "from a set", keepFormer: 1 });
    const up = await lab.up();
    expect(up.exitCode, up.all).toBe(0);
    const tables = await lab.rowCounts(lab);
    const newer = await lab.rowCounts(production);
    expect(tables.get("res_partner")).toBeLessThan(newer.get("res_partner") ?? 0);
    const postgres = await lab.container("postgres");
    const kept = JSON.parse(await docker("exec", postgres, "/opt/odoo-stacks/snapshot.sh", "list")) as { id: string }[];
    expect(kept.map(({ id }) => id)).toEqual([expect.stringMatching(/^former-\d{8}-/)]);

    lab.configure({ snapshot: "20200101-000000-abcdef", refresh: "unknown" });
    const unknown = await lab.up();
    expect(unknown.exitCode).not.toBe(0);
    expect(unknown.all).toMatch(/no such snapshot/i);
    expect(unknown.all).toContain(set);
    production.useAddons();
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
  });

  it("is not begun where the disk would fill", async () => {
    const { project } = lab.production;
    const xfs = await Xfs.create(400);
    const volume = `${project.name}-small`;
    try {
      const options = ["--driver", "local", "--opt", "type=none", "--opt", "o=bind"];
      await docker("volume", "create", ...options, "--opt", `device=${xfs.folderFor(volume)}`, volume);
      const small = `${project.name}-small`;
      const place = { kind: "environment", platform: project.platform, stage: "development", protectData: false };
      const values = { ...place, domains: ["small.localhost"], share: 10, restore: { source: project.prod } };
      project.write(small, { ...values, mail: { catcher: false }, database: { volume, memory: "224 MB" } });
      const { exitCode, all } = await project.cli(["up", small]);
      expect(exitCode, all).not.toBe(0);
      expect(all).toMatch(/too little space for the copy[\s\S]*the disk with the database's volume/);
      await project.cli(["destroy", small, "--yes"]);
    } finally {
      await docker("volume", "rm", "--force", volume);
      await xfs.remove();
    }
  });
});
