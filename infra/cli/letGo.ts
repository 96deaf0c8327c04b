import { exec } from "../commands/docker";
import { UserError } from "../core/errors";
import { attempt, run } from "../core/exec";
import { labelPrefix, labels, type Role } from "../core/labels";
import type { Report } from "../core/report";
import { dockerHostOf } from "../ssh/machine";
import { findContainers } from "../swarm/engines";
import { type KeptVolume, resourceName } from "../swarm/knownVolumes";
import { type Place, placeOf } from "../swarm/places";
import { confirm } from "./confirm";
import type { CommonOptions } from "./display";
import { findEnvironment } from "./environment";
import { readState } from "./forgetVolumes";
import { forgetting, leftOn } from "./leftVolumes";
import { clearStaleLock } from "./locks";
import { machineNamed, nodesWith, ownMachines } from "./platformMachines";
import { openStack, prepareWorkspace, projectDir, type Workspace } from "./workspace";

/** Removing a large volume, in seconds. */
const removeSeconds = 600;

/**
 * Removes what of an environment's data was left behind on a machine when it was moved, there and in Pulumi's state.
 * @param name The environment.
 * @param machineName The machine that it was left on.
 */
export async function letGo(
  name: string,
  machineName: string,
  options: CommonOptions & { readonly yes?: boolean },
): Promise<void> {
  const report: Report = (line) => console.error(line);
  const file = findEnvironment(projectDir(), name);
  const machines = ownMachines(file);
  const machine = machineNamed(machines, machineName, "the machine");
  const stack = file.name;
  const nodes = await nodesWith(machine, file.platform ?? stack);
  const env = { DOCKER_HOST: dockerHostOf(machine) };
  const place = placeOf(stack, nodes);
  const volumes = await volumesOn(stack, env);
  const left = leftOn(stack, machine.name, place, volumes);
  if (left.length === 0) throw nothingLeft(stack, machine.name, volumes);
  if (left.some(({ role }) => role === "postgres-data")) await requireSuccessor(stack, place);
  const ended = (await Promise.all(left.map((volume) => endedUsers(volume, machine.name, env)))).flat();

  const workspace = await prepareWorkspace(report);
  clearStaleLock(workspace, stack, report);
  const suffix = machine === machines[0] ? "" : `-${machine.name}`;
  const forgotten = await forgottenBy(workspace, stack, left, suffix);
  const what = left.map(({ name: volume, role }) => `${volume} (${role})`).join(", ");
  if (!options.yes) {
    await confirm({
      what: `This removes the data of ${stack} that was left on ${machine.name}, for good: ${what}.`,
      name: stack,
      command: `odoo-stacks let-go ${stack} ${machine.name} --yes`,
    });
  }
  if (ended.length > 0) await run(["docker", "rm", ...ended], { env, timeoutSeconds: 60 });
  await run(["docker", "volume", "rm", ...left.map((volume) => volume.name)], { env, timeoutSeconds: removeSeconds });
  for (const urns of [forgotten.volumes, forgotten.providers]) await forget(workspace, stack, urns);
  const removed = left.map((volume) => volume.name);
  if (options.json) console.log(JSON.stringify({ stack, machine: machine.name, removed }));
  else console.log(`Removed from ${machine.name}: ${removed.join(", ")}.`);
}

/** The volumes with data of an environment on a machine. */
async function volumesOn(stack: string, env: Record<string, string>): Promise<readonly KeptVolume[]> {
  const format = `{{.Name}}\t{{.Label "${labelPrefix}.role"}}`;
  const filter = ["--filter", `label=${labelPrefix}.stack=${stack}`];
  const list = await run(["docker", "volume", "ls", ...filter, "--format", format], { env, timeoutSeconds: 30 });
  return list
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split("\t"))
    .map(([name = "", role = ""]) => ({ name, role }));
}

/**
 * Its successor must be in use before a copy of the database goes: a server that is well or, where the data is on RDS, an instance that
 * answers.
 * @throws UserError when there is none.
 */
export async function requireSuccessor(stack: string, { database = "", onRds = false }: Place): Promise<void> {
  if (onRds ? await answersOnRds(stack) : (await healthy(stack, "postgres")).length > 0) return;
  throw new UserError("The old copy is kept for now.", [
    {
      path: `the database of ${stack} on ${onRds ? "RDS" : database}`,
      expected: onRds ? "an instance that answers" : "a server that is well",
      found: "none",
      hint: "npx odoo-stacks status",
    },
  ]);
}

const healthy = (stack: string, role: Role): Promise<string[]> => {
  const filters = Object.entries(labels(stack, role)).map(([key, value]) => `${key}=${value}`);
  return findContainers(filters, { health: "healthy" });
};

/** The client's container counts as well for hours after its last answer: it is asked for one now. */
async function answersOnRds(stack: string): Promise<boolean> {
  const [client] = await healthy(stack, "postgres-client");
  if (client === undefined) return false;
  const ask = exec(client, ["psql", "-XAtq", "--command", "SELECT 1"]);
  return (await attempt(ask, { timeoutSeconds: 30 })).exitCode === 0;
}

/**
 * The containers that have ended and still hold a volume.
 * @throws UserError when one that has not ended uses it.
 */
async function endedUsers(volume: KeptVolume, machine: string, env: Record<string, string>): Promise<string[]> {
  const list = ["docker", "ps", "--all", "--no-trunc", "--filter", `volume=${volume.name}`];
  const text = await run([...list, "--format", "{{.ID}}\t{{.State}}\t{{.Names}}"], { env, timeoutSeconds: 30 });
  const users = text
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split("\t"));
  const working = users.filter(([, state = ""]) => !["exited", "dead", "created"].includes(state));
  if (working.length > 0) {
    throw new UserError(`The volume ${volume.name} is in use.`, [
      {
        path: `${volume.name} on ${machine}`,
        expected: "a volume that no container uses",
        found: working.map(([, state = "", name = ""]) => `${name} (${state})`).join(", "),
      },
    ]);
  }
  return users.map(([id = ""]) => id);
}

/** What of Pulumi's state is about the volumes. @throws UserError when something else there still needs them. */
async function forgottenBy(workspace: Workspace, stack: string, left: readonly KeptVolume[], suffix: string) {
  const { resources } = await readState(await openStack(workspace, stack), stack);
  const names = left.map((volume) => resourceName(stack, volume, suffix));
  const forgotten = forgetting(resources, names);
  if (forgotten.needed.length === 0) return forgotten;
  throw new UserError("The old copy is kept for now.", [
    {
      path: `Pulumi's state of ${stack}`,
      expected: "one that knows where the data is now",
      found: `${forgotten.needed.map((urn) => urn.split("::").at(-1)).join(", ")} still with the old volume`,
      hint: `npx odoo-stacks up ${stack}, then again`,
    },
  ]);
}

/** Takes resources out of Pulumi's state, also protected ones: the name was typed, or --yes given. */
async function forget({ engine, env, project }: Workspace, stack: string, urns: readonly string[]): Promise<void> {
  if (urns.length === 0) return;
  const options = ["--force", "--yes", "--stack", stack, "--cwd", project];
  await run([engine.pulumi, "state", "delete", ...urns, ...options], { env, timeoutSeconds: 120 });
}

function nothingLeft(stack: string, machine: string, volumes: readonly KeptVolume[]): UserError {
  const found = volumes.map(({ name, role }) => `${name} (${role})`).join(", ");
  return new UserError(`Nothing of ${stack} was left behind on ${machine}.`, [
    {
      path: machine,
      expected: "a volume with data that was moved elsewhere",
      found: found === "" ? `no volume of ${stack}` : `${found}: in its place`,
      hint: `npx odoo-stacks destroy ${stack} removes an environment with its data`,
    },
  ]);
}
