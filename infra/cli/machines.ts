import type { Command } from "commander";
import { addVariables } from "../core/exec";
import { connect } from "../ssh/connect";
import { sshEnvironment } from "../ssh/config";
import { dockerHostOf, type Machine } from "../ssh/machine";
import { useEngines } from "../swarm/engines";
import { placeOf, swarmNodes } from "../swarm/places";
import { findStacks, listStacks, machinesOf, type StackFile } from "./stacks";
import { projectDir } from "./workspace";

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
  const { stack } = command.opts<{ stack?: string }>();
  const name = stack ?? (command.processedArgs as (string | undefined)[])[0];
  // Commands without one, and names that nothing has, are the command's own matter.
  if (name === undefined || !all.some((one) => one.name === name || one.name.startsWith(`${name}-`))) return;
  const [file] = findStacks(project, name);
  if (file) await useMachines(file, all);
}

/** Sends what this process asks of Docker to the machines of a stack. */
export async function useMachines(file: StackFile, all: readonly StackFile[]): Promise<void> {
  const machines = machinesOf(file, all);
  const [manager, ...others] = machines;
  if (!manager) return;
  await connect(manager);
  const own = others.length === 0 ? manager : await operatorMachine(file, machines, manager);
  // One that is gone is told of when something needs it.
  await Promise.all(others.map((machine) => connect(machine).catch(() => undefined)));
  addVariables({ DOCKER_HOST: dockerHostOf(own) });
  useEngines({
    manager: own === manager ? undefined : dockerHostOf(manager),
    others: machines.filter((machine) => machine !== own).map(dockerHostOf),
  });
}

/** The machine with the files of an environment; the manager for what has none. */
async function operatorMachine(file: StackFile, machines: readonly Machine[], manager: Machine): Promise<Machine> {
  if (file.kind !== "environment") return manager;
  // Before the platform is up there is no Swarm to ask.
  const nodes = await swarmNodes({ DOCKER_HOST: dockerHostOf(manager) }).catch(() => []);
  const { files } = placeOf(file.name, nodes);
  return machines.find(({ name }) => name === files) ?? manager;
}
