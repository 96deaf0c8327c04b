import { UserError } from "../../../core/errors";
import { literal, psql } from "../../psql";
import type { CopyPlace, SecurePlan } from "../secure";
import type { Neutralised } from "../securedReport";
import { present, quoted, readSchema, type Schema, statementSeconds } from "./schema";

/** The server that Odoo's own script leaves, so that none of a configuration file is used. */
const dummyServer = "neutralization - disable emails";
/** A name that no machine has: RFC 2606. */
const nowhere = "invalid";

/** What reaches other systems or people while it is switched on: how to count it, and what it takes to have it. */
interface Switch {
  readonly what: string;
  readonly table: string;
  readonly columns: readonly string[];
  /** SQL condition: whether a row could still do something. */
  readonly active: string;
}

const vacuum = `(SELECT res_id FROM ir_model_data WHERE module = 'base' AND model = 'ir.cron' AND name = 'autovacuum_job')`;
const switches: readonly Switch[] = [
  { what: "scheduled jobs", table: "ir_cron", columns: [], active: `active AND id NOT IN ${vacuum}` },
  {
    what: "outgoing mail servers",
    table: "ir_mail_server",
    columns: [],
    active: `(active OR smtp_host <> '${nowhere}') AND name <> '${dummyServer}'`,
  },
  {
    what: "incoming mail servers",
    table: "fetchmail_server",
    columns: ["active"],
    active: `active OR server <> '${nowhere}'`,
  },
  { what: "queued e-mails", table: "mail_mail", columns: ["state"], active: "state IN ('outgoing', 'exception')" },
  { what: "queued text messages", table: "sms_sms", columns: ["state"], active: "state NOT IN ('sent', 'canceled')" },
  { what: "queued letters", table: "snailmail_letter", columns: ["state"], active: "state IN ('pending', 'error')" },
  { what: "queued mailings", table: "mailing_mailing", columns: ["state"], active: "state IN ('in_queue', 'sending')" },
  {
    what: "payment providers",
    table: "payment_provider",
    columns: ["state"],
    active: "state NOT IN ('test', 'disabled')",
  },
  {
    what: "webhooks that call others",
    table: "ir_act_server",
    columns: ["webhook_url"],
    active: "state = 'webhook' AND webhook_url NOT LIKE 'neutralization%'",
  },
  { what: "login providers", table: "auth_oauth_provider", columns: ["enabled"], active: "enabled" },
  { what: "LDAP servers", table: "res_company_ldap", columns: ["ldap_server"], active: `ldap_server <> '${nowhere}'` },
  { what: "devices for push messages", table: "mail_push_device", columns: [], active: "true" },
  {
    what: "carriers in production mode",
    table: "delivery_carrier",
    columns: ["prod_environment"],
    active: "prod_environment",
  },
  {
    what: "accounts for paid services",
    table: "iap_account",
    columns: ["account_token"],
    active: "account_token NOT LIKE '%+disabled'",
  },
  { what: "domains of websites", table: "website", columns: ["domain"], active: "domain <> ''" },
];

/** The switches of a database. */
const known = (schema: Schema): readonly Switch[] =>
  switches.filter(
    ({ table, columns }) => schema.has(table) && present(schema, table, columns).length === columns.length,
  );

async function countActive(
  postgres: string,
  database: string,
  all: readonly Switch[],
): Promise<Record<string, number>> {
  const counts = all.map(
    ({ what, table, active }) => `${literal(what)}, (SELECT count(*) FROM ${quoted(table)} WHERE ${active})`,
  );
  const sql = `SELECT json_build_object(${counts.join(", ")})`;
  return JSON.parse(await psql(postgres, database, sql, statementSeconds)) as Record<string, number>;
}

/** What Odoo's scripts leave switched on or in a queue, for the tables that there are. Safe to run again. */
export function leftoversSql(schema: Schema, mail: SecurePlan["mail"]): string {
  const statements: readonly (readonly [table: string, columns: readonly string[], sql: string])[] = [
    ["mail_mail", [], "DELETE FROM mail_mail WHERE state IN ('outgoing', 'exception')"],
    ["sms_sms", [], "DELETE FROM sms_sms WHERE state NOT IN ('sent', 'canceled')"],
    ["snailmail_letter", [], "UPDATE snailmail_letter SET state = 'canceled' WHERE state IN ('pending', 'error')"],
    ["mailing_mailing", [], "UPDATE mailing_mailing SET state = 'draft' WHERE state IN ('in_queue', 'sending')"],
    [
      "mailing_mailing",
      ["mail_server_id"],
      "UPDATE mailing_mailing SET mail_server_id = NULL WHERE mail_server_id > 0",
    ],
    // Odoo's script puts another one each time.
    ["ir_mail_server", [], `DELETE FROM ir_mail_server WHERE name = '${dummyServer}' AND id <> (${firstDummy})`],
    [
      "ir_mail_server",
      [],
      `UPDATE ir_mail_server SET active = id = (${firstDummy}), smtp_host = '${nowhere}', smtp_user = NULL`,
    ],
    ["ir_mail_server", [], dummySql(mail)],
    // A server that takes mail from anybody needs no password: a tester could switch it on again.
    ["fetchmail_server", [], `UPDATE fetchmail_server SET active = false, server = '${nowhere}'`],
    ["res_company_ldap", [], `UPDATE res_company_ldap SET ldap_server = '${nowhere}'`],
    [
      "base_automation",
      ["webhook_uuid"],
      "UPDATE base_automation SET webhook_uuid = gen_random_uuid() WHERE webhook_uuid <> ''",
    ],
    ["payment_token", ["active"], "UPDATE payment_token SET active = false WHERE active"],
    // Odoo's script only adds `+disabled` to the account's real token.
    [
      "iap_account",
      ["account_token"],
      "UPDATE iap_account SET account_token = md5(random()::text) || '+disabled' WHERE account_token <> ''",
    ],
  ];
  const needed = statements.filter(
    ([table, columns]) => schema.has(table) && present(schema, table, columns).length === columns.length,
  );
  return ["BEGIN;", ...needed.map(([, , sql]) => `${sql};`), "COMMIT;"].join("\n");
}

const firstDummy = `SELECT min(id) FROM ir_mail_server WHERE name = '${dummyServer}'`;

/** The dummy server leads nowhere, or to the mail catcher; it is the only one, whatever the sender's address. */
function dummySql(mail: SecurePlan["mail"]): string {
  const { host, port } = mail ?? { host: nowhere, port: 1025 };
  return `UPDATE ir_mail_server SET smtp_host = ${literal(host)}, smtp_port = ${port}, smtp_encryption = 'none',
    smtp_authentication = 'login', smtp_user = NULL, smtp_pass = NULL, from_filter = NULL, sequence = 0, active = true
    WHERE id = (${firstDummy})`;
}

/**
 * Keeps a database from reaching anybody: Odoo's own neutralisation scripts of all installed modules, then what they leave.
 * Is called again after modules were upgraded, which may switch things on.
 * @param place The copy.
 * @param plan Which database, and where its mail goes.
 * @throws UserError when something is still switched on afterwards.
 */
export async function neutralise(place: CopyPlace, plan: Pick<SecurePlan, "database" | "mail">): Promise<Neutralised> {
  const { postgres } = place;
  const schema = await readSchema(postgres, plan.database);
  const all = known(schema);
  const before = await countActive(postgres, plan.database, all);
  const { scripts, silent, missing } = JSON.parse(await place.runOdoo("neutralize", { database: plan.database })) as {
    [part in "scripts" | "silent" | "missing"]: string[];
  };
  await psql(postgres, plan.database, leftoversSql(schema, plan.mail), statementSeconds);
  const after = await countActive(postgres, plan.database, all);
  const left = Object.entries(after).filter(([, count]) => count > 0);
  if (left.length > 0) {
    const found = left.map(([what, count]) => `${what}: ${count}`).join(", ");
    const hint = "Look at data/neutralize.sql of your own modules: one of them may have switched it on.";
    throw new UserError("The copy is not neutralised.", [
      { path: plan.database, expected: "nothing that reaches other systems", found, hint },
    ]);
  }
  const off = Object.fromEntries(Object.entries(before).filter(([, count]) => count > 0));
  return {
    off,
    scripts,
    withoutScript: silent,
    notInImage: missing,
    mail: plan.mail ? `${plan.mail.host}:${plan.mail.port}` : null,
  };
}
