import { Command } from "commander";
import { UserError } from "../core/errors";
import type { CostOptions } from "./cost";
import type { CommonOptions } from "./display";
import { addMachineCommands } from "./machineCommands";
import { goToMachine } from "./machines";
import { addReleaseCommands } from "./releaseCommands";
import { addStagingCommands } from "./stagingCommands";

/** Loaded when a command is called: Pulumi's Automation API alone takes half a second. */
const lazy = {
  up: () => require("./up") as typeof import("./up"),
  destroy: () => require("./destroy") as typeof import("./destroy"),
  status: () => require("./status") as typeof import("./status"),
  logs: () => require("./logs") as typeof import("./logs"),
  shell: () => require("./shell") as typeof import("./shell"),
  env: () => require("./env") as typeof import("./env"),
  cleanUp: () => require("./cleanUp") as typeof import("./cleanUp"),
  cost: () => require("./cost") as typeof import("./cost"),
};

const stackOption = ["-s, --stack <name>", "the stack", "local-prod"] as const;

/** The command line. */
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
    .action((name: string, options: CommonOptions) => lazy.up().up(name, options));
  cli
    .command("destroy")
    .description("remove a stack, or all stacks that share the beginning of their name, with their data")
    .argument("<name>", "a stack (local-prod), or the beginning that several share (local)")
    .option("--yes", "do not ask for the name to be typed")
    .option("--json", "print the outcome as JSON")
    .action((name: string, options: CommonOptions & { yes?: boolean }) => lazy.destroy().destroy(name, options));
  cli
    .command("clean-up")
    .description("remove the development environments whose time (expiresAfter) is over, with their data")
    .option("--yes", "do not ask")
    .option("--json", "print what was found and removed as JSON")
    .action((options: CommonOptions & { yes?: boolean }) => lazy.cleanUp().cleanUpExpired(options));
  cli
    .command("status")
    .description("show what runs, how it fares and how much it holds")
    .argument("[name]", "a stack, or the beginning that several share; all by default")
    .option("--json", "print it as JSON")
    .action((name: string | undefined, options: CommonOptions) => lazy.status().status(name, options));
  cli
    .command("logs")
    .description("show what a stack's containers wrote")
    .option(...stackOption)
    .option("-r, --role <role>", "one of web, cron, postgres, proxy, mail", "web")
    .option("-f, --follow", "go on showing what they write")
    .option("-n, --tail <lines>", "so many of the last lines", "200")
    .option("--since <time>", "since a time (2026-01-31T12:00:00) or for so long (10m)")
    .action((options: Record<string, string>) => lazy.logs().logs(options as never));
  cli
    .command("shell")
    .description("open Odoo's Python shell on a stack's database")
    .option(...stackOption)
    .option("--bash", "open the container's own shell instead")
    .action((options: { stack: string; bash?: boolean }) => lazy.shell().shell(options));
  cli
    .command("psql")
    .description("open psql on a stack's database; arguments after -- go to psql")
    .option(...stackOption)
    .argument("[arguments...]", "arguments for psql")
    .action((args: string[], options: { stack: string }) => lazy.shell().psql(args, options));
  cli
    .command("env")
    .description('print the variables that plain `pulumi` commands need: eval "$(npx odoo-stacks env)"')
    .option("--json", "print them as JSON")
    .action((options: CommonOptions) => lazy.env().printEnvironment(options));
  cli
    .command("password")
    .description("print the administrator's login and password of a stack")
    .argument("<stack>", "the environment's stack")
    .option("--json", "print them as JSON")
    .action((stack: string, options: CommonOptions) => lazy.env().printPassword(stack, options));
  cli
    .command("cost")
    .description("estimate what a stack costs a month at AWS's list prices, before and after an `up`")
    .argument("[name]", "a stack, or the beginning that several share")
    .option("-s, --stack <name>", "the same")
    .option("--no-preview", "only what it costs now")
    .option("--json", "print the estimate as JSON")
    .action((name: string | undefined, options: CostOptions) => lazy.cost().cost(name, options));
  addReleaseCommands(cli);
  addStagingCommands(cli);
  addMachineCommands(cli);
  cli.hook("preAction", (_, command) => goToMachine(command));
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
