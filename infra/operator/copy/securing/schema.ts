import { psql } from "../../psql";

/** What a column holds, as far as securing is concerned. */
export type ColumnType = "text" | "json" | "bytea" | "date" | "number" | "other";

/** A column of a table of Odoo's. */
export interface Column {
  readonly type: ColumnType;
  /** PostgreSQL's own name of the type, such as `character varying(43)`. */
  readonly declared: string;
  readonly nullable: boolean;
  /** Characters that a text may have; undefined without a limit. */
  readonly maxLength?: number;
  /** Whether a unique index is on it, alone or with others. */
  readonly unique: boolean;
  /** Whether most rows share their value with others, as far as PostgreSQL's statistics know. */
  readonly repeats: boolean;
}

/** A table of Odoo's. */
export interface Table {
  readonly columns: ReadonlyMap<string, Column>;
  /** Bytes on disk, indexes left out. */
  readonly bytes: number;
  /** Indexes that hold no constraint and are not nearly empty: name → the statement that makes it. */
  readonly indexes: ReadonlyMap<string, string>;
  /** Whether it has triggers, beside those that PostgreSQL makes for constraints. Odoo's own tables have none. */
  readonly triggers: boolean;
  /** Whether it belongs to a wizard: its records are of no use once the dialog is closed. */
  readonly wizard: boolean;
}

/** The tables of a database, by name. */
export type Schema = ReadonlyMap<string, Table>;

/** Most statements on the whole of a database take a fraction of this, in seconds; on RDS, a new instance first reads its blocks from S3. */
export const statementSeconds = 600;

/** An index of fewer bytes has hardly a row of a large table: many of Odoo's are on columns that are seldom filled. */
const filledIndex = 256 * 1024;

const query = `
  SELECT json_object_agg(c.relname, json_build_object(
    'bytes', pg_table_size(c.oid),
    'wizard', c.relname IN (SELECT replace(model, '.', '_') FROM ir_model WHERE transient),
    'triggers', EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal),
    'indexes', (SELECT coalesce(json_object_agg(quote_ident(n.relname), pg_get_indexdef(i.indexrelid)), '{}')
      FROM pg_index i JOIN pg_class n ON n.oid = i.indexrelid
      WHERE i.indrelid = c.oid AND NOT i.indisunique AND NOT i.indisclustered AND pg_relation_size(n.oid) > ${filledIndex}
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)),
    'columns', (SELECT json_object_agg(a.attname, json_build_object(
        'declared', format_type(a.atttypid, a.atttypmod), 'category', t.typcategory, 'base', t.typname,
        'nullable', NOT a.attnotnull,
        'maxLength', CASE WHEN t.typname IN ('varchar', 'bpchar') AND a.atttypmod > 4 THEN a.atttypmod - 4 END,
        'repeats', coalesce((SELECT CASE WHEN n_distinct < 0 THEN n_distinct > -0.3 ELSE n_distinct < 0.3 * c.reltuples END
          FROM pg_stats s WHERE s.schemaname = 'public' AND s.tablename = c.relname AND s.attname = a.attname), false),
        'unique', EXISTS (SELECT FROM pg_index i
          WHERE i.indrelid = c.oid AND i.indisunique AND a.attnum = ANY (i.indkey))))
      FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '')))
  FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')`;

interface Row {
  readonly bytes: number;
  readonly triggers: boolean;
  readonly wizard: boolean;
  readonly indexes: Record<string, string>;
  readonly columns: Record<
    string,
    Omit<Column, "type" | "maxLength"> & { category: string; base: string; maxLength: number | null }
  > | null;
}

/**
 * Reads which tables and columns an Odoo database has.
 * @param postgres The running postgres container.
 * @param database The database's name.
 */
export async function readSchema(postgres: string, database: string): Promise<Schema> {
  const read = JSON.parse(await psql(postgres, database, query, statementSeconds)) as Record<string, Row>;
  return new Map(
    Object.entries(read).map(([name, { bytes, triggers, wizard, indexes, columns }]) => [
      name,
      {
        bytes,
        triggers,
        wizard,
        indexes: new Map(Object.entries(indexes)),
        columns: new Map(Object.entries(columns ?? {}).map(column)),
      },
    ]),
  );
}

function column([name, read]: [string, NonNullable<Row["columns"]>[string]]): [string, Column] {
  const { declared, nullable, unique, repeats, maxLength } = read;
  return [
    name,
    {
      type: typeOf(read.category, read.base),
      declared,
      nullable,
      unique,
      repeats,
      ...(maxLength === null ? {} : { maxLength }),
    },
  ];
}

/** From PostgreSQL's category of the type: https://www.postgresql.org/docs/17/catalog-pg-type.html */
function typeOf(category: string, base: string): ColumnType {
  if (category === "S") return "text";
  if (base === "json" || base === "jsonb") return "json";
  if (base === "bytea" || base === "date") return base;
  return category === "N" ? "number" : "other";
}

/** The columns of a table that are there, of those named. */
export const present = (schema: Schema, table: string, columns: readonly string[]): readonly string[] =>
  columns.filter((name) => schema.get(table)?.columns.has(name));

/** A table's or column's name in SQL. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
