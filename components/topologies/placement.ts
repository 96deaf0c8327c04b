import { labelPrefix } from "../../infra/core/labels";
import { placeLabels } from "../../infra/swarm/places";
import type { MachineRole } from "../../infra/config/platformSchema";
import type { Placement } from "../../infra/config/platformOutput";
import type { Stage } from "../../infra/config/schema";

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

/** A machine, as far as what it carries is concerned. */
export interface Carrier {
  readonly name: string;
  readonly roles: readonly MachineRole[];
}

/**
 * Where each stage's parts belong.
 * @param machines All machines of the platform.
 * @param webMachines How many containers answer production's requests. Where there are fewer machines for that, several are on one.
 */
export function placements(machines: readonly Carrier[], webMachines: number): Readonly<Record<Stage, Placement>> {
  const names = (role: MachineRole) => machines.filter(({ roles }) => roles.includes(role)).map(({ name }) => name);
  const [only = ""] = machines.map(({ name }) => name);
  const webs = names("production");
  const [database = only] = names("database");
  const [nonproduction = webs[0] ?? only] = names("nonproduction");
  const apart = { database: nonproduction, web: [nonproduction] };
  const web = Array.from({ length: webMachines }, (_, at) => webs[at % webs.length] ?? only);
  return { production: { database, web }, staging: apart, development: apart };
}
