import { exec } from "../../commands/docker";
import { literal, psqlIn } from "../psql";
import type { FieldKind } from "./fields";
import { isOneOf } from "./secrets";
import { quoted, readSchema } from "./securing/schema";
import { findTargets } from "./securing/targets";

/** What is looked for. */
export type LeftKind = "email" | "iban" | "phone";

/** A database, and the container that it is in. */
export interface DatabasePlace {
  /** ID of the running postgres container, or of a client's. */
  readonly postgres: string;
  readonly database: string;
}

/** What may be in both. */
export interface LeftExclusions {
  /** Logins of testers, whose addresses stay. */
  readonly testers: readonly string[];
  /** Other e-mail addresses that are meant to be there, such as the administrator's. @default none */
  readonly emails?: readonly string[];
  /** `table.column` of the copy that was left alone on purpose. @default none */
  readonly columns?: readonly string[];
}

/** Values of the source that a column of the copy still has. */
export interface Left {
  readonly table: string;
  readonly column: string;
  readonly kind: LeftKind;
  /** Different values. */
  readonly count: number;
  /** One of them, most of it masked: `a…@g…` */
  readonly example: string;
}

/** So many tables are read at a time. */
const sessions = 2;
/** Of tables below this many bytes, so many share a session: most are empty or nearly so. */
const smallTable = 1024 ** 2;
const smallTogether = 200;

const kinds: readonly LeftKind[] = ["email", "iban", "phone"];
const kindOf: Readonly<Partial<Record<FieldKind, LeftKind>>> = {
  email: "email",
  emails: "email",
  contact: "email",
  login: "email",
  iban: "iban",
  phone: "phone",
};

/** How each is found within a text. PostgreSQL's regular expressions. */
const patterns: Readonly<Record<LeftKind, string>> = {
  email: "[a-z0-9._%+'-]+@[a-z0-9-]+(?:\\.[a-z0-9-]+)+",
  iban: "\\m[a-z]{2}[0-9]{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,4})?\\M",
  phone: "[0-9][-0-9 ./()]{6,20}[0-9]",
};

/** Shorter numbers are prices and dates as often as telephone numbers. In digits. */
const shortestPhone = 8;
/** Addresses of Odoo's own examples, and of nobody. */
const nobody = /@(.*\.)?(example\.(com|org|net)|yourcompany\.com|odoo\.com)$/;

/**
 * Looks for e-mail addresses, IBANs and telephone numbers of the source that are still in a copy, in every text and JSON column
 * of all its tables. The source is only read, and nothing of it gets into the copy: both are compared in this process's memory,
 * about 100 bytes for each different value.
 * @param source The environment that was copied.
 * @param copy What was made of it.
 * @param exclude What may be in both.
 * @returns nothing when nothing was left.
 */
export async function findLeft(source: DatabasePlace, copy: DatabasePlace, exclude: LeftExclusions): Promise<Left[]> {
  const values = await readValues(source, exclude);
  const schema = await readSchema(copy.postgres, copy.database);
  const texts = [...schema].flatMap(([table, { bytes, columns }]) => {
    const all = [...columns].filter(([, { type }]) => type === "text" || type === "json").map(([name]) => name);
    const wanted = all.filter((column) => !exclude.columns?.includes(`${table}.${column}`));
    return wanted.length > 0 ? [{ table, bytes, columns: wanted }] : [];
  });
  const found: Left[] = [];
  // The largest first, so that no session is left with it at the end.
  const work = texts.filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes);
  const worker = async () => {
    while (work.length > 0) {
      const size = (work[0]?.bytes ?? 0) < smallTable ? smallTogether : 1;
      found.push(...(await search(copy, work.splice(0, size), values)));
    }
  };
  await Promise.all(Array.from({ length: sessions }, worker));
  return found.sort((a, b) => (`${a.table}.${a.column}` < `${b.table}.${b.column}` ? -1 : 1));
}

type Values = Readonly<Record<LeftKind, ReadonlySet<string>>>;

/** The different values of the source's columns that hold such things. */
async function readValues(source: DatabasePlace, { testers, emails = [] }: LeftExclusions): Promise<Values> {
  const schema = await readSchema(source.postgres, source.database);
  const { tables } = findTargets(schema, { add: {}, keep: [] }, testers);
  const columns = [...tables].flatMap(([table, targets]) =>
    targets.flatMap(({ column, kind }) => {
      const found = kindOf[kind];
      return found && schema.get(table)?.columns.get(column)?.type === "text" ? [{ table, column, kind: found }] : [];
    }),
  );
  const values: Record<LeftKind, Set<string>> = { email: new Set(), iban: new Set(), phone: new Set() };
  const parts = columns.map(
    ({ table, column, kind }) =>
      `SELECT '${kind}', m.found[1] FROM (SELECT DISTINCT ${quoted(column)} AS text FROM ${quoted(table)}) v,
        regexp_matches(v.text, ${literal(`(${patterns[kind]})`)}, 'gi') m (found);`,
  );
  await eachRow(source, parts.join("\n"), ([kind = "", value = ""]) => {
    for (const form of forms(kind as LeftKind, value)) values[kind as LeftKind].add(form);
  });
  const own = `SELECT u.login, p.email FROM res_users u JOIN res_partner p ON p.id = u.partner_id
    WHERE ${isOneOf("u.login", testers)};`;
  const meant = [...emails];
  await eachRow(source, own, (row) => void meant.push(...row));
  for (const email of meant) values.email.delete(email.trim().toLowerCase());
  return values;
}

/** What a value is compared as, so that the same one is found however it is written; nothing where it is nobody's. */
export function forms(kind: LeftKind, value: string): readonly string[] {
  if (kind === "email") {
    const email = value.toLowerCase();
    return nobody.test(email) ? [] : [email];
  }
  if (kind === "iban") return [value.toUpperCase().replaceAll(" ", "")];
  const digits = value.replaceAll(/\D/g, "").replace(/^0+/, "");
  return digits.length < shortestPhone ? [] : [digits];
}

/** Views as they come with a module are code: an example of an address in one is nobody's that was left. */
const typedView = "(arch_fs IS NULL OR arch_updated)";

/** Reads each table once and looks for all kinds of values in all columns. */
async function search(
  copy: DatabasePlace,
  tables: readonly { readonly table: string; readonly columns: readonly string[] }[],
  values: Values,
): Promise<Left[]> {
  const finds = kinds.map(
    (kind) => `SELECT '${kind}', found[1] FROM regexp_matches(c.text, ${literal(`(${patterns[kind]})`)}, 'gi') found`,
  );
  const sql = tables.map(({ table, columns }) => {
    const texts = columns.map((column) => `(${literal(column)}, ${quoted(column)}::text)`);
    return `SELECT ${literal(table)}, c.name, f.kind, f.value FROM ${quoted(table)},
      LATERAL (VALUES ${texts.join(", ")}) c (name, text), LATERAL (${finds.join(" UNION ALL ")}) f (kind, value)
      WHERE c.text ~ '@|[0-9]{2}'${table === "ir_ui_view" ? ` AND ${typedView}` : ""};`;
  });
  const hits = new Map<string, Omit<Left, "count" | "example"> & { readonly values: Set<string> }>();
  await eachRow(copy, sql.join("\n"), ([table = "", column = "", kind = "", value = ""]) => {
    for (const form of forms(kind as LeftKind, value)) {
      if (!values[kind as LeftKind].has(form)) continue;
      const key = `${table}.${column} ${kind}`;
      const hit = hits.get(key) ?? { table, column, kind: kind as LeftKind, values: new Set<string>() };
      hits.set(key, hit);
      hit.values.add(form);
    }
  });
  return [...hits.values()].map(({ values: found, ...hit }) => ({
    ...hit,
    count: found.size,
    example: masked([...found][0] ?? ""),
  }));
}

/** `ada@firm.com` → `a…@f…`, `BE71096123456769` → `BE…69`. */
export function masked(value: string): string {
  const at = value.indexOf("@");
  return at > 0 ? `${value.slice(0, 1)}…@${value.slice(at + 1, at + 2)}…` : `${value.slice(0, 2)}…${value.slice(-2)}`;
}

/** Runs queries in a transaction that can't write, and passes on each row as it comes: there may be millions. */
async function eachRow(
  { postgres, database }: DatabasePlace,
  sql: string,
  row: (fields: readonly string[]) => void,
): Promise<void> {
  const { execa } = await import("execa"); // As in core/exec.ts.
  const options = ["-v", "FETCH_COUNT=10000", "-F", "\t"];
  const [file = "", ...args] = exec(postgres, psqlIn(database, options), true);
  const input = `BEGIN READ ONLY;\n${sql}\nCOMMIT;\n`;
  const child = execa(file, args, { input, buffer: { stdout: false, stderr: true }, reject: false });
  for await (const line of child.iterable()) row(line.split("\t"));
  const { exitCode, stderr } = await child;
  if (exitCode !== 0) throw new Error(`Reading ${database} failed:\n${stderr}`);
}
