import type { ObfuscationKind } from "../../commands/obfuscation";
import { literal } from "../psql";
import { withoutTriggers } from "./securing/triggers";
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
/** A word of a list, chosen by two bytes of the digest `h`. */
const pick = (words: readonly string[], byte: number): string =>
  `(${array(words)})[1 + (get_byte(h, ${byte}) * 256 + get_byte(h, ${byte + 1})) % ${words.length}]`;
const hex = (digest: string, digits: number): string => `left(encode(${digest}, 'hex'), ${digits})`;
const isKept = (values: readonly string[]): string => `lower(btrim(v)) = ANY (${array(values)})`;
/** Digits alone. Several times faster than a regular expression. */
const digitsOf = (text: string): string => `translate(${text}, translate(${text}, '0123456789', ''), '')`;

/**
 * A function that is gone with the session: what `v`, neither NULL nor empty, becomes.
 * @param result An expression that may use `x`, by which values are told apart, and `h`, its digest.
 * @param told What `x` is. @default the value
 */
function replacer(name: string, result: string, told = "v"): string {
  // In PL/pgSQL, because there the digest is made once; PostgreSQL would put an SQL function's body in place of the call, and
  // the digest in place of each `h`. Seen to take a third of the time.
  return `CREATE FUNCTION pg_temp.${name}(v text) RETURNS text LANGUAGE plpgsql STABLE AS $f$
    DECLARE x text := ${told}; h bytea := pg_temp.digest(x); BEGIN RETURN ${result}; END $f$;`;
}

const person = `${pick(givenNames, 0)} || ' ' || chr(65 + get_byte(h, 2) % 26) || '. ' || ${pick(familyNames, 3)}`;
const firm = `${pick(familyNames, 0)} || ' & ' || ${pick(familyNames, 2)} || ' ' || ${pick(trades, 4)}`;
const mailbox = `lower(${pick(givenNames, 0)} || '.' || ${pick(familyNames, 3)}) || '.' || ${hex("h", 12)} || '@${domain}'`;
/** Up to 15 decimal digits of the digest `h`. */
const fewDigits = (count: number): string =>
  `lpad((('x' || encode(substr(h, 1, 7), 'hex'))::bit(56)::bigint % ${10 ** count})::text, ${count}, '0')`;
/** Hexadecimal digits become decimal ones; that some come more often does no harm. Takes several times longer than few. */
const digits = "translate(encode(h, 'hex'), 'abcdef', '012345')";
const compact = "upper(translate(v, ' .,:;/_-', ''))";

/** One address alone is the usual case, then one with a name; of several, the names are left out. */
const emails = `CREATE FUNCTION pg_temp.emails(v text) RETURNS text LANGUAGE plpgsql STABLE AS $f$
  BEGIN
    IF v NOT LIKE '% %' AND strpos(v, ',') = 0 AND strpos(v, '<') = 0 AND strpos(v, ';') = 0 THEN
      RETURN pg_temp.email(v);
    END IF;
    IF v LIKE '%_<%@%>' AND strpos(v, ',') = 0 AND strpos(v, ';') = 0 AND split_part(v, '<', 3) = '' THEN
      RETURN '"' || pg_temp.name(btrim(split_part(v, '<', 1), ' "')) || '" <'
        || pg_temp.email(rtrim(split_part(v, '<', 2), '> ')) || '>';
    END IF;
    RETURN coalesce((SELECT string_agg(pg_temp.email(m[1]), ', ')
      FROM regexp_matches(v, '[^<>,;"[:space:]]+@[^<>,;"[:space:]]+', 'g') m), pg_temp.name(v));
  END $f$;`;

/** Check digits as in ISO 13616: 98 less the remainder of the number, the country's letters as 10 to 35. */
const iban = `CREATE FUNCTION pg_temp.iban(v text) RETURNS text LANGUAGE plpgsql STABLE AS $f$
  DECLARE
    old text := ${compact};
    h bytea := pg_temp.digest(old);
    new text := left(${digits}, greatest(length(old), 8));
  BEGIN
    IF old ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}$' THEN
      new := left(new, length(old) - 4);
      new := left(old, 2) || lpad((98 - mod((new || ascii(old) - 55 || ascii(substr(old, 2)) - 55 || '00')::numeric, 97))::text, 2, '0')
        || new;
    END IF;
    RETURN CASE WHEN btrim(v) LIKE '% %' THEN regexp_replace(new, '(.{4})(?=.)', '\\1 ', 'g') ELSE new END;
  END $f$;`;

/**
 * SQL that makes a session ready to replace values: the key, and functions that are gone with the session.
 * @param secret The run's key: random, the same for all sessions of a run.
 * @param kept What is left alone.
 */
export function prepareSession(secret: string, kept: KeptValues): string {
  const unless = (values: readonly string[], result: string) => `CASE WHEN ${isKept(values)} THEN v ELSE ${result} END`;
  const address = `CASE WHEN v LIKE '%@${domain}' OR ${isKept(kept.emails)} THEN v ELSE ${mailbox} END`;
  const phone = `CASE WHEN v LIKE '+%' OR v LIKE '00%' THEN '+' || left(x, 2) ELSE '0' END || ${fewDigits(12)}`;
  const ownDomain = `CASE WHEN v LIKE '%${domain}' THEN v ELSE
    CASE WHEN strpos(v, '@') > 0 THEN split_part(v, '@', 1) || '@' ELSE '' END || ${hex("h", 8)} || '.${domain}' END`;
  return [
    "SET client_min_messages = warning; SET synchronous_commit = off;",
    withoutTriggers,
    "SET maintenance_work_mem = '256MB'; SET work_mem = '64MB'; SET jit = off; SET lock_timeout = '30s';",
    // Selected, not SET: pg_stat_statements, where it is loaded, keeps a SELECT without its constants.
    `SELECT set_config('${key}', ${literal(secret)}, false) \\g /dev/null`,
    `CREATE FUNCTION pg_temp.digest(v text) RETURNS bytea LANGUAGE sql STABLE AS
       $f$ SELECT sha256(convert_to(current_setting('${key}') || lower(btrim(v)), 'UTF8')) $f$;`,
    replacer("name", unless(kept.names, person)),
    replacer("company", unless(kept.names, firm)),
    replacer("email", address),
    emails,
    replacer("contact", "CASE WHEN strpos(v, '@') > 0 THEN pg_temp.emails(v) ELSE pg_temp.name(v) END"),
    replacer("domain", ownDomain, "split_part(v, '@', CASE WHEN strpos(v, '@') > 0 THEN 2 ELSE 1 END)"),
    replacer(
      "login",
      unless(kept.logins, `CASE WHEN strpos(v, '@') > 0 THEN pg_temp.email(v) ELSE 'user.' || ${hex("h", 12)} END`),
    ),
    replacer("phone", phone, `ltrim(${digitsOf("v")}, '0')`),
    iban,
    replacer(
      "identifier",
      `coalesce(substring(x FROM '^[[:alpha:]]{2}'), '') || left(${digits}, greatest(length(x) - 2, 6))`,
      compact,
    ),
    replacer("street", `${pick(streets, 0)} || ' Street ' || 1 + get_byte(h, 2) % 200`),
    replacer("city", pick(cities, 0)),
    replacer("zip", `left(${fewDigits(5)}, least(greatest(length(v), 4), 5))`),
  ].join("\n");
}

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
