import { run } from "../core/exec";
import { type Argv, exec } from "../commands/docker";

/**
 * Runs SQL inside the server's container, as the superuser, or in a client's, as who that connects as, and returns what it prints,
 * values alone. The first error ends it. psql's own commands (`\connect`, `\gset` …) work too.
 * @param container The running postgres container, or that of a client.
 * @param database Where it begins.
 * @param sql Passed on standard input, so that it may be long.
 * @param timeoutSeconds Ends it after this long. @default 60
 */
export function psql(container: string, database: string, sql: string, timeoutSeconds = 60): Promise<string> {
  return run(exec(container, psqlIn(database), true), { input: sql, timeoutSeconds });
}

/**
 * The same as a command, to be run in the container.
 * @param options More of psql's options.
 */
export const psqlIn = (database: string, options: Argv = []): Argv => [
  ...["sh", "-c", 'exec psql -XAtq -v ON_ERROR_STOP=1 -U "${PGUSER:-postgres}" -d "$0" "$@"', database],
  ...options,
];

/** A text as an SQL literal that psql takes as it is: neither quotes nor backslashes nor colons in it mean anything. */
export function literal(text: string): string {
  return `E'${text.replaceAll("\\", String.raw`\\`).replaceAll("'", "''")}'`;
}
