import type { Command } from "commander";
import { setVariables } from "../core/exec";
import { connect } from "../ssh/connect";
import { sshEnvironment } from "../ssh/config";
import { MachineDown } from "../ssh/failure";
import { dockerHostOf, type Machine } from "../ssh/machine";
import { useEngines } from "../swarm/engines";
import { downIn, placeOf, swarmNodes } from "../swarm/places";
import { findStacks, listStacks, machinesOf, type StackFile } from "./stacks";
import { projectDir } from "./workspace";

/** Commands that make machines, or remove them: they begin, or end, without. */
const makesMachines: ReadonlySet<string> = new Set(["up", "destroy"]);

/**
 * Sends what a command asks of Docker to the machines of the stack that it names, where those are others: to the one with its
 * files and its operator, and for containers to all of them. Images are made on this machine all the same.
 */
export async function goToMachine(command: Command): Promise<void> {
  const project = projectDir();
  const all = listStacks(project);
  const known = all.flatMap((stack) => stack.machines);
  if (known.length === 0) return;
  // Pulumi's programs, and what they run, get them from this process.
  Object.assign(process.env, sshEnvironment(project, known, process.env.PATH ?? ""));
  // It goes to one platform after the other.
  if (command.name() === "status") return;
  const { stack } = command.opts<{ stack?: string }>();
  const name = stack ?? (command.processedArgs as (string | undefined)[])[0];
  // Commands without one, and names that nothing has, are the command's own matter.
  if (name === undefined || !all.some((one) => one.name === name || one.name.startsWith(`${name}-`))) return;
  const [file] = findStacks(project, name);
  if (file) await useMachines(file, all, makesMachines.has(command.name()));
}

/** How the machines of a stack are reached. */
export interface Reached {
  /** Names of those that do not answer. */
  readonly away: readonly string[];
  /** The Engine of the machine with an environment's files, as `DOCKER_HOST` names it; undefined for this machine's own. */
  readonly operatorHost: (stack: string) => string | undefined;
}

/**
 * Sends what this process asks of Docker to the machines of a stack; to this machine where it is there.
 * @param mayBeAbsent Whether machines that the stack itself makes need not be there yet, or any more. @default false
 * @throws UserError when the manager can't be reached. Any other machine that is gone is told of when something needs it.
 */
export async function useMachines(file: StackFile, all: readonly StackFile[], mayBeAbsent = false): Promise<Reached> {
  const machines = machinesOf(file, all);
  const [manager, ...others] = machines;
  if (!manager || !(await isMet(manager, mayBeAbsent))) {
    setVariables({});
    useEngines({ others: [] });
    return { away: [], operatorHost: () => undefined };
  }
  // Before the platform is up there is no Swarm to ask.
  const nodes = others.length > 0 ? await swarmNodes({ DOCKER_HOST: dockerHostOf(manager) }).catch(() => []) : [];
  const down = downIn(nodes);
  const answers = async (machine: Machine) =>
    !down.includes(machine.name) &&
    (await connect(machine).then(
      () => true,
      () => false,
    ));
  const met = await Promise.all(others.map(answers));
  const operator = (stack: string) => {
    const { files } = placeOf(stack, nodes);
    return machines.find(({ name }) => name === files) ?? manager;
  };
  const own = file.kind === "environment" ? operator(file.name) : manager;
  setVariables({ DOCKER_HOST: dockerHostOf(own) });
  useEngines({
    manager: own === manager ? undefined : dockerHostOf(manager),
    // Where the Swarm has lost touch nothing runs, and nobody has to wait for an answer.
    others: machines.filter((machine) => machine !== own && !down.includes(machine.name)).map(dockerHostOf),
  });
  return {
    away: others.filter((_, at) => !met[at]).map(({ name }) => name),
    operatorHost: (stack) => dockerHostOf(operator(stack)),
  };
}

/** Connects to a manager. @returns false where it is an instance of AWS that does not answer, and need not. */
async function isMet(manager: Machine, mayBeAbsent: boolean): Promise<boolean> {
  try {
    await connect(manager);
    return true;
  } catch (error) {
    if (mayBeAbsent && manager.aws && error instanceof MachineDown) return false;
    throw error;
  }
}

/** Stacks in groups that are on the same machines: first those on this one, then platform by platform. */
export function byMachines(stacks: readonly StackFile[], all: readonly StackFile[]): readonly (readonly StackFile[])[] {
  const groups = new Map<string, StackFile[]>([["", []]]);
  for (const stack of stacks) {
    const key = machinesOf(stack, all).length === 0 ? "" : (stack.platform ?? stack.name);
    groups.set(key, [...(groups.get(key) ?? []), stack]);
  }
  return [...groups.values()].filter((group) => group.length > 0);
}
