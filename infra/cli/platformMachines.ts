import { rolesOf } from "../config/machines";
import { placements } from "../config/placement";
import type { Stage } from "../config/schema";
import { UserError } from "../core/errors";
import { nearest } from "../core/nearest";
import { managerEnv } from "../swarm/engines";
import { type SwarmNode, swarmNodes } from "../swarm/places";
import type { ListedMachine } from "./listedMachines";
import { listStacks, machinesOf, type StackFile } from "./stacks";
import { projectDir } from "./workspace";

/**
 * The machines of an environment's platform, the manager first.
 * @throws UserError when they are not machines of the user's own.
 */
export function ownMachines(file: StackFile): readonly [ListedMachine, ...ListedMachine[]] {
  const [manager, ...others] = machinesOf(file, listStacks(projectDir()));
  if (manager) return [manager, ...others];
  throw new UserError(`All of ${file.name} is on this machine.`, [
    {
      path: file.platform ?? file.name,
      expected: "a platform with several machines (target: servers, or aws)",
      found: "one whose target is local",
      hint: "docs/topologies.md tells how a platform grows",
    },
  ]);
}

/** The machine of a name. @throws UserError when there is none. */
export function machineNamed(machines: readonly ListedMachine[], name: string, path: string): ListedMachine {
  const found = machines.find((machine) => machine.name === name);
  if (found) return found;
  const names = machines.map((machine) => machine.name);
  const meant = nearest(name, names);
  throw new UserError("No such machine.", [
    {
      path,
      expected: `one of ${names.join(", ")}`,
      found: `"${name}"`,
      hint: meant ? `Did you mean "${meant}"?` : undefined,
    },
  ]);
}

/**
 * Where the platform's file has the database of an environment.
 * @param machines The machines, the manager first.
 */
export function databaseBelongsOn(stage: string | undefined, machines: readonly ListedMachine[]): ListedMachine {
  const carriers = machines.map((machine) => ({ name: machine.name, roles: rolesOf(machine, machines) }));
  const { database } = placements(carriers, 1)[(stage ?? "development") as Stage];
  return machineNamed(machines, database, "machines[].roles");
}

/**
 * The node of a machine in the Swarm, whether or not it works.
 * @throws UserError when the machine is not in the Swarm.
 */
export function nodeOf(machine: string, nodes: readonly SwarmNode[], platform: string): SwarmNode {
  const node = nodes.find((one) => one.machine === machine);
  if (node) return node;
  throw new UserError(`${machine} is not in the Swarm.`, [
    { path: machine, expected: "a platform that is up", found: "no such node", hint: `npx odoo-stacks up ${platform}` },
  ]);
}

/** @throws UserError when one of the machines is not in the Swarm, does not answer, or takes no containers. */
export function requireInSwarm(machines: readonly string[], nodes: readonly SwarmNode[], platform: string): void {
  const problems = machines.flatMap((name) => {
    const node = nodes.find(({ machine }) => machine === name);
    if (node?.state === "ready" && node.availability === "active") return [];
    return [
      {
        path: name,
        expected: "a machine of the Swarm that answers and takes containers",
        found: node ? `${node.state}, ${node.availability}` : "none of that name",
        hint: `npx odoo-stacks up ${platform}`,
      },
    ];
  });
  if (problems.length > 0) throw new UserError("Not all machines are there.", problems);
}

/**
 * The nodes of the Swarm, one of which must be a machine that works.
 * @throws UserError when the machine is not in the Swarm, or does not work.
 */
export async function nodesWith(machine: ListedMachine, platform: string): Promise<readonly SwarmNode[]> {
  const nodes = await swarmNodes(managerEnv()).catch(() => []);
  requireInSwarm([machine.name], nodes, platform);
  return nodes;
}
