import { literal } from "../psql";

/** Has a database take sessions of the superuser alone, and ends all others. */
export const closeSql = (database: string): string => `
SELECT format('ALTER DATABASE %I CONNECTION LIMIT 0', ${literal(database)}) \\gexec
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
 WHERE datname = ${literal(database)} AND pid <> pg_backend_pid() \\g /dev/null
`;

/**
 * Removes all that the own role has in a database, one by one: what a move left that did not come to its end. Extensions stay; they
 * are the master user's. `DROP OWNED` would take the role's right to connect with it.
 */
export const emptySql = `
SET client_min_messages = warning;
SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace
 WHERE nspowner = current_user::regrole AND nspname <> 'public'
   AND oid NOT IN (SELECT extnamespace FROM pg_extension) \\gexec
SELECT format('DROP %s IF EXISTS %s CASCADE', CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
              WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass)
  FROM pg_class c WHERE c.relowner = current_user::regrole AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
   AND NOT c.relispartition ORDER BY c.relkind = 'S' \\gexec
SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', oid::regprocedure) FROM pg_proc WHERE proowner = current_user::regrole \\gexec
SELECT format('DROP TYPE IF EXISTS %s CASCADE', oid::regtype) FROM pg_type
 WHERE typowner = current_user::regrole AND typtype IN ('e', 'd') \\gexec
SELECT lo_unlink(oid) FROM pg_largeobject_metadata WHERE lomowner = current_user::regrole \\g /dev/null
`;

/** Names all extensions, with commas between. */
export const extensionsSql = "SELECT string_agg(extname, ',' ORDER BY extname) FROM pg_extension;";

/** Names extensions that are not there; nothing where all are. @param wanted As {@link extensionsSql} names them. */
export const missingSql = (wanted: string): string => `
SELECT string_agg(name, ', ') FROM unnest(string_to_array(${literal(wanted)}, ',')) name
 WHERE name NOT IN (SELECT extname FROM pg_extension);
`;

/** Names all that a move has to bring: tables with rows, and sequences; one a line, as SQL has them. */
export const partsSql = `
SELECT c.relkind, format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'm', 'S') AND c.relpersistence = 'p'
   AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
 ORDER BY 2;
`;

/** A table or a sequence. */
export interface DataPart {
  readonly kind: "r" | "m" | "S";
  /** As SQL has it. */
  readonly name: string;
}

/** Reads what {@link partsSql} printed. */
export const readParts = (printed: string): readonly DataPart[] =>
  printed
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [kind = "", ...name] = line.split("|");
      return { kind: kind as DataPart["kind"], name: name.join("|") };
    });

/**
 * Says of each part how many rows it has, and a sum over all that is in them; of a sequence, where it is. One a line; two databases
 * with the same data say the same.
 */
export const sumsSql = (parts: readonly DataPart[]): string =>
  [
    // How values are written must not hang on the server's settings.
    "SET extra_float_digits = 1; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'; SET timezone = 'UTC';",
    "SET bytea_output = 'hex';",
    ...parts.map(({ kind, name }) =>
      kind === "S"
        ? `SELECT ${literal(name)}, last_value, is_called FROM ${name};`
        : `SELECT ${literal(name)}, count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM ONLY ${name} t;`,
    ),
  ].join("\n");

/** Writes, reads what was written, and removes it again. */
export const writeSql = `
CREATE TABLE odoo_stacks_probe (value integer);
INSERT INTO odoo_stacks_probe VALUES (1);
SELECT 1 / count(*) FROM odoo_stacks_probe;
DROP TABLE odoo_stacks_probe;
`;
