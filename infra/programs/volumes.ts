import type { Platform, PlatformMachine } from "../config/platformOutput";
import { labelPrefix } from "../core/labels";
import { type LastPlace, machineOfVolume, placeResource, readLastPlace } from "../swarm/knownVolumes";
import { MachineDown, targetAt } from "../targets";
import type { DataVolume } from "../targets/target";
import { type KnownResource, ownResources } from "./ownState";

/** What is known of a volume and of where it is. */
export interface FoundVolume extends DataVolume {
  readonly machine: PlatformMachine;
}

/** A machine that does not answer. */
export interface Silent {
  readonly machine: PlatformMachine;
  /** What was found instead of an answer. */
  readonly found: string;
}

/** What is known of an environment's data before anything is declared. */
export interface Findings {
  /** Its volumes: as machines have them or, where they do not answer, as Pulumi's state has them. */
  readonly volumes: readonly FoundVolume[];
  readonly silent: readonly Silent[];
  /** Machines with volumes in Pulumi's state that the platform does not have. */
  readonly unlisted: readonly string[];
  /** Whether there is a database on RDS. */
  readonly onRds: boolean;
  /** Where the data was at the last `up`; undefined before the first. */
  readonly last?: LastPlace;
}

/**
 * Finds the volumes with data of an environment, on all machines.
 * @param down Machines that the Swarm has lost touch with: they are not asked.
 */
export async function findVolumes(stack: string, platform: Platform, down: readonly string[]): Promise<Findings> {
  const { machines, target } = platform;
  const [answers, known] = await Promise.all([
    Promise.all(machines.map((machine) => ask(stack, machine, down))),
    target === "local" ? [] : ownResources(),
  ]);
  const silent = answers.flatMap(({ silent: one }) => (one ? [one] : []));
  const volumes = known.filter(({ type }) => type === "docker:index/volume:Volume");
  const on = (name: string) => volumes.filter((volume) => machineOfVolume(stack, volume.name) === name);
  const names = new Set(volumes.flatMap(({ name }) => machineOfVolume(stack, name) ?? []));
  return {
    volumes: [
      ...answers.flatMap((answer) => answer.volumes),
      ...silent.flatMap(({ machine }) => on(machine.name).map((volume) => asFound(machine, volume))),
    ],
    silent,
    unlisted: [...names].filter((name) => !machines.some((machine) => machine.name === name)),
    onRds: known.some(({ type }) => type === "aws:rds/instance:Instance"),
    last: readLastPlace(known.find(({ name }) => name === placeResource(stack))?.outputs.stdin),
  };
}

interface Answer {
  readonly volumes: readonly FoundVolume[];
  readonly silent?: Silent;
}

async function ask(stack: string, machine: PlatformMachine, down: readonly string[]): Promise<Answer> {
  const { name, dockerHost } = machine;
  if (down.includes(name)) return { volumes: [], silent: { machine, found: "down, as the Swarm has it" } };
  try {
    const volumes = await targetAt(dockerHost, name).dataVolumes(stack);
    return { volumes: volumes.map((volume) => ({ ...volume, machine })) };
  } catch (error) {
    if (!(error instanceof MachineDown)) throw error;
    return { volumes: [], silent: { machine, found: error.problems[0]?.found ?? error.summary } };
  }
}

/** A volume of Pulumi's state as its machine would tell of it. */
function asFound(machine: PlatformMachine, { outputs }: KnownResource): FoundVolume {
  const { name, labels, driverOpts } = outputs as {
    readonly name: string;
    readonly labels?: readonly { readonly label: string; readonly value: string }[];
    readonly driverOpts?: { readonly device?: string };
  };
  const label = (key: string) => labels?.find((one) => one.label === `${labelPrefix}.${key}`)?.value;
  return { name, role: label("role") ?? "", database: label("database"), folder: driverOpts?.device, machine };
}
