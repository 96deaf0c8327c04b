import type { Stack } from "@pulumi/pulumi/automation";
import { Listr } from "listr2";
import { UserError } from "../core/errors";
import { run } from "../core/exec";
import { confirm } from "./confirm";
import { listContainers } from "./containers";
import { requireDeletable } from "./deletable";
import { type CommonOptions, rendererOptions } from "./display";
import { clearStaleLock } from "./locks";
import { removeOrphans } from "./orphans";
import { forgetVolumes, readState, volumesKnownOn } from "./forgetVolumes";
import { cleanUp, forgetSalt } from "./leftovers";
import { useMachines } from "./machines";
import { findStacks, listStacks, type StackFile } from "./stacks";
import { repairCheckpoint } from "./checkpoint";
import { explained, openStack, prepareWorkspace, projectDir, type Workspace } from "./workspace";

/**
 * Removes stacks with everything they made, environments before their platform, then what this project keeps for them on
 * the machine. Images and other caches stay. Where data would go, the name has to be typed, or `--yes` given.
 * @param name A stack, or the beginning that a group of stacks shares.
 */
export async function destroy(name: string, options: CommonOptions & { yes?: boolean }): Promise<void> {
  const stacks = findStacks(projectDir(), name).reverse();
  await refuseWhileUsed(stacks);
  const names = stacks.map((stack) => stack.name).join(", ");
  const question = { what: `This removes ${names} with all data.`, name, command: `odoo-stacks destroy ${name} --yes` };
  if (!options.yes) await confirm(question);
  await destroyStacks(stacks, options);
  if (options.json) console.log(JSON.stringify({ destroyed: stacks.map((stack) => stack.name) }));
}

/** Removes stacks that somebody has agreed to lose, in the order given. */
export async function destroyStacks(stacks: readonly StackFile[], options: CommonOptions): Promise<void> {
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
}

async function destroyStack(workspace: Workspace, stackFile: StackFile, report: (line: string) => void): Promise<void> {
  const { name, file } = stackFile;
  const { away } = await useMachines(stackFile, listStacks(workspace.project), true);
  clearStaleLock(workspace, name, report);
  const repaired = repairCheckpoint(workspace, name, report);
  const stack = await openStack(workspace, name);
  if (stackFile.onRds) requireDeletable(name, (await readState(stack, name)).resources);
  await removeOrphans(stack, name, report, repaired);
  for (const machine of away) await forgetOn(stack, name, machine, report);
  // The name was typed, or --yes given: what protects the data from a slip has done its work.
  const unprotect = ["state", "unprotect", "--all", "--yes", "--stack", name, "--cwd", workspace.project];
  await run([workspace.engine.pulumi, ...unprotect], { env: workspace.env, timeoutSeconds: 60 });
  const show = (text: string) => text.trim() && report(text.trim().split("\n").at(-1) ?? "");
  await explained(name, () => stack.destroy({ onOutput: show }));
  await stack.workspace.removeStack(name, { preserveConfig: true });
  forgetSalt(file);
}

/** What is on a machine that does not answer can't be removed, and must not keep the rest. */
async function forgetOn(stack: Stack, name: string, machine: string, report: (line: string) => void): Promise<void> {
  const state = await readState(stack, name);
  const volumes = volumesKnownOn(name, machine, state.resources);
  if (volumes.length === 0) return;
  report(`${machine} does not answer: what ${name} has there stays on it.`);
  await forgetVolumes(stack, state, volumes);
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
