import { spawn } from "node:child_process";
import { onContainer } from "../commands/docker";
import { addedVariables } from "../core/exec";
import { nearest } from "../core/nearest";
import { UserError } from "../core/errors";
import type { Role } from "../core/labels";
import { listContainers } from "./containers";
import { findStacks, type StackFile } from "./stacks";
import { projectDir } from "./workspace";

/** What is shown of the logs. */
export interface LogOptions {
  readonly stack: string;
  /** A key of `roles`. */
  readonly role: string;
  readonly follow?: boolean;
  /** Number of the last lines, or `all`. */
  readonly tail: string;
  /** A time, or how long ago, as `docker logs` takes it. */
  readonly since?: string;
}

const roles: Readonly<Record<string, Role>> = {
  web: "odoo-web",
  cron: "odoo-cron",
  postgres: "postgres",
  proxy: "proxy",
  mail: "mail",
};

/** Shows what a stack's containers of one role wrote, those that have ended first. */
export async function logs(options: LogOptions): Promise<void> {
  const role = roles[options.role];
  if (!role) {
    const names = Object.keys(roles);
    const meant = nearest(options.role, names);
    throw new UserError("No such role.", [
      {
        path: "--role",
        expected: `one of ${names.join(", ")}`,
        found: `"${options.role}"`,
        hint: meant ? `Did you mean "${meant}"?` : undefined,
      },
    ]);
  }
  const [file] = findStacks(projectDir(), options.stack);
  const stack = role === "proxy" ? platformOf(file) : file?.name;
  const containers = (await listContainers(stack, role)).reverse();
  if (containers.length === 0) {
    throw new UserError(`${options.stack} has no ${options.role} container.`, [
      { path: options.stack, expected: "a stack that is up", found: "none", hint: "npx odoo-stacks status" },
    ]);
  }
  for (const { id, state } of containers) {
    const follow = options.follow && state === "running" ? ["--follow"] : [];
    const since = options.since ? ["--since", options.since] : [];
    await new Promise((resolve) => {
      const [program = "", ...argv] = onContainer(id, (own) => [
        ...["docker", "logs", ...follow, ...since, "--tail", options.tail],
        own,
      ]);
      spawn(program, argv, { stdio: "inherit", env: { ...process.env, ...addedVariables() } }).once("close", resolve);
    });
  }
}

/** Requests come in over the platform's proxy. */
function platformOf(file: StackFile | undefined): string | undefined {
  return file?.platform ?? file?.name;
}
