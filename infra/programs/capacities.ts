import { plannedMachine } from "../config/load";
import type { Platform, PlatformMachine } from "../config/platformOutput";
import type { PlatformConfig } from "../config/schema";
import { MachineDown, type Target } from "../targets";
import { ownResources } from "./ownState";

/** What a machine has to share out. */
export type Capacity = Pick<PlatformMachine, "cores" | "memoryBytes" | "reserveBytes">;

/** A machine that does not answer. */
export interface SilentServer {
  readonly name: string;
  /** What was found instead of an answer. */
  readonly found: string;
}

/** What is known of a platform's machines before anything is declared. */
export interface Capacities {
  /** What they have to share out. */
  readonly planned: readonly Capacity[];
  readonly silent: readonly SilentServer[];
  /** Names of those that the platform had at its last `up`. */
  readonly before: readonly string[];
}

/**
 * What the machines of a platform have to share out. Of one that does not answer the last `up` knows: but for the manager, a platform
 * can go on without, so that others can be changed, and this one be taken out.
 * @param servers The machines of the targets, in the same order, the manager first.
 * @throws MachineDown for the manager, and for a machine that the platform did not have before.
 */
export async function capacities(
  config: PlatformConfig,
  targets: readonly Target[],
  servers: readonly { readonly name: string }[],
): Promise<Capacities> {
  const silent: SilentServer[] = [];
  const before = servers.length > 1 ? await machinesBefore() : [];
  const planned = targets.map(async (target, at): Promise<Capacity> => {
    try {
      return plannedMachine(config, (await target.facts()).machine);
    } catch (error) {
      const { name = "" } = servers[at] ?? {};
      const known = before.find((machine) => machine.name === name);
      if (at === 0 || !known || !(error instanceof MachineDown)) throw error;
      silent.push({ name, found: error.problems[0]?.found ?? error.summary });
      return { cores: known.cores, memoryBytes: known.memoryBytes, reserveBytes: known.reserveBytes };
    }
  });
  return { planned: await Promise.all(planned), silent, before: before.map(({ name }) => name) };
}

/** The machines that this platform had at its last `up`. */
async function machinesBefore(): Promise<readonly PlatformMachine[]> {
  const stack = (await ownResources()).find(({ type }) => type === "pulumi:pulumi:Stack");
  return (stack?.outputs.platform as Partial<Platform> | undefined)?.machines ?? [];
}

/** What people are told of a machine that a platform goes on without. */
export const waits = ({ name, found }: SilentServer): string =>
  `${name} does not answer (${found}). The platform goes on without it: what changes on it waits for the first up that finds it back. ` +
  `If it is lost for good, take it out of the list.`;
