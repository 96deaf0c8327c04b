import { UserError } from "../../../core/errors";
import type { KeptValues } from "../obfuscateSql";
import { literal, psql } from "../../psql";
import { isOneOf } from "../secrets";
import type { SecurePlan } from "../secure";
import { type Schema, statementSeconds } from "./schema";

/** Users that no person is, by their names in Odoo's own data; websites have public users of their own. */
const technicalUsers = `(id IN (SELECT res_id FROM ir_model_data WHERE module = 'base' AND model = 'res.users'
    AND name IN ('user_root', 'public_user', 'default_user', 'template_portal_user_id'))
  OR login LIKE 'public-user@company-%')`;

/** What stays by value, and which testers there are. */
export interface Kept extends KeptValues {
  /** Logins of the testers that were found, as they are written in the database. */
  readonly testers: readonly string[];
}

/**
 * Reads which values stay: names of the own companies, which documents and settings show everywhere and which are no secret to
 * those who work there; Odoo's technical users; testers' names and addresses.
 */
export async function readKept(postgres: string, plan: SecurePlan): Promise<Kept> {
  const isTester = isOneOf("login", plan.testers);
  const list = (
    query: string,
  ) => `coalesce((SELECT json_agg(DISTINCT lower(btrim(value))) FROM (${query}) AS found (value)
    WHERE value <> ''), '[]')`;
  const partners = `FROM res_partner p JOIN res_users u ON u.partner_id = p.id WHERE`;
  const sql = `SELECT json_build_object(
    'testers', coalesce((SELECT json_agg(login) FROM res_users WHERE ${isTester}), '[]'),
    'names', ${list(`SELECT name FROM res_company
      UNION SELECT p.name FROM res_partner p JOIN res_company c ON c.partner_id = p.id
      UNION SELECT p.name ${partners} u.id IN (SELECT id FROM res_users WHERE ${isTester} OR ${technicalUsers})`)},
    'emails', ${list(`SELECT p.email ${partners} ${isOneOf("u.login", plan.testers)}
      UNION SELECT login FROM res_users WHERE ${isTester}`)},
    'logins', ${list(`SELECT login FROM res_users WHERE ${isTester} OR ${technicalUsers}`)})`;
  const kept = JSON.parse(await psql(postgres, plan.database, sql, statementSeconds)) as Kept;
  return { ...kept, emails: [...kept.emails, ...(plan.admin.email ? [plan.admin.email.toLowerCase()] : [])] };
}

/**
 * Gives the administrator (base.user_admin) the copy's own login and password.
 * @throws UserError when another user has that login.
 */
export async function setAdministrator(postgres: string, { database, admin }: SecurePlan): Promise<void> {
  const id = `(SELECT res_id FROM ir_model_data WHERE module = 'base' AND model = 'res.users' AND name = 'user_admin')`;
  const login = literal(admin.login);
  const taken = await psql(postgres, database, `SELECT count(*) FROM res_users WHERE login = ${login} AND id <> ${id}`);
  if (taken.trim() !== "0") {
    const problem = {
      path: "admin.login",
      expected: "a login of its own",
      found: `${admin.login}, which a tester has`,
    };
    throw new UserError("The administrator of the copy can't have this login.", [problem]);
  }
  const email = admin.email
    ? `UPDATE res_partner SET email = ${literal(admin.email)}, email_normalized = ${literal(admin.email.toLowerCase())}
       WHERE id = (SELECT partner_id FROM res_users WHERE id = ${id});`
    : "";
  await psql(
    postgres,
    database,
    `BEGIN;
     UPDATE res_users SET login = ${login}, password = ${literal(admin.passwordHash)}, active = true WHERE id = ${id};
     ${email}
     COMMIT;`,
  );
}

/**
 * SQL after which every Odoo process that worked with another database of this name loads all anew: it compares these numbers
 * with the last that it has seen (odoo/orm/registry.py). Seconds since 2020 lead: no database counts that fast.
 */
export function signalSql(schema: Schema): string {
  const tables = [...schema.keys()].filter((name) => name.startsWith("orm_signaling_"));
  const next = (table: string) =>
    `(SELECT greatest(coalesce(max(id), 0), extract(epoch FROM now() - '2020-01-01')::int) + 1 FROM ${table})`;
  return tables
    .map(
      (table) => `INSERT INTO ${table} (id) VALUES (${next(table)});
        SELECT setval(pg_get_serial_sequence('${table}', 'id'), (SELECT max(id) FROM ${table})) \\g /dev/null`,
    )
    .join("\n");
}
