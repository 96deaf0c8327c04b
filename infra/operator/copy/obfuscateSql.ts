import type { ObfuscationKind } from "../../commands/obfuscation";
import { literal } from "../psql";
import { cities, familyNames, givenNames, streets, trades } from "./securing/words";

export type { ObfuscationKind };

/** A replacement that takes other columns of the row into account. */
export type RowKind =
  | "partnerName" // of a company or of a person
  | "completeName" // a partner's name after its company's
  | "partnerDisplay" // the partner's complete name, as it is by then
  | "messageBody" // says what kind of message it was
  | "tracked"; // stays where the field it tracks is a selection or a stage

/** What is left alone by value. All in lower case. */
export interface KeptValues {
  /** Names of the own companies, of Odoo's technical users and of testers. */
  readonly names: readonly string[];
  /** Testers' e-mail addresses, and the administrator's. */
  readonly emails: readonly string[];
  /** Logins of testers and of Odoo's technical users. */
  readonly logins: readonly string[];
}

/** The setting that holds a run's key. It is never written to disk: neither by PostgreSQL nor by this program. */
const key = "odoo_stacks.key";
/** The domain of replacements, which belongs to nobody: RFC 2606. */
const domain = "example.com";

const array = (words: readonly string[]): string => `ARRAY[${words.map(literal).join(", ")}]::text[]`;
/** A word of a list, chosen by two bytes of a digest. */
const pick = (words: readonly string[], byte: number): string =>
  `(${array(words)})[1 + (get_byte(h, ${byte}) * 256 + get_byte(h, ${byte + 1})) % ${words.length}]`;
const hex = (digest: string, digits: number): string => `left(encode(${digest}, 'hex'), ${digits})`;

/**
 * SQL that makes a session ready to replace values: the key, and functions that are gone with the session. Single expressions
 * wherever possible, which PostgreSQL puts in place of the call.
 * @param secret The run's key: random, the same for all sessions of a run.
 * @param kept What is left alone.
 */
export function prepareSession(secret: string, kept: KeptValues): string {
  const f = (signature: string, body: string, volatility = "STABLE") =>
    `CREATE FUNCTION pg_temp.${signature} RETURNS text LANGUAGE sql ${volatility} AS $sql$ SELECT ${body} $sql$;`;
  const isKept = (values: readonly string[]) => `lower(btrim(v)) = ANY (${array(values)})`;
  // Selected, not SET: pg_stat_statements, where it is loaded, keeps a SELECT without its constants.
  return `
SET client_min_messages = warning; SET synchronous_commit = off; SET session_replication_role = replica;
SET maintenance_work_mem = '256MB'; SET work_mem = '64MB'; SET lock_timeout = '30s';
SELECT set_config('${key}', ${literal(secret)}, false) \\g /dev/null
CREATE FUNCTION pg_temp.digest(v text) RETURNS bytea LANGUAGE sql STABLE AS
  $sql$ SELECT sha256(convert_to(current_setting('${key}') || lower(btrim(v)), 'UTF8')) $sql$;
${f("digits(h bytea)", "translate(encode(h, 'hex'), 'abcdef', '012345')", "IMMUTABLE")}
${f("compact(v text)", "upper(regexp_replace(v, '[^[:alnum:]]', '', 'g'))", "IMMUTABLE")}
${f("person(h bytea)", `${pick(givenNames, 0)} || ' ' || chr(65 + get_byte(h, 2) % 26) || '. ' || ${pick(familyNames, 3)}`, "IMMUTABLE")}
${f("mailbox(h bytea)", `lower(${pick(givenNames, 0)} || '.' || ${pick(familyNames, 3)}) || '.' || ${hex("h", 12)} || '@${domain}'`, "IMMUTABLE")}
${f("firm(h bytea)", `${pick(familyNames, 0)} || ' & ' || ${pick(familyNames, 2)} || ' ' || ${pick(trades, 4)}`, "IMMUTABLE")}
${f("road(h bytea)", `${pick(streets, 0)} || ' Street ' || 1 + get_byte(h, 2) % 200`, "IMMUTABLE")}
${f("town(h bytea)", pick(cities, 0), "IMMUTABLE")}
${f("name(v text)", `CASE WHEN ${isKept(kept.names)} THEN v ELSE pg_temp.person(pg_temp.digest(v)) END`)}
${f("company(v text)", `CASE WHEN ${isKept(kept.names)} THEN v ELSE pg_temp.firm(pg_temp.digest(v)) END`)}
${f("email(v text)", `CASE WHEN lower(btrim(v)) LIKE '%@${domain}' OR ${isKept(kept.emails)} THEN v ELSE pg_temp.mailbox(pg_temp.digest(v)) END`)}
${f("emails(v text)", emails)}
${f("domain(v text)", `CASE WHEN v LIKE '%${domain}' THEN v WHEN strpos(v, '@') > 0 THEN split_part(v, '@', 1) || '@' || ${hex("pg_temp.digest(split_part(v, '@', 2))", 8)} || '.${domain}' ELSE ${hex("pg_temp.digest(v)", 8)} || '.${domain}' END`)}
${f("contact(v text)", "CASE WHEN strpos(v, '@') > 0 THEN pg_temp.emails(v) ELSE pg_temp.name(v) END")}
${f("login(v text)", `CASE WHEN ${isKept(kept.logins)} THEN v WHEN strpos(v, '@') > 0 THEN pg_temp.email(v) ELSE 'user.' || ${hex("pg_temp.digest(v)", 12)} END`)}
${f("dialled(v text)", "ltrim(regexp_replace(v, '[^0-9]', '', 'g'), '0')", "IMMUTABLE")}
${f("phone(v text)", "CASE WHEN v ~ '^\\s*(\\+|00)' THEN '+' || left(pg_temp.dialled(v), 2) ELSE '0' END || left(pg_temp.digits(pg_temp.digest(pg_temp.dialled(v))), 12)")}
${f("iban(v text)", iban)}
${f("identifier(v text)", "coalesce(substring(btrim(v) FROM '^[[:alpha:]]{2}'), '') || left(pg_temp.digits(pg_temp.digest(pg_temp.compact(v))), greatest(length(pg_temp.compact(v)) - 2, 6))")}
`;
}

/** One address alone is the usual case; of several, the names are left out. */
const emails = `CASE
  WHEN v !~ '[<>,;[:space:]]' THEN pg_temp.email(v)
  WHEN v ~ '^[^<>@,;]+<[^<>,;[:space:]]+>\\s*$' THEN
    '"' || pg_temp.name(btrim(split_part(v, '<', 1), ' "')) || '" <' || pg_temp.email(rtrim(split_part(v, '<', 2), '> ')) || '>'
  ELSE coalesce((SELECT string_agg(pg_temp.email(m[1]), ', ') FROM regexp_matches(v, '[^<>,;"[:space:]]+@[^<>,;"[:space:]]+', 'g') m),
    pg_temp.name(v)) END`;

/** Check digits as in ISO 13616: 98 less the remainder of the number, the country's letters as 10 to 35. */
const iban = `CASE WHEN v ~ '[^ ] +[^ ]' THEN regexp_replace(number, '(.{4})(?=.)', '\\1 ', 'g') ELSE number END
  FROM (SELECT pg_temp.compact(v) AS old) a,
    LATERAL (SELECT pg_temp.digits(pg_temp.digest(old)) AS new, old ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}$' AS is_iban) b,
    LATERAL (SELECT CASE WHEN is_iban THEN left(new, length(old) - 4) ELSE left(new, greatest(length(old), 8)) END AS rest) c,
    LATERAL (SELECT CASE WHEN is_iban THEN left(old, 2) || lpad((98 - mod((rest || ascii(old) - 55 || ascii(substr(old, 2)) - 55
      || '00')::numeric, 97))::text, 2, '0') || rest ELSE rest END AS number) d`;

/**
 * The SQL expression for a text's replacement.
 * @param kind What it becomes.
 * @param value An SQL expression of type text, neither NULL nor empty.
 */
export function replacement(
  kind: Exclude<ObfuscationKind, "date" | "amount" | "properties" | "empty">,
  value: string,
): string {
  const digest = `pg_temp.digest(${value})`;
  switch (kind) {
    case "street":
      return `pg_temp.road(${digest})`;
    case "city":
      return `pg_temp.town(${digest})`;
    case "zip":
      return `left(pg_temp.digits(${digest}), least(greatest(length(${value}), 4), 5))`;
    case "subject":
      return `'Subject ' || ${hex(digest, 6)}`;
    case "url":
      return `'https://www.${domain}/' || ${hex(digest, 8)}`;
    case "ip":
      return `'192.0.2.' || get_byte(${digest}, 0)`;
    case "text":
      return "'Text removed'";
    case "html":
      return "'<p>Text removed</p>'";
    case "token":
      return "gen_random_uuid()::text";
    default:
      return `pg_temp.${kind}(${value})`;
  }
}
