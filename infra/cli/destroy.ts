import { createInterface } from "node:readline/promises";
import { Listr } from "listr2";
import { UserError } from "../core/errors";
import { run } from "../core/exec";
import { listContainers } from "./containers";
import { type CommonOptions, rendererOptions } from "./display";
import { clearStaleLock } from "./locks";
import { removeOrphans } from "./orphans";
import { cleanUp, forgetSalt } from "./leftovers";
import { findStacks, listStacks, type StackFile } from "./stacks";
import { explained, openStack, prepareWorkspace, projectDir, type Workspace } from "./workspace";

/**
 * Removes stacks with everything they made, environments before their platform, then what this project keeps for them on
 * the machine. Images and other caches stay. Where data would go, the name has to be typed, or `--yes` given.
 * @param name A stack, or the beginning that a group of stacks shares.
 */
export async function destroy(name: string, options: CommonOptions & { yes?: boolean }): Promise<void> {
  const stacks = findStacks(projectDir(), name).reverse();
  await refuseWhileUsed(stacks);
  if (!options.yes) await confirm(name, stacks);
  let workspace: Workspace;
  const tasks = new Listr(
    [
      {
        title: "Pulumi engine",
        task: async (_, task) => void (workspace = await prepareWorkspace((line) => (task.output = line))),
      },
      ...stacks.map((stack) => ({
        title: `pulumi destroy -s ${stack.name}`,
        task: (_: unknown, task: { output: string }) => destroyStack(workspace, stack, (line) => (task.output = line)),
      })),
      { title: "Cleaning up", task: async (_, task) => cleanUp(workspace, (line) => (task.output = line)) },
    ],
    rendererOptions(options),
  );
  await tasks.run();
  if (options.json) console.log(JSON.stringify({ destroyed: stacks.map((stack) => stack.name) }));
}

async function destroyStack(
  workspace: Workspace,
  { name, file }: StackFile,
  report: (line: string) => void,
): Promise<void> {
  const stack = await openStack(workspace, name);
  clearStaleLock(workspace, name, report);
  await removeOrphans(stack, name, report);
  // The name was typed, or --yes given: what protects the data from a slip has done its work.
  const unprotect = ["state", "unprotect", "--all", "--yes", "--stack", name, "--cwd", workspace.project];
  await run([workspace.engine.pulumi, ...unprotect], { env: workspace.env, timeoutSeconds: 60 });
  const show = (text: string) => text.trim() && report(text.trim().split("\n").at(-1) ?? "");
  await explained(name, () => stack.destroy({ onOutput: show }));
  await stack.workspace.removeStack(name, { preserveConfig: true });
  forgetSalt(file);
}

/** A platform goes last: environments that are not part of this call still need it. */
async function refuseWhileUsed(stacks: readonly StackFile[]): Promise<void> {
  const platforms = stacks.filter(({ kind }) => kind === "platform").map(({ name }) => name);
  const own = new Set(stacks.map(({ name }) => name));
  const users = listStacks(projectDir()).filter(
    ({ name, platform }) => platforms.includes(platform ?? "") && !own.has(name),
  );
  const containers = await listContainers().catch(() => []); // Without Docker nothing runs.
  const running = containers.map(({ stack }) => stack);
  const problems = users
    .filter(({ name }) => running.includes(name))
    .map(({ name, platform }) => ({
      path: platform ?? "",
      expected: "a platform without environments",
      found: `${name} runs on it`,
      hint: `npx odoo-stacks destroy ${name}`,
    }));
  if (problems.length > 0) throw new UserError("The platform is in use.", problems);
}

async function confirm(name: string, stacks: readonly StackFile[]): Promise<void> {
  const names = stacks.map((stack) => stack.name).join(", ");
  if (!process.stdin.isTTY) {
    throw new UserError(`This would remove ${names} with all data.`, [
      {
        path: "--yes",
        expected: "the flag, where nobody can be asked",
        found: "nothing",
        hint: `odoo-stacks destroy ${name} --yes`,
      },
    ]);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const typed = await terminal.question(`This removes ${names} with all data. Type ${name} to go on: `);
  terminal.close();
  if (typed.trim() !== name) throw new UserError("Nothing was removed: another name was typed.");
}
