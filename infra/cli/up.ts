import { Listr } from "listr2";
import { type CommonOptions, elapsed, rendererOptions, Stopwatch, timed } from "./display";
import { interruption, type Outcome, prepareAll, upStack } from "./deploy";
import { findStacks, type StackFile } from "./stacks";
import { projectDir, type Workspace } from "./workspace";

/**
 * Brings a group of stacks up, platform first: prepares the engine, Docker and the images, then runs `pulumi up` for each.
 * @param name A stack, or the beginning that a group of stacks shares.
 */
export async function up(name: string, options: CommonOptions): Promise<void> {
  await bringUp(findStacks(projectDir(), name), options);
}

/** Brings stacks up, in this order. */
export async function bringUp(stacks: readonly StackFile[], options: CommonOptions): Promise<void> {
  const watch = new Stopwatch();
  const outcomes: Outcome[] = [];
  const signal = interruption();
  let workspace: Workspace;
  const tasks = new Listr(
    [
      prepareAll(stacks, watch, (prepared) => void (workspace = prepared)),
      ...stacks.map((stack) =>
        timed(watch, `pulumi up -s ${stack.name}`, async (report) => {
          signal.throwIfAborted();
          const outcome = await upStack(workspace, stack, report, signal);
          if (outcome) outcomes.push(outcome);
        }),
      ),
    ],
    rendererOptions(options),
  );
  await tasks.run();
  show(outcomes, watch, options);
}

function show(outcomes: readonly Outcome[], watch: Stopwatch, options: CommonOptions): void {
  if (options.json) {
    console.log(JSON.stringify({ environments: outcomes, seconds: watch.all() }));
    return;
  }
  console.log();
  for (const { stack, url, login, password } of outcomes) {
    console.log(`${stack} is up: ${url}`);
    const kept = `as before; \`npx odoo-stacks password ${stack}\` prints it`;
    console.log(`  login ${login}, password ${password ?? kept}`);
    if (password) console.log(`  It is shown this once; \`npx odoo-stacks password ${stack}\` prints it again.`);
  }
  console.log("\nTime taken:");
  for (const [part, seconds] of Object.entries(watch.all())) console.log(`  ${elapsed(seconds).padStart(8)}  ${part}`);
}
