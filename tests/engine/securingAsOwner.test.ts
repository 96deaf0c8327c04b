import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readProgram } from "../../infra/commands/job";
import { run } from "../../infra/core/exec";
import { silent } from "../../infra/core/report";
import { attachmentModels } from "../../infra/operator/copy/fields";
import { findLeft } from "../../infra/operator/copy/leftovers";
import type { RdsCopyPlan } from "../../infra/operator/copy/rdsPlan";
import { RdsServer } from "../../infra/operator/copy/rdsServer";
import { makeReady } from "../../infra/operator/copy/ready";
import { type CopyPlace, secure, type SecurePlan } from "../../infra/operator/copy/secure";
import { psql } from "../../infra/operator/psql";
import { docker } from "../support/docker";
import { ModuleLab } from "../support/moduleLab";
import { productionSql, secretOf } from "../support/securedData";

/** A real Odoo database, made ready as a copy on RDS is: over TLS, by the role that owns it, who is no superuser, from a client's container. */
const lab = new ModuleLab("securing-as-owner");
const folder = mkdtempSync(join(tmpdir(), "odoo-stacks-securing-as-owner-"));
const [source, copy] = ["production", "copy"];
const hash = "$pbkdf2-sha512$25000$x$y";
let client: string;
let server: RdsServer;

/** Gives a server a certificate for its name, and has it take connections with TLS. */
async function withTls(container: string): Promise<string> {
  const make = `cd "$PGDATA" && openssl req -new -x509 -days 1 -nodes -subj /CN=database -addext subjectAltName=DNS:database \
    -out server.crt -keyout server.key 2>/dev/null && chmod 600 server.key && cat server.crt`;
  const folder = await psql(container, "postgres", "SHOW data_directory");
  const trust = await docker(
    "exec",
    "--user",
    "postgres",
    "--env",
    `PGDATA=${folder.trim()}`,
    container,
    "sh",
    "-c",
    make,
  );
  await psql(container, "postgres", "ALTER SYSTEM SET ssl = on; ");
  await psql(container, "postgres", "SELECT pg_reload_conf()");
  return trust;
}

const plan: SecurePlan = {
  database: copy,
  baseUrl: "http://staging.localhost",
  admin: { login: "admin", passwordHash: hash },
  testers: ["tess@secret-corp.be"],
  obfuscate: { add: { "sale_order.client_order_ref": "identifier" }, keep: [], attachments: attachmentModels },
};

const wish = {
  ...{
    version: 1,
    id: "20261127-060000-aaaaaa",
    key: "1",
    stack: lab.containers.network,
    stage: "staging",
    database: copy,
  },
  source: { stack: "prod", database: source, volumes: { database: "", filestore: "" } },
  volumes: { database: "", filestore: "", releases: "" },
  wishes: { modules: ["sale_management"], uninstall: [], upgrade: ["sale_delivery_note"] },
  ...{ upgradeTimeoutSeconds: 300, allowedLogLines: [], secure: plan },
  ...{ author: { user: "", host: "", commit: "" }, dataFrom: "2026-11-27T05:30:00Z" },
} satisfies Omit<RdsCopyPlan, "server" | "image">;

/** Another round, on any of the databases. */
const again = (postgres: string, database: string): CopyPlace => ({
  ...{ postgres, files: join(folder, database) },
  async runOdoo(program, input) {
    const command = ["docker", "run", "--rm", "--interactive", "--network", lab.containers.network, lab.image];
    const odooConf = lab["odooConf"](database);
    return run([...command, "python3", "-c", await readProgram(program)], {
      input: JSON.stringify({ ...input, odooConf }),
    });
  },
});

/** What a module of one's own may have: a trigger that keeps what a row was before. */
const auditSql = `
CREATE TABLE x_audit (id serial PRIMARY KEY, before text);
CREATE FUNCTION x_keep() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN INSERT INTO x_audit (before) VALUES (OLD::text); RETURN NEW; END $$;
CREATE TRIGGER x_keep BEFORE UPDATE ON res_partner FOR EACH ROW EXECUTE FUNCTION x_keep();
CREATE TRIGGER x_off BEFORE UPDATE ON res_partner FOR EACH ROW EXECUTE FUNCTION x_keep();
ALTER TABLE res_partner DISABLE TRIGGER x_off;
ALTER TABLE x_audit OWNER TO odoo; ALTER FUNCTION x_keep OWNER TO odoo;`;

const values =
  "SELECT count(*) FROM pg_stats WHERE concat(most_common_vals::text, histogram_bounds::text) ~* 'geheim|203.0.113'";
/** Rows enough for statistics to have values of them. */
const tracesSql = `INSERT INTO res_device_log (session_identifier, user_id, ip_address)
  SELECT 'session-geheim', (SELECT id FROM res_users WHERE login LIKE 'jan%'), '203.0.113.9' FROM generate_series(1, 20); ANALYZE;`;

beforeAll(async () => {
  await lab.open();
  await lab.copy(copy);
  await lab.sql(copy, `${productionSql({}, hash)}${auditSql}${tracesSql}`);
  await lab.sql("postgres", `CREATE DATABASE ${source} TEMPLATE ${copy} OWNER odoo`);
  const data = join(folder, "data");
  mkdirSync(join(data, "filestore", copy), { recursive: true });
  await run(["chmod", "-R", "a+rwX", folder]);
  server = await RdsServer.open(
    {
      ...wish,
      image: { id: lab.image, tag: "test" },
      server: {
        ...{
          host: "database",
          port: 5432,
          role: "odoo",
          password: "secret-of-a-test",
          network: lab.containers.network,
        },
        trust: await withTls(lab.postgres),
        client: (await docker("inspect", "--format", "{{.Image}}", lab.postgres)).trim(),
      },
    },
    data,
  );
  client = server.container;
}, 900_000);
afterAll(async () => {
  await server.close();
  await lab.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("securing as the owner of the database", () => {
  const one = (sql: string) => lab.sql(copy, sql);

  it("does all that the superuser does", async () => {
    expect(await psql(client, copy, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")).toBe("f");
    expect(await one(values)).not.toBe("0");
    const image = { id: lab.image, tag: "test" };
    const time = <T>(_part: string, work: () => Promise<T>) => work();
    const files = join(folder, "data", "filestore", copy);
    const { secured, modules } = await makeReady({ ...wish, image }, server, files, { time, report: silent });
    expect(modules).toEqual({ install: [], upgrade: ["sale_delivery_note"], uninstall: [] });
    expect(secured.neutralised.off["scheduled jobs"]).toBeGreaterThan(10);
    expect(secured.removed.map(({ table }) => table)).toContain("res_device_log");
    const all = await run(["docker", "exec", lab.postgres, "pg_dump", "-U", "postgres", "--data-only", copy]);
    expect(secretOf.filter((secret) => all.includes(secret))).toEqual([]);
  });

  it("leaves no value in PostgreSQL's statistics, and emptied tables as they were declared", async () => {
    expect(await one(values)).toBe("0");
    expect(await one("SELECT count(*) FROM res_device_log")).toBe("0");
    const needed =
      "SELECT attnotnull FROM pg_attribute WHERE attrelid = 'res_device_log'::regclass AND attname = 'session_identifier'";
    expect(await one(needed)).toBe(await lab.sql("template", needed));
  });

  it("gives nothing to a module's trigger, which fires again afterwards", async () => {
    expect(await one("SELECT count(*) FROM x_audit WHERE before ~* 'geheim'")).toBe("0");
    const enabled =
      "SELECT string_agg(tgname || tgenabled::text, ' ' ORDER BY tgname) FROM pg_trigger WHERE tgname LIKE 'x_%'";
    expect(await one(enabled)).toBe("x_keepO x_offD");
  });

  it("leaves nothing that a search finds, which looks with the same rights", async () => {
    const places = [source, copy].map((database) => ({ postgres: client, database }));
    const [from, to] = places as [(typeof places)[0], (typeof places)[0]];
    expect((await findLeft(from, from, { testers: plan.testers })).length).toBeGreaterThan(5);
    expect(await findLeft(from, to, { testers: plan.testers })).toEqual([]);
  });

  it("can be done again", async () => {
    await secure(again(client, copy), plan, silent);
    expect(await one("SELECT count(*) FROM ir_mail_server WHERE active")).toBe("1");
  });
});

describe("securing as the superuser", () => {
  it("needs none of that, and leaves as little", async () => {
    await secure(again(lab.postgres, source), { ...plan, database: source }, silent);
    expect(await lab.sql(source, values)).toBe("0");
    expect(await lab.sql(source, "SELECT count(*) FROM x_audit WHERE before ~* 'geheim'")).toBe("0");
  });
});
