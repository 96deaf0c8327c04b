import { spawnSync } from "node:child_process";
import { onContainer } from "../commands/docker";
import { addedVariables } from "../core/exec";
import { findStacks } from "./stacks";
import { databaseContainer, runningContainer } from "./containers";
import { projectDir } from "./workspace";

/** Runs a command in a container with this terminal, and ends with its exit code. */
function inContainer(id: string, user: string, command: readonly string[]): void {
  const terminal = process.stdin.isTTY ? ["--tty"] : [];
  const options = ["--interactive", ...terminal, "--user", user];
  const [program = "", ...argv] = onContainer(id, (own) => ["docker", "exec", ...options, own, ...command]);
  process.exitCode =
    spawnSync(program, argv, { stdio: "inherit", env: { ...process.env, ...addedVariables() } }).status ?? 1;
}

/** Opens Odoo's Python shell on a stack's database; with `bash`, the shell of its web container. */
export async function shell({ stack, bash }: { stack: string; bash?: boolean }): Promise<void> {
  const [file] = findStacks(projectDir(), stack);
  const { id } = await runningContainer(file?.name ?? stack, "odoo-web");
  const odoo = [
    "odoo",
    "shell",
    "--config",
    "/etc/odoo/odoo.conf",
    "--no-http",
    "--workers",
    "0",
    "--max-cron-threads",
    "0",
  ];
  inContainer(id, "odoo", bash ? ["bash"] : odoo);
}

/**
 * Opens psql on a stack's database, as PostgreSQL's administrator: the role `postgres` over the container's own socket. Where the
 * database is on RDS, as Odoo's role.
 */
export async function psql(args: readonly string[], { stack }: { stack: string }): Promise<void> {
  const [file] = findStacks(projectDir(), stack);
  const { id } = await databaseContainer(file?.name ?? stack);
  inContainer(id, "postgres", ["sh", "-c", 'exec psql --dbname "$DATABASE" "$@"', "psql", ...args]);
}
