import { labelPrefix } from "../../infra/core/labels";
import { placeLabels } from "../../infra/swarm/places";
import type { MachineRole } from "../../infra/config/platformSchema";

const holds = (label: string): string => `node.labels.${label}==true`;

/** The Swarm labels of the node of a machine: its name, and what it carries. */
export function nodeLabels(name: string, roles: readonly MachineRole[]): Record<string, string> {
  const carried = roles.map((role) => [`${labelPrefix}.${role}`, "true"]);
  return { [placeLabels.machine]: name, ...(Object.fromEntries(carried) as Record<string, string>) };
}

/** The Swarm placement expression that holds on one machine. */
export const onMachine = (name: string): string => `node.labels.${placeLabels.machine}==${name}`;

/** The Swarm placement expression that holds on all machines with a role. */
export const onRole = (role: MachineRole): string => holds(`${labelPrefix}.${role}`);

/** The Swarm placement expression that holds where an environment's database is now, wherever it is moved to. */
export const whereDatabaseIs = (stack: string): string => holds(placeLabels.database(stack));
