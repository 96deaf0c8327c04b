import { UserError } from "../core/errors";
import { nearest } from "../core/nearest";
import { dockerHostOf, type Machine } from "../ssh/machine";
import { managerEnv } from "../swarm/engines";
import { type SwarmNode, swarmNodes } from "../swarm/places";
import { listStacks, machinesOf, type StackFile } from "./stacks";
import { projectDir } from "./workspace";

/** A machine as a platform's file lists it. */
export type ListedMachine = Machine & { readonly roles?: readonly string[] };

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
      expected: "a platform with several machines (target: servers)",
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
 * Where the platform's file has the database of an environment: as `placements` has it (components/topologies/placement.ts).
 * @param machines The machines, the manager first.
 */
export function databaseBelongsOn(
  stage: string | undefined,
  machines: readonly [ListedMachine, ...ListedMachine[]],
): ListedMachine {
  const first = (role: string) => machines.find(({ roles = [] }) => roles.includes(role));
  const found = stage === "production" ? first("database") : (first("nonproduction") ?? first("production"));
  return found ?? machines[0];
}

/**
 * The nodes of the Swarm, one of which must be a machine that works.
 * @throws UserError when the machine is not in the Swarm, or does not work.
 */
export async function nodesWith(machine: ListedMachine, platform: string): Promise<readonly SwarmNode[]> {
  const nodes = await swarmNodes(managerEnv()).catch(() => []);
  const node = nodes.find((one) => one.machine === machine.name);
  if (node?.state === "ready" && node.availability === "active") return nodes;
  throw new UserError(`The platform is not up with ${machine.name}.`, [
    {
      path: dockerHostOf(machine),
      expected: "a node of the Swarm that is ready and active",
      found: node ? `one that is ${node.state} and ${node.availability}` : "none of that name",
      hint: `npx odoo-stacks up ${platform}`,
    },
  ]);
}
