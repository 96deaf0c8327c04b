import type { Command } from "commander";
import { addVariables } from "../core/exec";
import { connect } from "../ssh/connect";
import { sshEnvironment } from "../ssh/config";
import { dockerHostOf } from "../ssh/machine";
import { findStacks, listStacks, managerOf } from "./stacks";
import { projectDir } from "./workspace";

/**
 * Sends what a command asks of Docker to the machine of the stack that it names, where that is another one. Images are made on
 * this machine all the same.
 */
export async function goToMachine(command: Command): Promise<void> {
  const project = projectDir();
  const all = listStacks(project);
  const machines = all.flatMap((stack) => stack.machines);
  if (machines.length === 0) return;
  // Pulumi's programs, and what they run, get them from this process.
  Object.assign(process.env, sshEnvironment(project, machines, process.env.PATH ?? ""));
  const { stack } = command.opts<{ stack?: string }>();
  const name = stack ?? (command.processedArgs as (string | undefined)[])[0];
  // Commands without one, and names that nothing has, are the command's own matter.
  if (name === undefined || !all.some((one) => one.name === name || one.name.startsWith(`${name}-`))) return;
  const [file] = findStacks(project, name);
  const manager = file && managerOf(file, all);
  if (!manager) return;
  await connect(manager);
  addVariables({ DOCKER_HOST: dockerHostOf(manager) });
}
