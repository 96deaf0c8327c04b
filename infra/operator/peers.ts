import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { useEngines } from "../swarm/engines";

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

/** Makes the other machines of the platform reachable. One that does not answer is told of when something needs it. */
export async function meetPeers(): Promise<void> {
  const machines = readMachines();
  if (!machines || machines.others.length === 0) return;
  const { self, manager, others } = machines;
  useEngines({ manager: manager === self ? undefined : engineOf(manager), others: others.map(engineOf) });
  await Promise.all(others.map(openConnection));
}

/** Opens a connection that all commands share. `docker` itself must not: it waits until what keeps it open has ended. */
function openConnection(machine: string): Promise<void> {
  const options = ["-f", "-N", "-o", "ControlMaster=yes", "-o", `ControlPersist=${keepSeconds}`];
  return new Promise((resolve) => {
    const child = spawn("ssh", [...options, "--", machine], { stdio: "ignore" });
    const timer = setTimeout(() => child.kill(), connectSeconds * 1000);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    child.once("error", end).once("exit", end);
  });
}
