import type { Command } from "commander";
import type { DrainOptions } from "./drain";

/** Loaded when a command is called, as in `main.ts`. */
const lazy = { drain: () => require("./drain") as typeof import("./drain") };

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
}
