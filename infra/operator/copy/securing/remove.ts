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
  const oids = tables.map((name) => `${literal(quoted(name))}::regclass`).join(", ");
  return `DELETE FROM pg_statistic WHERE starelid IN (${oids});\nANALYZE ${tables.map(quoted).join(", ")};`;
}
