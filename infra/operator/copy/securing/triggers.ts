import { literal } from "../../psql";
import { quoted } from "./schema";

/**
 * SQL for a session in which no triggers fire, nor PostgreSQL's own checks of references, which no replacement concerns. PostgreSQL's
 * superuser alone may ask for that: others pause the triggers of each table, and the checks, which find nothing changed, stay.
 */
export const withoutTriggers = `SELECT set_config('session_replication_role', 'replica', false)
  WHERE (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) \\g /dev/null`;

/**
 * SQL, within a transaction, that keeps a table's own triggers from firing: one of a module may write down what a row held before. Does
 * nothing in a session that has none anyway. {@link resumeTriggers} has to follow.
 */
export const pauseTriggers = (table: string): string => `CREATE TEMP TABLE paused ON COMMIT DROP AS
  SELECT tgrelid::regclass AS "table", tgname AS name FROM pg_trigger WHERE tgrelid = ${literal(quoted(table))}::regclass
    AND NOT tgisinternal AND tgenabled = 'O' AND current_setting('session_replication_role') <> 'replica';
SELECT format('ALTER TABLE %s DISABLE TRIGGER %I', "table", name) FROM paused \\gexec`;

/** SQL that has them fire again. */
export const resumeTriggers = `SELECT format('ALTER TABLE %s ENABLE TRIGGER %I', "table", name) FROM paused \\gexec
DROP TABLE paused;`;
