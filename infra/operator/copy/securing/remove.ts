import { literal, psql } from "../../psql";
import { emptiedTables } from "../fields";
import { secretTables } from "../secrets";
import { quoted, type Schema } from "./schema";

/**
 * Removes all rows of tables that hold secrets or traces, and of wizards' tables, with what belongs to them.
 * @returns how many rows each had.
 */
export async function removeRows(
  postgres: string,
  database: string,
  schema: Schema,
): Promise<{ table: string; rows: number }[]> {
  const wizards = [...schema].filter(([, { wizard }]) => wizard).map(([name]) => name);
  const tables = [...new Set([...emptiedTables, ...secretTables, ...wizards])]
    .filter((name) => schema.has(name))
    .sort();
  const counts = tables.map((name) => `SELECT ${literal(name)}, count(*) FROM ${quoted(name)}`);
  const output = await psql(postgres, database, counts.join(" UNION ALL "), 600);
  const filled = output
    .split("\n")
    .map((line) => line.split("|"))
    .flatMap(([table = "", rows]) => (Number(rows) > 0 ? [{ table, rows: Number(rows) }] : []));
  await psql(postgres, database, emptySql(filled.map(({ table }) => table)), 3600);
  return filled;
}

/** Tables whose rows others refer to are emptied row by row, in whatever order lets them go. */
function emptySql(tables: readonly string[]): string {
  return `DO $$
    DECLARE name text; waiting text[] := ARRAY[${tables.map(literal).join(", ")}]::text[]; again text[];
    BEGIN
      LOOP
        again := '{}';
        FOREACH name IN ARRAY waiting LOOP
          BEGIN
            EXECUTE format('TRUNCATE %I', name);
          EXCEPTION WHEN feature_not_supported THEN
            BEGIN
              EXECUTE format('DELETE FROM %I', name);
            EXCEPTION WHEN foreign_key_violation OR restrict_violation THEN
              again := again || name;
            END;
          END;
        END LOOP;
        EXIT WHEN again = '{}';
        IF again = waiting THEN
          RAISE EXCEPTION 'Other rows refer to those of %', array_to_string(again, ', ');
        END IF;
        waiting := again;
      END LOOP;
    END $$;`;
}

/** Tables that lose values beside those that `obfuscate` goes through. */
const alsoChanged = (
  "ir_config_parameter ir_mail_server fetchmail_server ir_act_server iap_account mail_mail sms_sms res_company_ldap " +
  "base_automation website payment_provider auth_oauth_provider res_users"
).split(" ");

/**
 * SQL that makes PostgreSQL forget what it knows of values in tables that lost some: its statistics, which the tables' owner
 * can read, hold the most common ones. Those of a table that is empty now would stay for ever.
 * @param removed Tables whose rows were removed.
 */
export function forgetSql(schema: Schema, removed: readonly string[]): string {
  const tables = [...new Set([...alsoChanged, ...removed, "mail_push_device"])].filter((name) => schema.has(name));
  const names = tables.map((name) => literal(quoted(name))).join(", ");
  return `${forgetAsSuperuser(names)}\nANALYZE ${tables.map(quoted).join(", ")};\n${forgetAsOwner(names)}`;
}

const forgetAsSuperuser = (names: string): string => `DO $$ BEGIN
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
      DELETE FROM pg_statistic WHERE starelid = ANY (ARRAY[${names}]::regclass[]);
    END IF;
  END $$;`;

/**
 * Others may not write into PostgreSQL's statistics. ANALYZE leaves those of a table without rows as they were; of a row that holds
 * nothing it keeps that there is nothing.
 */
const forgetAsOwner = (names: string): string => `DO $$
  DECLARE emptied regclass; known boolean; needed text; nothing tid;
  BEGIN
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN RETURN; END IF;
    FOREACH emptied IN ARRAY ARRAY[${names}]::regclass[] LOOP
      EXECUTE format('SELECT NOT EXISTS (SELECT FROM %s)', emptied) INTO known;
      CONTINUE WHEN NOT known OR NOT EXISTS (SELECT FROM pg_stats s JOIN pg_class c ON c.relname = s.tablename
        WHERE c.oid = emptied AND s.schemaname = c.relnamespace::regnamespace::text);
      SELECT string_agg(format('ALTER COLUMN %I DROP NOT NULL', attname), ', ') INTO needed FROM pg_attribute a
        WHERE attrelid = emptied AND attnum > 0 AND NOT attisdropped AND attnotnull AND attidentity = ''
          AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = emptied AND i.indisprimary AND attnum = ANY (i.indkey));
      IF needed <> '' THEN EXECUTE format('ALTER TABLE %s %s', emptied, needed); END IF;
      EXECUTE format('INSERT INTO %s (%s) VALUES (%s) RETURNING ctid', emptied,
        (SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute WHERE ${filled}),
        (SELECT string_agg(CASE WHEN attname = 'id' THEN '-1' ELSE 'NULL' END, ', ') FROM pg_attribute WHERE ${filled}))
        INTO nothing;
      EXECUTE format('ANALYZE %s', emptied);
      EXECUTE format('DELETE FROM %s WHERE ctid = %L', emptied, nothing);
      IF needed <> '' THEN EXECUTE format('ALTER TABLE %s %s', emptied, replace(needed, 'DROP NOT NULL', 'SET NOT NULL')); END IF;
    END LOOP;
  END $$;`;

const filled = "attrelid = emptied AND attnum > 0 AND NOT attisdropped AND attgenerated = ''";
