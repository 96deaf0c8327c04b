import { type ObfuscationKind, replacement, type RowKind } from "../obfuscateSql";
import { type Column, quoted, type Table } from "./schema";
import { pauseTriggers, resumeTriggers } from "./triggers";

/** A column that is replaced. */
export interface Target {
  readonly column: string;
  readonly kind: ObfuscationKind | RowKind;
  /** Rows that it is replaced in, as an SQL condition. @default all */
  readonly when?: string;
}

/** Above this many bytes a table's indexes are made anew instead of being kept up row by row, which takes longer. */
const bigTable = 32 * 1024 ** 2;

/** Kinds whose columns often hold the same text in a row: the name and the complete name, the e-mail address as written and as sent to. */
const twins: Partial<Record<Target["kind"], string>> = {
  ...{ partnerName: "name", completeName: "name", name: "name" },
  ...{ emails: "email", email: "email", phone: "phone" },
};

/** SQL that counts the values that a table's targets have; prints `["table", count, …]` in their order. */
export function countSql(name: string, table: Table, targets: readonly Target[]): string {
  const counts = targets.map((target) => `count(*) FILTER (WHERE ${isFilled(target, table)})`);
  return `SELECT json_build_array('${name}', ${counts.join(", ")}) FROM ${quoted(name)};`;
}

/**
 * SQL that replaces all targets of a table in one pass, and renews its statistics: they hold the most common values of each column.
 * A large table is without its indexes when it is cut off.
 */
export function updateSql(name: string, table: Table, targets: readonly Target[]): string {
  const isBig = table.bytes > bigTable;
  const indexes = isBig ? [...table.indexes] : [];
  const looked = isBig ? targets.filter((target) => isLookedUp(target, columnOf(table, target.column))) : [];
  const lookup = (target: Target) => (looked.includes(target) ? `new_${looked.indexOf(target)}` : undefined);
  const value = (target: Target) => valueSql(target, table, lookup(target));
  const leaders = findLeaders(
    targets.filter((target) => !looked.includes(target)),
    table,
  );
  const first = [...new Set(leaders.values())];
  const shared = (target: Target) => `n.value_${first.indexOf(target)}`;
  const set = targets.map((target) => {
    const leader = leaders.get(target);
    if (!leader) return `${quoted(target.column)} = ${value(target)}`;
    if (leader === target) return `${quoted(target.column)} = ${shared(leader)}`;
    const same = cut(shared(leader), columnOf(table, target.column));
    return `${quoted(target.column)} = CASE WHEN t.${quoted(target.column)} = t.${quoted(leader.column)} THEN ${same}
    ELSE ${value(target)} END`;
  });
  // OFFSET keeps PostgreSQL from putting the expressions in place of each use, where they would be computed again.
  const from = `FROM (SELECT ${["ctid AS row", ...first.map((target) => `${value(target)} AS ${shared(target).slice(2)}`)].join(",\n    ")}
    FROM ${quoted(name)} t OFFSET 0) n`;
  const where = targets.map((target) => `(${isFilled(target, table)})`).join(" OR ");
  return [
    "BEGIN;",
    ...(table.triggers ? [pauseTriggers(name)] : []),
    // Rows find their new values by their place; any other way would sort or spill whole rows.
    "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;",
    ...looked.map((target) => lookupSql(lookup(target) ?? "", name, target)),
    ...indexes.map(([index]) => `DROP INDEX ${index};`),
    `UPDATE ${quoted(name)} t SET ${set.join(",\n  ")}`,
    ...(first.length > 0 ? [`${from}\n  WHERE t.ctid = n.row AND (${where});`] : [`  WHERE ${where};`]),
    ...(table.triggers ? [resumeTriggers] : []),
    "COMMIT;",
    // Indexes are made in half the time where the former rows are gone.
    ...(isBig ? [`VACUUM (TRUNCATE off) ${quoted(name)};`] : []),
    ...indexes.map(([, make]) => `${make};`),
    `ANALYZE ${quoted(name)};`,
  ].join("\n");
}

/** Columns that take another one's new value in rows where both hold the same: each with the one that it is taken from, itself included. */
function findLeaders(targets: readonly Target[], table: Table): ReadonlyMap<Target, Target> {
  const groups = new Map<string, Target[]>();
  for (const target of targets) {
    const twin = twins[target.kind];
    if (!twin || target.when !== undefined || columnOf(table, target.column).type !== "text") continue;
    groups.set(twin, [...(groups.get(twin) ?? []), target]);
  }
  const pairs = [...groups.values()].filter((group) => group.length > 1);
  return new Map(pairs.flatMap((group) => group.map((target) => [target, group[0] ?? target])));
}

/** Replacements that are made from the value alone, and take longer than looking one up. */
const costly: readonly Target["kind"][] = ["contact", "email", "emails"];

/** Whether each different value is replaced once, and rows look it up. */
const isLookedUp = ({ kind, when }: Target, { type, repeats }: Column): boolean =>
  repeats && type === "text" && when === undefined && costly.includes(kind);

/** A table of a column's different values and their replacements, gone with the transaction. */
function lookupSql(lookup: string, table: string, { column, kind }: Target): string {
  const value = replacement(kind as "name", '"old value"');
  return `CREATE TEMP TABLE ${lookup} ON COMMIT DROP AS SELECT "old value", ${value} AS "new value"
      FROM (SELECT DISTINCT ${quoted(column)}::text COLLATE "C" AS "old value" FROM ${quoted(table)}) found WHERE "old value" <> '';
    CREATE INDEX ON ${lookup} ("old value") INCLUDE ("new value"); ANALYZE ${lookup};`;
}

/** Whether a row has something to replace; NULL and empty values stay. */
function isFilled({ column, when }: Target, table: Table): string {
  const { type } = columnOf(table, column);
  const name = quoted(column);
  const empty = {
    text: `${name} <> ''`,
    json: `${name}::jsonb <> '{}'`,
    bytea: `${name} <> ''`,
    number: `${name} <> 0`,
  };
  const filled = type === "date" || type === "other" ? `${name} IS NOT NULL` : empty[type];
  return when ? `${filled} AND (${when})` : filled;
}

function valueSql(target: Target, table: Table, lookup?: string): string {
  const column = columnOf(table, target.column);
  const name = quoted(target.column);
  const value = lookup
    ? cut(`(SELECT "new value" FROM ${lookup} WHERE "old value" = ${name} COLLATE "C")`, column)
    : newValue(target, column, name);
  return `CASE WHEN ${isFilled(target, table)} THEN ${value} ELSE ${name} END`;
}

/** A text no longer than its column allows. */
const cut = (text: string, { maxLength }: Column): string =>
  maxLength === undefined ? text : `left(${text}, ${maxLength})`;

function newValue({ kind, column }: Target, known: Column, name: string): string {
  const { type, declared, nullable } = known;
  switch (kind) {
    case "empty":
      return nullable ? "NULL" : type === "json" ? "'{}'" : type === "number" ? "0" : "''";
    case "date":
      return `make_date(extract(year FROM ${name})::int, 1 + get_byte(pg_temp.digest(${name}::text), 0) % 12,
        1 + get_byte(pg_temp.digest(${name}::text), 1) % 28)`;
    case "amount":
      return `2000 + get_byte(pg_temp.digest(${name}::text), 0) * 256 % 3000`;
    case "properties":
      return `coalesce((SELECT jsonb_object_agg(key, value) FROM jsonb_each(${name}::jsonb)
        WHERE jsonb_typeof(value) <> 'string'), '{}')::${declared}`;
    case "partnerName":
      return `CASE WHEN is_company THEN pg_temp.company(${name}) ELSE pg_temp.name(${name}) END`;
    case "completeName":
      return completeName;
    case "partnerDisplay":
      return `coalesce((SELECT p.complete_name FROM res_partner p WHERE p.id = t.partner_id), pg_temp.contact(${name}))`;
    case "messageBody":
      return "'<p>Text removed (' || coalesce(message_type, 'message') || ')</p>'";
    case "tracked":
      return `CASE WHEN field_id IN (SELECT id FROM ir_model_fields WHERE ttype = 'selection' OR relation LIKE '%.stage')
        THEN ${name} ELSE 'Text removed' END`;
  }
  if (type === "json") return inEveryLanguage(name, declared, (text) => replacement(kind, text));
  if (type !== "text") throw new Error(`${column} holds no text: it can't be replaced as ${kind}.`);
  return cut(replacement(kind, name), known);
}

/** Each language's text of a translated column. */
const inEveryLanguage = (name: string, declared: string, replaced: (text: string) => string): string =>
  `coalesce((SELECT jsonb_object_agg(key, CASE WHEN jsonb_typeof(value) = 'string' AND value <> '""'
      THEN to_jsonb((${replaced("(value #>> '{}')")})::text) ELSE value END)
    FROM jsonb_each(CASE jsonb_typeof(${name}::jsonb) WHEN 'object' THEN ${name}::jsonb ELSE '{}' END)), '{}')::${declared}`;

/** As Odoo makes it, in `res.partner._get_complete_name`: the company's name, then the partner's or the kind of address. */
const completeName = `CASE
  WHEN coalesce(btrim(name), '') = '' THEN
    pg_temp.company(regexp_replace(complete_name, ', [^,]*$', '')) || coalesce(substring(complete_name FROM ', [^,]*$'), '')
  WHEN complete_name LIKE '%, %' AND right(complete_name, length(btrim(name)) + 2) = ', ' || btrim(name) THEN
    CASE WHEN left(complete_name, -length(btrim(name)) - 2) IN (commercial_company_name, company_name)
      THEN pg_temp.company(left(complete_name, -length(btrim(name)) - 2))
      ELSE pg_temp.name(left(complete_name, -length(btrim(name)) - 2)) END || ', ' || pg_temp.name(name)
  WHEN is_company THEN pg_temp.company(name)
  ELSE pg_temp.name(name) END`;

function columnOf(table: Table, name: string): Column {
  const column = table.columns.get(name);
  if (!column) throw new Error(`There is no column ${name}.`);
  return column;
}
