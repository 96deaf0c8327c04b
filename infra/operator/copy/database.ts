import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../core/exec";
import { copyTree, type Sharing } from "./files";
import { PsqlSession } from "./session";

/** Copying some 100 GB over one slow disk, in seconds. */
export const copySeconds = 8 * 3600;

/**
 * Files of a running cluster that a copy does without: its log, which follows later, and what belongs to the server that runs.
 * See "Making a Base Backup Using the Low Level API", https://www.postgresql.org/docs/17/continuous-archiving.html
 */
const leftOut = ["./pg_wal/*", "./pg_replslot/*", "./pg_stat_tmp/*", "./postmaster.*", "*/pgsql_tmp*"];

/** Read last, so that it is not older than any other file. */
const control = "global/pg_control";

/** A running cluster to copy. */
export interface RunningCluster {
  /** ID of the server's container. */
  readonly container: string;
  /** The folder of the cluster, as this process sees it. */
  readonly folder: string;
}

/**
 * Copies the files of a running cluster on the same machine. The server goes on; the copy recovers, when it starts, to the
 * moment at which the copying ended.
 * @param to A folder that does not exist yet.
 * @param sharing Whether blocks are shared.
 * @returns the moment that the copy is of, ISO 8601.
 */
export async function copyRunning(
  { container, folder }: RunningCluster,
  to: string,
  sharing: Sharing,
): Promise<string> {
  const session = await PsqlSession.open(container);
  try {
    await keepLog(session);
    const [first = ""] = await session.ask("SELECT pg_walfile_name(pg_backup_start('odoo-stacks', fast => true));");
    await copyTree(folder, to, { sharing, leaveOut: [...leftOut, `./${control}`], timeoutSeconds: copySeconds });
    await copyInto(folder, to, [control], sharing);
    const [last = "", at = "", ...label] = await session.ask(
      `SELECT pg_walfile_name(lsn) || E'\\n' || to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
         || E'\\n' || labelfile FROM pg_backup_stop(wait_for_archive => false);`.replaceAll("\n", " "),
    );
    writeFileSync(join(to, "backup_label"), `${label.join("\n").trimEnd()}\n`);
    const log = await session.ask(
      `SELECT name FROM pg_ls_waldir() WHERE name BETWEEN '${first}' AND '${last}' OR name LIKE '%.history';`,
    );
    await copyInto(
      folder,
      to,
      log.map((name) => `pg_wal/${name}`),
      sharing,
    );
    await ownAsCluster(to);
    return at;
  } finally {
    session.close();
  }
}

/** For as long as a session lasts, has the server keep the log that a copy will need, up to `max_slot_wal_keep_size`. */
export async function keepLog(session: PsqlSession): Promise<void> {
  await session.ask("SET client_min_messages = error; SET statement_timeout = 0; SET idle_session_timeout = 0;");
  await session.ask(
    "SELECT FROM pg_create_physical_replication_slot('odoo_stacks_copy_' || pg_backend_pid(), true, true);",
  );
}

/** Copies a cluster that no server runs on. */
export async function copyAtRest(from: string, to: string, sharing: Sharing): Promise<void> {
  await copyTree(from, to, { sharing, leaveOut: ["./postmaster.*"], timeoutSeconds: copySeconds });
  await ownAsCluster(to);
}

/** Copies some files of a folder to the same places in another one. */
async function copyInto(from: string, to: string, paths: readonly string[], sharing: Sharing): Promise<void> {
  if (paths.length === 0) return;
  const script = 'cd "$1" && xargs cp --archive --parents --reflink="$3" --target-directory="$2"';
  await run(["sh", "-c", script, "sh", from, to, sharing], { input: paths.join("\n"), timeoutSeconds: copySeconds });
}

/** The server refuses a folder that others may enter, or that is not its own. */
export async function ownAsCluster(folder: string): Promise<void> {
  await run(["sh", "-c", 'chown --reference="$1/PG_VERSION" "$1" && chmod 700 "$1"', "sh", folder]);
  await run(["sh", "-c", '[ ! -e "$1" ] || chown --reference="$2" "$1"', "sh", join(folder, "backup_label"), folder]);
}
