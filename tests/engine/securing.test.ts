import { createHash, pbkdf2Sync, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readProgram } from "../../infra/commands/job";
import { run } from "../../infra/core/exec";
import { silent } from "../../infra/core/report";
import { attachmentModels } from "../../infra/operator/copy/fields";
import { findLeft } from "../../infra/operator/copy/leftovers";
import { type CopyPlace, neutralise, secure, type SecurePlan } from "../../infra/operator/copy/secure";
import type { Secured } from "../../infra/operator/copy/securedReport";
import { publishedPort } from "../support/containers";
import { docker } from "../support/docker";
import { ModuleLab } from "../support/moduleLab";
import { OdooClient } from "../support/odoo";
import { productionSql, secretOf } from "../support/securedData";

/** A real Odoo database with people, secrets and things that send, secured as a copy is. */
const lab = new ModuleLab("securing");
const folder = mkdtempSync(join(tmpdir(), "odoo-stacks-securing-"));
const files = join(folder, "copy");
const [source, copy] = ["production", "copy"];
const sha1 = (content: string | Buffer) => createHash("sha1").update(content).digest("hex");

/** As passlib writes it: base64 with a dot for the plus, without padding. */
function passwordHash(password: string): string {
  const ab64 = (bytes: Buffer) => bytes.toString("base64").replaceAll("=", "").replaceAll("+", ".");
  const salt = randomBytes(16);
  return `$pbkdf2-sha512$25000$${ab64(salt)}$${ab64(pbkdf2Sync(password, salt, 25_000, 64, "sha512"))}`;
}

const plan: SecurePlan = {
  database: copy,
  baseUrl: "http://staging.localhost",
  admin: { login: "admin", passwordHash: passwordHash("of-staging") },
  testers: ["tess@secret-corp.be", "nobody@secret-corp.be"],
  obfuscate: {
    add: { "sale_order.client_order_ref": "identifier", "no_such_table.name": "name" },
    keep: ["res_partner.function"],
    attachments: attachmentModels,
  },
  mail: { host: "mail", port: 1025 },
};

const place: CopyPlace = {
  get postgres() {
    return lab.postgres;
  },
  files,
  async runOdoo(program, input) {
    const command = ["docker", "run", "--rm", "--interactive", "--network", lab.containers.network, lab.image];
    const odooConf = lab["odooConf"](copy);
    return run([...command, "python3", "-c", await readProgram(program)], {
      input: JSON.stringify({ ...input, odooConf }),
    });
  },
};

/** Files of attachments: which stay, and which are replaced. */
const contents = {
  order: "Delivery on Friday\n",
  shared: "in two places\n",
  cv: "CV of Jan Geheim, jan.geheim@secret-corp.be\n",
  picture: "a picture of Jan",
  garbage: "removed from Odoo, not yet from disk",
};
const pathOf = (content: string) => join(files, sha1(content).slice(0, 2), sha1(content));

/** Table → number of rows and checksum of all of them. */
async function contentOf(database: string): Promise<Map<string, { rows: number; checksum: string }>> {
  const tables = await lab.sql(
    database,
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
  );
  const parts = tables
    .split("\n")
    .map((name) => `SELECT '${name}', count(*), md5(string_agg(t::text, '' ORDER BY t::text)) FROM "${name}" t`);
  const lines = (await lab.sql(database, parts.join(" UNION ALL "))).split("\n").map((line) => line.split("|"));
  return new Map(lines.map(([name = "", rows, checksum = ""]) => [name, { rows: Number(rows), checksum }]));
}

let helper: string;
let before: Map<string, { rows: number; checksum: string }>;
let secured: Secured;

beforeAll(async () => {
  await lab.open();
  await lab.copy(source);
  const volumes = [`${lab["filestore"]}:/var/lib/odoo`];
  helper = await lab.containers.start({ image: lab.image, volumes, user: "0", command: ["sleep", "86400"] });
  await docker("cp", `${helper}:/var/lib/odoo/filestore/template`, files);
  for (const content of Object.values(contents)) {
    mkdirSync(dirname(pathOf(content)), { recursive: true });
    writeFileSync(pathOf(content), content);
  }
  const noted = join(files, "checklist", sha1(contents.garbage).slice(0, 2));
  mkdirSync(noted, { recursive: true });
  writeFileSync(join(noted, sha1(contents.garbage)), "");
  const checksums = Object.fromEntries(Object.entries(contents).map(([name, content]) => [name, sha1(content)]));
  await lab.sql(source, productionSql(checksums, passwordHash("of-tess")));
  await lab.sql("postgres", `CREATE DATABASE ${copy} TEMPLATE ${source} OWNER odoo`);
  before = await contentOf(source);
});
afterAll(async () => {
  await lab.close();
  rmSync(folder, { recursive: true, force: true });
});

const places = () =>
  [
    { postgres: lab.postgres, database: source },
    { postgres: lab.postgres, database: copy },
  ] as const;

describe("a copy that is not secured", () => {
  it("has everything: the search finds addresses, accounts and numbers of each kind", async () => {
    const left = await findLeft(...places(), { testers: plan.testers });
    expect(new Set(left.map(({ kind }) => kind))).toEqual(new Set(["email", "iban", "phone"]));
    const columns = left.map(({ table, column }) => `${table}.${column}`);
    for (const expected of ["res_partner.email", "res_users.login", "mail_message.body", "res_partner_bank.acc_number"])
      expect(columns).toContain(expected);
    expect(left.every(({ example }) => !secretOf.some((secret) => secret.includes(example)))).toBe(true);
  });
});

describe("securing", () => {
  beforeAll(async () => {
    secured = await secure(place, plan, silent);
  });
  const one = (sql: string) => lab.sql(copy, sql);

  it("leaves nothing switched on that reaches others", async () => {
    expect(secured.neutralised.off).toMatchObject({
      "outgoing mail servers": 1,
      "incoming mail servers": 1,
      "queued e-mails": 2,
      "accounts for paid services": 1,
      "webhooks that call others": 1,
    });
    expect(secured.neutralised.off["scheduled jobs"]).toBeGreaterThan(10);
    expect(secured.neutralised.scripts).toEqual(expect.arrayContaining(["base", "mail", "web", "payment"]));
    expect(secured.neutralised.withoutScript).toEqual(["sale_delivery_note"]);
    expect(await one("SELECT cron_name FROM ir_cron WHERE active")).toMatch(/auto-vacuum/i);
    const servers =
      "SELECT smtp_host, smtp_port, smtp_encryption, coalesce(smtp_user, '-') FROM ir_mail_server WHERE active";
    expect(await one(servers)).toBe("mail|1025|none|-");
    expect(await one("SELECT count(*) FROM ir_ui_view WHERE key = 'web.neutralize_banner' AND active")).toBe("1");
  });

  it("leaves no secret", async () => {
    const all = await run(["docker", "exec", lab.postgres, "pg_dump", "-U", "postgres", "--data-only", copy]);
    expect(secretOf.filter((secret) => all.includes(secret))).toEqual([]);
    expect(await one("SELECT count(*) FROM res_users_apikeys")).toBe("0");
    expect(await one("SELECT string_agg(login, ',') FROM res_users WHERE password IS NOT NULL AND id <> 2")).toBe(
      "tess@secret-corp.be",
    );
    const parameters = "SELECT value FROM ir_config_parameter WHERE key = ";
    for (const key of ["database.uuid", "database.secret"])
      expect(await one(`${parameters} '${key}'`)).not.toBe(await lab.sql(source, `${parameters} '${key}'`));
    expect(await one(`${parameters} 'my_shop.api_key'`)).toBe("");
    expect(await one(`${parameters} 'my_shop.warehouses'`)).toBe("Gent, Brugge");
    expect(await one(`${parameters} 'auth_signup.reset_password'`)).toBe("True");
    expect(await one(`${parameters} 'web.base.url'`)).toBe("http://staging.localhost");
    expect(await one(`${parameters} 'report.url'`)).toBe("http://staging.localhost/reports");
  });

  it("replaces people by others, the same one everywhere", async () => {
    const [name = "", complete, email, login, from, employer] = (
      await one(`SELECT p.name, p.complete_name, p.email, u.login, m.email_from, c.name FROM res_users u
        JOIN res_partner p ON p.id = u.partner_id JOIN res_partner c ON c.id = p.parent_id
        JOIN mail_message m ON m.author_id = p.id WHERE m.message_id = '<1@secret>'`)
    ).split("|");
    expect(name).toMatch(/^[A-Z][a-z]+ [A-Z]\. [A-Z][a-z]+$/);
    expect(complete).toBe(`${employer ?? ""}, ${name}`);
    expect(email).toMatch(/^[a-z]+\.[a-z]+\.[0-9a-f]{12}@example\.com$/);
    expect([login, from]).toEqual([email, `"${name}" <${email ?? ""}>`]);
    expect(await one("SELECT email FROM res_partner WHERE ref = 'other case'")).toBe(email);
    expect(await one("SELECT count(*) = count(DISTINCT login) FROM res_users")).toBe("t");
    expect(await one("SELECT body FROM mail_message WHERE message_id = '<1@secret>'")).toBe(
      "<p>Text removed (email)</p>",
    );
    expect(await one("SELECT count(*) FROM res_partner WHERE ref = 'empty' AND email IS NULL AND phone = ''")).toBe(
      "1",
    );
    // Asked for: one column more, one less.
    expect(await one("SELECT client_order_ref FROM sale_order WHERE name = 'S1'")).toMatch(/^PO\d+$/);
    expect(await one("SELECT function FROM res_partner WHERE ref = 'jan'")).toBe("Buyer");
    expect(secured.unknown).toEqual(["no_such_table.name", "nobody@secret-corp.be"]);
  });

  it("makes account numbers with valid check digits", async () => {
    const [pretty = "", plain = ""] = (
      await one("SELECT acc_number, sanitized_acc_number FROM res_partner_bank")
    ).split("|");
    expect(pretty.replaceAll(" ", "")).toBe(plain);
    expect(pretty).toMatch(/^BE\d\d( \d{4}){3}$/);
    const digits = `${plain.slice(4)}${plain.slice(0, 4)}`.replaceAll(/[A-Z]/g, (c) => String(c.charCodeAt(0) - 55));
    expect(BigInt(digits) % 97n).toBe(1n);
  });

  it("keeps testers, the own company's name and Odoo's own users", async () => {
    const who = "SELECT p.name, p.email FROM res_users u JOIN res_partner p ON p.id = u.partner_id WHERE u.login = ";
    expect(await one(`${who} 'tess@secret-corp.be'`)).toBe("Tess Tester|tess@secret-corp.be");
    expect(await one("SELECT c.name || p.name FROM res_company c JOIN res_partner p ON p.id = c.partner_id")).toBe(
      await lab.sql(source, "SELECT c.name || p.name FROM res_company c JOIN res_partner p ON p.id = c.partner_id"),
    );
    const technical = "SELECT string_agg(login, ',' ORDER BY login) FROM res_users WHERE login !~ '@' AND id <> 2";
    expect(await one(technical)).toBe(await lab.sql(source, technical));
  });

  it("changes nothing else, and no number of rows but where it says so", async () => {
    const after = await contentOf(copy);
    const touched = new Set([
      ...secured.obfuscated.map(({ table }) => table),
      ...secured.removed.map(({ table }) => table),
      ...["mail_mail", "ir_mail_server", "fetchmail_server", "ir_cron", "ir_config_parameter", "ir_act_server"],
      ...["ir_ui_view", "ir_attachment", "iap_account", "payment_provider", "mail_template"],
      // Removed with the mails.
      "mail_mail_res_partner_rel",
      // By Odoo's own script.
      "mail_push_device",
    ]);
    const other = [...before].filter(([table]) => !touched.has(table) && !table.startsWith("orm_signaling_"));
    expect(other.length).toBeGreaterThan(150);
    expect(other.filter(([table, { checksum }]) => after.get(table)?.checksum !== checksum)).toEqual([]);
    const fewer = [...before].filter(([table, { rows }]) => after.get(table)?.rows !== rows).map(([table]) => table);
    const removed = [...secured.removed.map(({ table }) => table), "mail_mail", "mail_push_device"];
    const grown = ["ir_mail_server", "ir_config_parameter"];
    expect(fewer.filter((table) => ![...removed, ...grown].includes(table) && !table.startsWith("orm_"))).toEqual([]);
    const kept =
      "SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM (SELECT id, name, list_price FROM product_template) t";
    expect(await one(kept)).toBe(await lab.sql(source, kept));
    expect(await one("SELECT amount_total FROM sale_order WHERE name = 'S1'")).toBe("121");
  });

  it("replaces people's files, and leaves others as they were", async () => {
    expect(secured.attachments.replaced).toBeGreaterThanOrEqual(3);
    expect(secured.attachments.files).toBeGreaterThanOrEqual(3);
    for (const gone of [contents.cv, contents.picture, contents.garbage]) expect(existsSync(pathOf(gone))).toBe(false);
    const rows = (
      await one("SELECT store_fname, checksum, file_size, mimetype FROM ir_attachment WHERE store_fname <> ''")
    ).split("\n");
    for (const row of rows) {
      const [path = "", checksum, size] = row.split("|");
      const content = readFileSync(join(files, path));
      expect([sha1(content), content.length]).toEqual([checksum, Number(size)]);
    }
    expect(rows.some((row) => row.startsWith(`${sha1(contents.order).slice(0, 2)}/`))).toBe(true);
    expect(existsSync(pathOf(contents.shared))).toBe(true);
    expect(
      await one(
        "SELECT name, mimetype FROM ir_attachment WHERE res_model = 'res.partner' AND res_field IS NULL LIMIT 1",
      ),
    ).toMatch(/^attachment-\d+\.txt\|text\/plain$/);
    expect(await one("SELECT count(*) FROM ir_attachment WHERE index_content LIKE '%geheim%'")).toBe("0");
  });

  it("leaves no value in PostgreSQL's statistics", async () => {
    const values =
      "SELECT count(*) FROM pg_stats WHERE concat(most_common_vals::text, histogram_bounds::text) ~* 'geheim'";
    expect(await one(values)).toBe("0");
  });

  it("leaves nothing that the search finds, which finds what a module of one's own has", async () => {
    expect(await findLeft(...places(), { testers: plan.testers })).toEqual([]);
    await one(
      "ALTER TABLE sale_order ADD COLUMN x_gate text; UPDATE sale_order SET x_gate = 'Ask JAN.geheim@secret-corp.be'",
    );
    expect(await findLeft(...places(), { testers: plan.testers })).toEqual([
      { table: "sale_order", column: "x_gate", kind: "email", count: 1, example: "j…@s…" },
    ]);
    expect(await findLeft(...places(), { testers: plan.testers, columns: ["sale_order.x_gate"] })).toEqual([]);
    await one("ALTER TABLE sale_order DROP COLUMN x_gate");
  });

  it("can be done again, wholly or in part", async () => {
    await one("UPDATE ir_cron SET active = true");
    expect((await neutralise(place, plan)).off["scheduled jobs"]).toBeGreaterThan(10);
    const again = await secure(place, plan, silent);
    expect(again.attachments.files).toBe(0);
    expect(await one("SELECT count(*) FROM ir_mail_server WHERE active")).toBe("1");
    expect(await one("SELECT count(*) FROM ir_mail_server WHERE name LIKE 'neutralization%'")).toBe("1");
    expect(await findLeft(...places(), { testers: plan.testers })).toEqual([]);
  });

  it("refuses what would switch something on again, and says which script failed", async () => {
    await one("CREATE RULE stays AS ON UPDATE TO fetchmail_server DO INSTEAD NOTHING");
    await one(
      "INSERT INTO fetchmail_server (name, server_type, server, active, state) VALUES ('x', 'imap', 'real.host', true, 'draft')",
    );
    await expect(neutralise(place, plan)).rejects.toThrow(/not neutralised[^]*incoming mail servers: 1/);
    await one("DROP RULE stays ON fetchmail_server; ALTER TABLE ir_cron RENAME TO hidden");
    await expect(neutralise(place, plan)).rejects.toThrow(/script of the module base failed/);
    await one("ALTER TABLE hidden RENAME TO ir_cron; DELETE FROM fetchmail_server WHERE name = 'x'");
  });

  it("gives a database that Odoo serves, to its administrator and to testers, with a banner", async () => {
    await docker("cp", files, `${helper}:/var/lib/odoo/filestore/${copy}`);
    await docker("exec", helper, "chown", "-R", "odoo:odoo", `/var/lib/odoo/filestore/${copy}`);
    const web = await lab.web(copy, lab.image);
    const url = `http://staging.localhost:${await publishedPort(web, 8069)}`;
    const client = new OdooClient(url);
    const page = await client.fetch("/web/login");
    expect(page.body).toMatch(/noindex, nofollow[^]*oe_neutralize_banner/);
    expect((await client.fetch("/robots.txt")).body).toContain("Disallow: /");
    expect(await client.login("admin", "of-staging", copy)).toBe(2);
    expect(await client.call("sale.order", "search_count", [[]])).toBe(1);
    expect(await new OdooClient(url).login("tess@secret-corp.be", "of-tess", copy)).toBeGreaterThan(2);
    const jan = await one(
      "SELECT login FROM res_users u JOIN res_partner p ON p.id = u.partner_id WHERE p.ref = 'jan'",
    );
    await expect(new OdooClient(url).login(jan, "of-jan", copy)).rejects.toThrow(/denied/i);
  });
});
