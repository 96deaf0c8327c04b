import { literal } from "../psql";
import type { MoveCheck } from "./plan";

/** Name of the role that the copy is made by, of its slot and of its session; pg_hba.conf of the image lets it in. */
const role = "odoo_stacks_move";

/** A server in recovery is behind by less than this when it keeps up, in bytes. */
const closeBytes = 16 * 1024 ** 2;

/** Ends what the copy is made with; where nothing of it is, nothing happens. */
export const dismissSql = (): string => `
SET client_min_messages = warning;
SELECT 'ALTER ROLE ${role} NOLOGIN' FROM pg_roles WHERE rolname = '${role}' \\gexec
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = '${role}' \\g /dev/null
SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '${role}' \\g /dev/null
DROP ROLE IF EXISTS ${role};
`;

/** Lets the copy be made. @param verifier What is kept of the role's password. */
export const admitSql = (verifier: string): string =>
  `${dismissSql()}CREATE ROLE ${role} REPLICATION LOGIN PASSWORD ${literal(verifier)};\n`;

/** Says how many sessions a database takes, -1 for any number. What a move has set and could not take back does not count. */
export const limitSql = (database: string): string =>
  `SELECT CASE datconnlimit WHEN 0 THEN -1 ELSE datconnlimit END FROM pg_database WHERE datname = ${literal(database)};`;

/** Has a database take sessions again. @param limit As {@link limitSql} has said. */
export const letInSql = (database: string, limit: number): string =>
  `SELECT format('ALTER DATABASE %I CONNECTION LIMIT ${limit}', ${literal(database)}) \\gexec\n`;

/** Says what a copy would be without, one a line: data outside of the volume, and what others read of the server's log. */
export const obstaclesSql = `
SELECT 'the tablespace ' || spcname FROM pg_tablespace WHERE spcname NOT IN ('pg_default', 'pg_global');
SELECT 'the replication slot ' || slot_name FROM pg_replication_slots WHERE slot_name NOT LIKE 'odoo\\_stacks\\_%';
`;

/** Says `t` when a copy follows the server and has nearly all of its log. */
export const followsSql = `SELECT status = 'streaming' AND pg_wal_lsn_diff(coalesce(latest_end_lsn, flushed_lsn), pg_last_wal_replay_lsn()) < ${closeBytes}
  FROM pg_stat_wal_receiver;`;

/** Writes all to disk that is due, so that the server ends quickly; says where its log is then. */
export const checkpointSql = "CHECKPOINT;\nSELECT pg_logical_emit_message(false, 'odoo-stacks', 'move', true);";

/**
 * The same on the copy.
 * @param position Where it must be before.
 * @param seconds How long it may take to get there.
 */
export const followCheckpointSql = (position: string, seconds: number): string => `
DO $$ BEGIN
  FOR i IN 1 .. ${seconds * 20} LOOP
    IF pg_last_wal_replay_lsn() >= ${literal(position)} THEN RETURN; END IF;
    PERFORM pg_sleep(0.05);
  END LOOP;
  RAISE 'the copy has not caught up within ${seconds} s: it is at %, the server is past ${position}', pg_last_wal_replay_lsn();
END $$;
CHECKPOINT;
`;

/** Names the tables whose rows stay over a restart, the smallest first, as SQL has them; each a JSON text on a line. */
export const tablesSql = `
SELECT to_json(format('%I.%I', n.nspname, c.relname)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
 ORDER BY pg_table_size(c.oid), n.nspname, c.relname;
`;

/**
 * Counts rows until the time is over; each a JSON array on a line, with null for what was not counted.
 * @param tables As {@link tablesSql} names them.
 */
export const countSql = (tables: readonly string[], seconds: number): string =>
  [
    // One that is cut off is an error, and no reason to end.
    "\\set ON_ERROR_STOP off",
    `SET statement_timeout = '${Math.round(seconds * 1000)}ms';`,
    `SELECT clock_timestamp() + interval '${seconds} s' AS deadline \\gset`,
    ...tables.map((table) => {
      const count = `CASE WHEN clock_timestamp() < :'deadline' THEN (SELECT count(*) FROM ONLY ${table}) END`;
      return `SELECT json_build_array(${literal(table)}, ${count});`;
    }),
    "\\set ON_ERROR_STOP on",
    "SET statement_timeout = 0;",
    "",
  ].join("\n");

/** Which cluster it is, and where it stands. */
export interface ServerFacts {
  /** The same in a cluster and in its copies. */
  readonly system: string;
  /** Whether it follows another one. */
  readonly follows: boolean;
}

const factsSql = `SELECT json_build_object('system', system_identifier::text, 'follows', pg_is_in_recovery()) FROM pg_control_system();`;

/**
 * Ends all sessions but superusers' and lets none begin, also in copies of the cluster: what is written in the new place before
 * that is found to be right would be lost if it is not. Then says what {@link parseAnswer} takes.
 */
export const freezeSql = (tables: readonly string[], seconds: number): string => `
SELECT format('ALTER DATABASE %I CONNECTION LIMIT 0', current_database()) \\gexec
SELECT pg_terminate_backend(a.pid, 5000) FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid
 WHERE a.datname = current_database() AND NOT r.rolsuper \\g /dev/null
${factsSql}
${countSql(tables, seconds)}`;

/** Writes something and takes it away again; then says what {@link parseAnswer} takes. */
export const verifySql = (tables: readonly string[], seconds: number): string => `
SET client_min_messages = warning;
BEGIN;
CREATE TABLE public.odoo_stacks_move (at timestamptz);
INSERT INTO public.odoo_stacks_move VALUES (now());
DROP TABLE public.odoo_stacks_move;
COMMIT;
${factsSql}
${countSql(tables, seconds)}`;

/** What a server says of itself, and the rows of its tables as far as they were counted. */
export interface ServerAnswer extends ServerFacts {
  readonly rows: ReadonlyMap<string, number>;
}

/** Reads what {@link freezeSql} or {@link verifySql} has a server say. */
export function parseAnswer(text: string): ServerAnswer {
  const lines = text
    .split("\n")
    .filter((line) => /^[[{]/.test(line))
    .map((line) => JSON.parse(line) as ServerFacts | [string, number | null]);
  const facts = lines.find((line): line is ServerFacts => !Array.isArray(line));
  if (!facts) throw new Error(`PostgreSQL did not say what was asked: ${text.slice(0, 200)}`);
  return { ...facts, rows: counted(text) };
}

/** The rows of tables that {@link countSql} has counted. */
export function counted(text: string): ReadonlyMap<string, number> {
  const lines = text.split("\n").filter((line) => line.startsWith("["));
  const all = lines.map((line) => JSON.parse(line) as [string, number | null]);
  return new Map(all.filter((pair): pair is [string, number] => pair[1] !== null));
}

/**
 * Compares what two servers said.
 * @param tables How many tables there are.
 * @throws Error when the second is not the first one's copy, as far as can be seen.
 */
export function compare(before: ServerAnswer, after: ServerAnswer, tables: number): MoveCheck {
  if (after.system !== before.system) {
    throw new Error(`The cluster in the new place is another one: ${after.system}, not ${before.system}.`);
  }
  if (after.follows) throw new Error("The server in the new place still follows the old one.");
  const both = [...before.rows].filter(([table]) => after.rows.has(table));
  const differ = both.filter(([table, count]) => after.rows.get(table) !== count);
  if (differ.length > 0) {
    const shown = differ.slice(0, 5).map(([table, count]) => `${table}: ${count}, then ${after.rows.get(table) ?? 0}`);
    throw new Error(`Rows differ in ${differ.length} tables: ${shown.join("; ")}.`);
  }
  return { compared: both.length, tables, rows: both.reduce((sum, [, count]) => sum + count, 0) };
}

/** Reads the position of the last checkpoint of a cluster whose server has ended. @throws Error unless it has ended in order. */
export function shutdownPosition(controlData: string): string {
  const field = (name: string) => new RegExp(`^${name}: *(.*)$`, "m").exec(controlData)?.[1]?.trim() ?? "";
  const state = field("Database cluster state");
  if (state !== "shut down") throw new Error(`The old server did not end in order: its cluster is "${state}".`);
  const position = field("Latest checkpoint location");
  if (!/^[0-9A-F]+\/[0-9A-F]+$/.test(position))
    throw new Error(`The old cluster has no last checkpoint: "${position}".`);
  return position;
}
