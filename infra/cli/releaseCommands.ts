import type { Command } from "commander";
import type { MaintenanceOptions } from "./maintenance";
import type { ReleaseOptions } from "./release";
import type { RollbackOptions } from "./rollback";
import type { TestOptions } from "./testModules";
import type { CommonOptions } from "./display";

/** Loaded when a command is called, as in `main.ts`. */
const lazy = {
  history: () => require("./history") as typeof import("./history"),
  release: () => require("./release") as typeof import("./release"),
  rollback: () => require("./rollback") as typeof import("./rollback"),
  maintenance: () => require("./maintenance") as typeof import("./maintenance"),
  announce: () => require("./announce") as typeof import("./announce"),
  testModules: () => require("./testModules") as typeof import("./testModules"),
};

const stackOption = ["-s, --stack <name>", "the environment's stack", "local-prod"] as const;
const jsonOption = ["--json", "print the outcome as JSON"] as const;
const yesOption = ["--yes", "ask nothing"] as const;

/** The commands that releases are made, undone, planned and tested with. */
export function addReleaseCommands(cli: Command): void {
  cli
    .command("release")
    .description("release a version on an environment: `pulumi up` with every step shown")
    .option(...stackOption)
    .option("--image <tag>", "the version, written into the stack's file; `addons` is that of your modules as they are")
    .option("--at <time>", "wait for a time and tell users: 18:30, 2026-01-31T18:30, or in 10m")
    .option("--impact <text>", "what users are told to expect, with --at")
    .option(...yesOption)
    .option(...jsonOption)
    .action((options: ReleaseOptions) => lazy.release().release(options));
  cli
    .command("rollback")
    .description("go back to an earlier version, on request with its data")
    .argument("[release]", "the release that brought the version; the one before the version that runs by default")
    .option(...stackOption)
    .option("--with-data", "put database and files back as well: what was entered since is lost")
    .option(...yesOption)
    .option(...jsonOption)
    .action((id: string | undefined, options: RollbackOptions) => lazy.rollback().rollback(id, options));
  cli
    .command("history")
    .description("list what was released on an environment")
    .option(...stackOption)
    .option("--json", "print it as JSON")
    .action((options: CommonOptions & { stack: string }) => lazy.history().history(options));
  cli
    .command("maintenance")
    .description("show users a maintenance page, or let them in again")
    .argument("<state>", "on or off")
    .option(...stackOption)
    .option("-m, --message <text>", "what users read")
    .option("-a, --allow <address...>", "addresses and networks that reach Odoo all the same")
    .option(...jsonOption)
    .action((state: string, options: MaintenanceOptions) => lazy.maintenance().maintenance(state, options));
  cli
    .command("announce")
    .description("tell all users who are logged in what is planned")
    .option(...stackOption)
    .requiredOption("--at <time>", "when: 18:30, 2026-01-31T18:30, or in 10m")
    .requiredOption("--impact <text>", "what to expect")
    .option(...jsonOption)
    .action((options: CommonOptions & { stack: string; at: string; impact: string }) =>
      lazy.announce().announce(options),
    );
  cli
    .command("test-modules")
    .description("run modules' own tests on a copy of an environment's data")
    .argument("[modules...]", "the modules; all of your own that are installed by default")
    .option(...stackOption)
    .option("--image <tag>", "the version to test; the one that the next release is of by default")
    .option("-o, --output <folder>", "where the report goes", "reports")
    .option(...jsonOption)
    .action((modules: string[], options: TestOptions) => lazy.testModules().testModules(modules, options));
}
