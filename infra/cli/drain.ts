import { UserError } from "../core/errors";
import { managerEnv } from "../swarm/engines";
import { dataOn, markDrained, type SwarmNode, swarmNodes } from "../swarm/places";
import { updateNode } from "../swarm/updateNode";
import { confirm } from "./confirm";
import type { CommonOptions } from "./display";
import { machineNamed, nodeOf, ownMachines } from "./platformMachines";
import { findStacks, listStacks, type StackFile } from "./stacks";
import { bringUp } from "./up";
import { projectDir } from "./workspace";

/** How a machine is taken out, or let in again. */
export interface DrainOptions extends CommonOptions {
  /** Lets it in again. */
  readonly end?: boolean;
  readonly yes?: boolean;
}

/**
 * Takes a web machine out of its platform: environments are released without it, as to another version, and then nothing of
 * Swarm runs on it any more. With `end` it is let in again.
 * @param platformName The platform's stack.
 * @param machine The machine, as the platform's file calls it.
 */
export async function drain(platformName: string, machine: string, options: DrainOptions): Promise<void> {
  const project = projectDir();
  const [platform] = findStacks(project, platformName);
  if (!platform) return;
  machineNamed(ownMachines(platform), machine, "the machine");
  const node = nodeOf(machine, await swarmNodes(managerEnv()), platform.name);
  const environments = listStacks(project).filter(
    (stack) => stack.kind === "environment" && stack.platform === platform.name && stack.stage === "production",
  );
  const names = environments.map(({ name }) => name);
  if (options.end) {
    requireBack(machine, node, platform.name);
    await setAvailability(node, "active");
    await markDrained(machine, false, managerEnv());
    await bringUp(environments, options);
    return;
  }
  requireSpare(platform, machine, node, names);
  if (!options.yes) {
    const what = `This releases ${names.join(", ")} without ${machine}, and ends all that Swarm runs on it.`;
    await confirm({ what, command: `npx odoo-stacks drain ${platform.name} ${machine} --yes` });
  }
  await markDrained(machine, true, managerEnv());
  await bringUp(environments, options);
  await setAvailability(node, "drain");
  if (!options.json) {
    console.log(`\n${machine} is out: nothing of ${platform.name} runs on it.`);
    console.log(`To let it in again: npx odoo-stacks drain ${platform.name} ${machine} --end`);
  }
}

/** Scheduled jobs that run there go to another machine. */
async function setAvailability({ id }: SwarmNode, availability: "active" | "drain"): Promise<void> {
  await updateNode(id, ["--availability", availability], managerEnv());
}

/** What does not answer would have no part of the release that lets it in again. */
export function requireBack(machine: string, { state }: SwarmNode, platform: string): void {
  if (state === "ready") return;
  throw new UserError(`${machine} can't be let in again yet.`, [
    {
      path: machine,
      expected: "a machine that the Swarm hears of",
      found: state,
      hint: `Bring it back; where it was installed anew, npx odoo-stacks up ${platform} has it join again.`,
    },
  ]);
}

/**
 * Only what others do as well can be taken out. Of one that is down, what else is on it does not count: it is away as it is.
 * @param released The environments that are released without it.
 */
export function requireSpare(
  { name, machines }: StackFile,
  machine: string,
  node: SwarmNode,
  released: readonly string[],
): void {
  const refuse = (found: string, hint: string) =>
    new UserError(`${machine} can't be taken out.`, [
      { path: machine, expected: "a machine whose work others can do", found, hint },
    ]);
  if (machines[0]?.name === machine) {
    throw refuse("the manager, with the proxy", `Another machine can have the role proxy, in ${name}'s file.`);
  }
  const isReady = node.state === "ready";
  const stacks = dataOn(node, true).filter((stack) => isReady || released.includes(stack));
  if (stacks.length === 0) return;
  const [stack = ""] = stacks;
  const file = `in ${name}'s file; npx odoo-stacks up ${name}; then npx odoo-stacks`;
  throw refuse(
    `data of ${stacks.join(", ")}, or the records of their releases`,
    isReady
      ? `Take it off the roles that need them, ${file} move-database ${stack}, or move-filestore ${stack}`
      : `Bring it back. If it is lost for good, take it out of the list, ${file} let-go ${stack} ${machine} --lost`,
  );
}
