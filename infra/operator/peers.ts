import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { managerEnv, useEngines } from "../swarm/engines";
import { downIn, swarmNodes } from "../swarm/places";

/** What the machine knows of the platform's others: `infra/commands/steps/peers.ts` writes it, the operator's mount shows it. */
const folder = "/etc/odoo-stacks";

/** A connection that nobody uses is kept for so long, in seconds. */
const keepSeconds = 600;
/** A machine that is gone is not waited for any longer, in seconds. */
const connectSeconds = 8;

interface Machines {
  /** The machine that this process is on. */
  readonly self: string;
  /** The one that manages the Swarm. */
  readonly manager: string;
  readonly others: readonly string[];
}

/** How `docker` names the Engine of another machine; ssh's settings in the image say the rest. */
export const engineOf = (machine: string): string => `ssh://${machine}`;

/** How this process reaches the Engine of a machine of the platform; undefined for its own. */
export const engineTo = (machine: string): string | undefined =>
  machine === readMachines()?.self ? undefined : engineOf(machine);

/** The platform's machines, as this one knows them; undefined where it is the only one. */
export function readMachines(): Machines | undefined {
  const file = `${folder}/machines.json`;
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Machines) : undefined;
}

/**
 * Makes the other machines of the platform reachable. One that does not answer, and that the Swarm has lost touch with, is left
 * alone from here on: nothing runs there any more. Any other one is told of when something needs it.
 */
export async function meetPeers(): Promise<void> {
  const machines = readMachines();
  if (!machines || machines.others.length === 0) return;
  const { self, manager, others } = machines;
  const engines = { manager: manager === self ? undefined : engineOf(manager), others: others.map(engineOf) };
  useEngines(engines);
  const met = await Promise.all(others.map(openConnection));
  if (met.every(Boolean)) return;
  const down = downIn(await swarmNodes(managerEnv()).catch(() => []));
  const left = others.filter((name, at) => met[at] || !down.includes(name));
  useEngines({ ...engines, others: left.map(engineOf) });
}

/**
 * Opens a connection that all commands share. `docker` itself must not: it waits until what keeps it open has ended.
 * @returns whether it is open.
 */
function openConnection(machine: string): Promise<boolean> {
  const options = ["-f", "-N", "-o", "ControlMaster=yes", "-o", `ControlPersist=${keepSeconds}`];
  return new Promise((resolve) => {
    const child = spawn("ssh", [...options, "--", machine], { stdio: "ignore" });
    const timer = setTimeout(() => child.kill(), connectSeconds * 1000);
    const end = (exitCode: number | null) => {
      clearTimeout(timer);
      resolve(exitCode === 0);
    };
    child.once("error", () => end(null)).once("exit", end);
  });
}
