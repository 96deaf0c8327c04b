import { mkdirSync } from "node:fs";
import { type Argv, containerAt, exec } from "../../commands/docker";
import { run } from "../../core/exec";
import { literal, psql } from "../psql";
import { copySeconds, keepLog, ownAsCluster } from "./database";
import type { OriginFolder } from "./origin";
import { PsqlSession } from "./session";

/** What a server knows the sending of its cluster by; PostgreSQL keeps 63 bytes. */
export const sendingName = (stack: string): string => `odoo-stacks-copy-${stack}`.slice(0, 63);

/**
 * Has a server send its cluster as an archive.
 * @param container Its container, on whichever machine.
 * @param stack The environment that the copy is for.
 */
export const sendCluster = (container: string, stack: string): Argv => {
  const backup = "pg_basebackup --pgdata - --format tar --wal-method fetch --checkpoint fast --no-manifest";
  const named = ["env", `PGAPPNAME=${sendingName(stack)}`];
  return exec(container, [...named, ...backup.split(" "), "--username", "postgres"]);
};

/** Has a server stop sending its cluster: it would go on for nobody when the connection is gone. */
export async function endSending(container: string, stack: string): Promise<void> {
  const name = literal(sendingName(stack));
  const sql = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = ${name};`;
  await psql(container, "postgres", sql);
}

/** Sends a cluster that no server runs on as an archive. */
export const sendFolder = (folder: string): Argv => [
  "tar",
  "--create",
  "--directory",
  folder,
  "--exclude=./postmaster.*",
  ".",
];

/**
 * Copies a running cluster through its server: slower, and works wherever `docker exec` reaches it.
 * @param container The server's container.
 * @param stack The environment that the copy is for.
 * @param to A folder that does not exist yet.
 * @returns the moment that the copy is of, ISO 8601.
 */
export async function copyThroughServer(container: string, stack: string, to: string): Promise<string> {
  // Over a network it may take so long that the server would let go of the log that it began with.
  const session = containerAt(container).engine === undefined ? undefined : await PsqlSession.open(container);
  try {
    if (session) await keepLog(session);
    await receive(sendCluster(container, stack), to);
  } finally {
    session?.close();
  }
  return new Date().toISOString();
}

/** Copies a cluster that no server runs on from another machine. */
export async function copyFromElsewhere({ path, reach }: Required<OriginFolder>, to: string): Promise<void> {
  await receive(reach(sendFolder(path)), to);
}

/** Unpacks what a command sends. */
async function receive(send: Argv, to: string): Promise<void> {
  mkdirSync(to, { mode: 0o700 });
  // Without pipefail a backup that breaks off would pass for a whole one.
  const script = 'set -o pipefail; to=$1; shift; "$@" | tar --extract --numeric-owner --directory "$to"';
  await run(["bash", "-c", script, "bash", to, ...send], { timeoutSeconds: copySeconds });
  await ownAsCluster(to);
}
