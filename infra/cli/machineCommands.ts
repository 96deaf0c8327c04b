import type { Command } from "commander";
import type { CommonOptions } from "./display";
import type { DrainOptions } from "./drain";
import type { MoveDatabaseOptions } from "./moveDatabase";

/** Loaded when a command is called, as in `main.ts`. */
const lazy = {
  drain: () => require("./drain") as typeof import("./drain"),
  letGo: () => require("./letGo") as typeof import("./letGo"),
  letGoLost: () => require("./letGoLost") as typeof import("./letGoLost"),
  moveDatabase: () => require("./moveDatabase") as typeof import("./moveDatabase"),
  moveFilestore: () => require("./moveFilestore") as typeof import("./moveFilestore"),
};

const jsonOption = ["--json", "print the outcome as JSON"] as const;
const yesOption = ["--yes", "ask nothing"] as const;

/** The commands for platforms with several machines of the user's own. */
export function addMachineCommands(cli: Command): void {
  cli
    .command("drain")
    .description("take a web machine out of a platform without a lost request, or let it in again")
    .argument("<platform>", "the platform's stack")
    .argument("<machine>", "the machine, as the platform's file calls it")
    .option("--end", "let it in again")
    .option(...yesOption)
    .option(...jsonOption)
    .action((platform: string, machine: string, options: DrainOptions) =>
      lazy.drain().drain(platform, machine, options),
    );
  cli
    .command("move-database")
    .description("move an environment's database to another machine of its platform, or to RDS")
    .argument("<stack>", "the environment's stack")
    .option(
      "--to <machine>",
      "the machine; by default RDS where its file has an instance there, else where the platform's file has it",
    )
    .option(...yesOption)
    .option(...jsonOption)
    .action((stack: string, options: MoveDatabaseOptions) => lazy.moveDatabase().moveDatabase(stack, options));
  cli
    .command("move-filestore")
    .description("move an environment's files to where its platform has them, while everybody goes on working")
    .argument("<stack>", "the environment's stack")
    .option(...yesOption)
    .option(...jsonOption)
    .action((stack: string, options: CommonOptions & { yes?: boolean }) =>
      lazy.moveFilestore().moveFilestore(stack, options),
    );
  cli
    .command("let-go")
    .description("remove the data of an environment that was left behind on a machine when it was moved")
    .argument("<stack>", "the environment's stack")
    .argument("<machine>", "the machine")
    .option("--lost", "the machine is gone for good: only have Pulumi forget what was there")
    .option("--yes", "do not ask for the name to be typed")
    .option(...jsonOption)
    .action((stack: string, machine: string, options: CommonOptions & { lost?: boolean; yes?: boolean }) =>
      options.lost ? lazy.letGoLost().letGoLost(stack, machine, options) : lazy.letGo().letGo(stack, machine, options),
    );
}
