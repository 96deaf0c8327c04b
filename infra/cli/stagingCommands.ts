import type { Command } from "commander";
import type { CheckSecuredOptions } from "./checkSecured";
import type { RefreshOptions } from "./refreshStaging";

/** Loaded when a command is called, as in `main.ts`. */
const lazy = {
  refreshStaging: () => require("./refreshStaging") as typeof import("./refreshStaging"),
  checkSecured: () => require("./checkSecured") as typeof import("./checkSecured"),
};

const stackOption = ["-s, --stack <name>", "the environment's stack", "local-staging"] as const;

/** The commands for environments that are copies of others. */
export function addStagingCommands(cli: Command): void {
  cli
    .command("refresh-staging")
    .description("make an environment anew from a fresh, secured copy of the one that it is a copy of")
    .option(...stackOption)
    .option(
      "--snapshot <which>",
      "latest, a time, or the ID of a set of the source; on RDS latest or automated; written into the stack's file",
    )
    .option("--yes", "ask nothing")
    .option("--json", "print the report of the copy as JSON")
    .action((options: RefreshOptions) => lazy.refreshStaging().refreshStaging(options));
  cli
    .command("check-secured")
    .description("look in a copy for e-mail addresses, IBANs and phone numbers of the environment that it is from")
    .option(...stackOption)
    .option("--json", "print what was found as JSON")
    .action((options: CheckSecuredOptions) => lazy.checkSecured().checkSecured(options));
}
