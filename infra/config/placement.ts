import type { Placement } from "./platformOutput";
import type { MachineRole } from "./platformSchema";
import type { Stage } from "./schema";

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
