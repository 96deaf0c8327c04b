import { literal } from "../psql";
import type { Column, Schema } from "./securing/schema";
import type { Target } from "./securing/updateSql";

/** What makes a column's or a parameter's name that of a secret: one of these words, or several, between underscores. */
const words = [
  ...["r?token", "secret", "passwd", "password", "pass", "pwd", "passphrase", "pin", "credentials?", "totp\\w*"],
  ...["(api|private|secret|access|auth|signature|encryption|hmac|kiosk|shared|license|licence|bearer)_?key", "apikey"],
].join("|");
const secretName = new RegExp(`(^|_)(${words})(_|$)`, "i");

/** Columns that have such a name and hold no secret, or are dealt with elsewhere. */
export const noSecrets: Readonly<Record<string, string>> = {
  "iap_account.account_token": "gets a new one: Odoo's own script only adds `+disabled` to it",
  "res_users_settings.push_to_talk_key": "a key on the keyboard",
  "auth_totp_device.key": "the row is removed",
  "ir_model_fields.name": "a definition",
};

/** Secrets whose columns have other names. */
const otherSecrets = [
  ...["ir_mail_server.smtp_user", "ir_mail_server.smtp_ssl_certificate", "fetchmail_server.user"],
  ...["certificate_key.content", "certificate_key.pem_key", "certificate_certificate.content"],
  ...["certificate_certificate.pem_certificate", "account_edi_proxy_client_user.id_client", "res_users.oauth_uid"],
  ...["mail_ice_server.username", "res_company_ldap.ldap_binddn", "calendar_provider_config.cal_client_id"],
  ...[
    "payment_provider.paypal_email_account",
    "payment_provider.paypal_client_id",
    "payment_provider.paypal_webhook_id",
  ],
  // Visits to staging would be counted as visits to production.
  ...["website.google_analytics_key", "website.google_search_console", "website.plausible_site"],
];

/** Tables whose rows are secrets, or traces of how people logged in: all are removed. */
export const secretTables: readonly string[] = [
  ...["res_users_apikeys", "auth_totp_device", "auth_totp_rate_limit_log", "auth_passkey_key", "res_device_log"],
  ...["res_users_log", "mail_push_device", "auth_oauth_token", "microsoft_calendar_credentials"],
  ...["google_calendar_credentials", "sms_tracker_token"],
];

/**
 * The columns of a database that hold secrets. Links that people got (`access_token`) get new tokens, so that pages which need
 * one still work; everything else is emptied.
 * @param testers Logins of users that keep their password.
 */
export function secretTargets(schema: Schema, testers: readonly string[]): ReadonlyMap<string, readonly Target[]> {
  const targets = new Map<string, readonly Target[]>();
  for (const [name, table] of schema) {
    if (secretTables.includes(name) || table.wizard) continue;
    const found = [...table.columns].flatMap(([column, known]) => secretTarget(name, column, known, testers) ?? []);
    if (found.length > 0) targets.set(name, found);
  }
  return targets;
}

function secretTarget(table: string, column: string, known: Column, testers: readonly string[]): Target | undefined {
  const path = `${table}.${column}`;
  if (path === "res_users.password") return { column, kind: "empty", when: `NOT ${isOneOf("login", testers)}` };
  if (path in noSecrets || !(isSecretName(column) || otherSecrets.includes(path))) return undefined;
  if (known.type !== "text" && known.type !== "bytea" && known.type !== "json") return undefined;
  // An empty text may not do: two rows would have the same, and a guest's empty token would let anybody in.
  const mustBe = known.type === "text" && !known.nullable;
  return { column, kind: column === "access_token" || mustBe ? "token" : "empty" };
}

/** Whether a column or parameter is named like a secret: `smtp_pass`, `stripe_secret_key`; not `passport_id`. */
export const isSecretName = (name: string): boolean => secretName.test(name);

/** An SQL condition: whether a text is one of these, whatever its case. */
export const isOneOf = (text: string, values: readonly string[]): string =>
  `lower(${text}) = ANY (ARRAY[${values.map((value) => literal(value.toLowerCase())).join(", ")}]::text[])`;

/** Parameters (Settings → Technical → System Parameters) that are named like secrets, but hold none. */
const openParameters = ["auth_signup.reset_password", "auth_password_policy.minlength", "odoo_stacks.module_checksums"];

/**
 * SQL that empties parameters that hold secrets, and gives the database an identity of its own. Prints how many values it
 * emptied. Values that are a switch or a small number are no secrets.
 * @param baseUrl The copy's own address.
 */
export function parametersSql(baseUrl: string): string {
  const url = literal(baseUrl.replace(/\/+$/, ""));
  const key = "regexp_replace(key, '[^a-zA-Z0-9]+', '_', 'g')";
  const open = openParameters.map(literal).join(", ");
  return `
BEGIN;
CREATE TEMP TABLE old_address ON COMMIT DROP AS SELECT value FROM ir_config_parameter WHERE key = 'web.base.url';
UPDATE ir_config_parameter SET value = ''
  WHERE value <> '' AND key NOT IN (${open}) AND key NOT LIKE 'database.%' AND value !~* '^(true|false|[0-9]{1,4})$'
    AND (${key} ~* ${literal(`(^|_)(${words})(_|$)`)} OR key ~* 'client_?id$|_account_info$|gmail_client|server_key$');
\\echo :ROW_COUNT
UPDATE ir_config_parameter SET value = '' WHERE key IN ('database.enterprise_code', 'database.already_linked_subscription_url',
  'database.already_linked_email', 'database.already_linked_send_mail_url', 'auth_totp.policy');
UPDATE ir_config_parameter p SET value = ${url} || substr(p.value, length(o.value) + 1) FROM old_address o
  WHERE o.value <> '' AND (p.value = o.value OR starts_with(p.value, rtrim(o.value, '/') || '/'));
INSERT INTO ir_config_parameter AS known (key, value, create_uid, create_date, write_uid, write_date)
  SELECT key, value, 1, now(), 1, now() FROM (VALUES ('web.base.url', ${url}), ('web.base.url.freeze', 'True'),
    ('database.uuid', gen_random_uuid()::text), ('database.secret', gen_random_uuid()::text)) AS own (key, value)
  ON CONFLICT (key) DO UPDATE SET value = excluded.value, write_date = excluded.write_date;
COMMIT;`;
}
