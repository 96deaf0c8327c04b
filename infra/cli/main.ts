import { Command } from "commander";
import { UserError } from "../core/errors";
import type { CommonOptions } from "./display";

const stackOption = ["-s, --stack <name>", "the stack", "local-prod"] as const;

/** The command line. Each command's file is loaded when it is called, so that `--help` answers at once. */
function commands(): Command {
  const cli = new Command("odoo-stacks")
    .description("Odoo on your own infrastructure: what takes more than one `pulumi up`.")
    .showHelpAfterError("(`odoo-stacks --help` lists the commands)")
    .configureHelp({ sortSubcommands: true });

  cli
    .command("up")
    .description("bring a stack up, or all stacks that share the beginning of their name, with all they need")
    .argument("<name>", "a stack (local-prod), or the beginning that several share (local)")
    .option("--json", "print the outcome as JSON")
    .action(async (name: string, options: CommonOptions) => (await import("./up.js")).up(name, options));
  cli
    .command("destroy")
    .description("remove a stack, or all stacks that share the beginning of their name, with their data")
    .argument("<name>", "a stack (local-prod), or the beginning that several share (local)")
    .option("--yes", "do not ask for the name to be typed")
    .option("--json", "print the outcome as JSON")
    .action(async (name: string, options: CommonOptions & { yes?: boolean }) =>
      (await import("./destroy.js")).destroy(name, options),
    );
  cli
    .command("status")
    .description("show what runs, how it fares and how much it holds")
    .argument("[name]", "a stack, or the beginning that several share; all by default")
    .option("--json", "print it as JSON")
    .action(async (name: string | undefined, options: CommonOptions) =>
      (await import("./status.js")).status(name, options),
    );
  cli
    .command("logs")
    .description("show what a stack's containers wrote")
    .option(...stackOption)
    .option("-r, --role <role>", "one of web, cron, postgres, proxy", "web")
    .option("-f, --follow", "go on showing what they write")
    .option("-n, --tail <lines>", "so many of the last lines", "200")
    .option("--since <time>", "since a time (2026-01-31T12:00:00) or for so long (10m)")
    .action(async (options: Record<string, string>) => (await import("./logs.js")).logs(options as never));
  cli
    .command("shell")
    .description("open Odoo's Python shell on a stack's database")
    .option(...stackOption)
    .option("--bash", "open the container's own shell instead")
    .action(async (options: { stack: string; bash?: boolean }) => (await import("./shell.js")).shell(options));
  cli
    .command("psql")
    .description("open psql on a stack's database; arguments after -- go to psql")
    .option(...stackOption)
    .argument("[arguments...]", "arguments for psql")
    .action(async (args: string[], options: { stack: string }) => (await import("./shell.js")).psql(args, options));
  cli
    .command("env")
    .description('print the variables that plain `pulumi` commands need: eval "$(npx odoo-stacks env)"')
    .option("--json", "print them as JSON")
    .action(async (options: CommonOptions) => (await import("./env.js")).printEnvironment(options));
  cli
    .command("password")
    .description("print the administrator's login and password of a stack")
    .argument("<stack>", "the environment's stack")
    .option("--json", "print them as JSON")
    .action(async (stack: string, options: CommonOptions) => (await import("./env.js")).printPassword(stack, options));
  return cli;
}

/** Runs a command; a failure is printed and becomes the exit code 1. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    await commands().parseAsync(args, { from: "user" });
  } catch (error) {
    console.error(`\n${describe(error)}`);
    process.exitCode = 1;
  }
}

/** What a failure tells the user: the messages of expected ones, the stack of others. */
function describe(error: unknown): string {
  if (error instanceof UserError) return error.message;
  if (error instanceof Error && error.name === "AbortError") return "Interrupted. Run the command again to go on.";
  if (error instanceof Error) return process.env.ODOO_STACKS_DEBUG ? (error.stack ?? error.message) : error.message;
  return String(error);
}
