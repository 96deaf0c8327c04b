import type { Command } from "commander";
import type { CommonOptions } from "./display";
import type { DrainOptions } from "./drain";

/** Loaded when a command is called, as in `main.ts`. */
const lazy = {
  drain: () => require("./drain") as typeof import("./drain"),
  moveFilestore: () => require("./moveFilestore") as typeof import("./moveFilestore"),
};

/** The commands for platforms with several machines of the user's own. */
export function addMachineCommands(cli: Command): void {
  cli
    .command("drain")
    .description("take a web machine out of a platform without a lost request, or let it in again")
    .argument("<platform>", "the platform's stack")
    .argument("<machine>", "the machine, as the platform's file calls it")
    .option("--end", "let it in again")
    .option("--yes", "ask nothing")
    .option("--json", "print the outcome as JSON")
    .action((platform: string, machine: string, options: DrainOptions) =>
      lazy.drain().drain(platform, machine, options),
    );
  cli
    .command("move-filestore")
    .description("move an environment's files to where its platform has them, while everybody goes on working")
    .argument("<stack>", "the environment's stack")
    .option("--yes", "ask nothing")
    .option("--json", "print the outcome as JSON")
    .action((stack: string, options: CommonOptions & { yes?: boolean }) =>
      lazy.moveFilestore().moveFilestore(stack, options),
    );
}
