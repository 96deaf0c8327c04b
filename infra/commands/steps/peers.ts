import { attemptOn } from "../../ssh/connect";
import { explainFailure } from "../../ssh/failure";
import type { Machine } from "../../ssh/machine";
import { readScript, shellVariables } from "../machine/script";
import type { StepModule } from "../step";

/** Another machine of the platform, as a machine reaches it. */
export interface Peer {
  readonly name: string;
  /** The IP address that machines find each other by. */
  readonly address: string;
  readonly user: string;
  readonly port: number;
  /** The key of its SSH server, as `known_hosts` has it: type and key. */
  readonly hostKey: string;
}

/** How a machine reaches the Docker Engines of the others, and who of them may reach its own. */
export interface PeersInput {
  readonly machine: Machine;
  /** The platform's stack, by which entries of an earlier `up` are found. */
  readonly platform: string;
  /** Name of the machine that manages the Swarm. */
  readonly manager: string;
  readonly peers: readonly Peer[];
  /** Public keys of those that may reach its Engine. */
  readonly allowed: readonly string[];
  /** What the script is: another one is run again. */
  readonly script: string;
  /** Whether the machine has gone from the Swarm it was in, so that this has to be done once more. @default false */
  readonly anew?: boolean;
}

/** The folder on each machine with its key and what it knows of the others; the operator's container sees it too. */
export const peersFolder = "/etc/odoo-stacks";

/**
 * Lets machines of a platform reach each other's Docker Engines over SSH, and nothing else there: the operator on one machine
 * works with containers on others. Keys never leave the machine that they were made on.
 */
export const step: StepModule<PeersInput, Record<string, never>> = {
  async apply(input) {
    await tell(input, input.allowed);
    return {};
  },
  remove: (input) => tell(input, []).catch(() => undefined),
};

async function tell({ machine, platform, manager, peers }: PeersInput, allowed: readonly string[]): Promise<void> {
  const variables = shellVariables({
    FOLDER: peersFolder,
    USER_NAME: machine.user,
    MARK: `odoo-stacks ${platform}`,
    ALLOWED: allowed.map((key) => `${key} odoo-stacks ${platform}`).join("\n"),
    PEERS: peers.map(({ name, address, user, port }) => `${name} ${address} ${user} ${port}`).join("\n"),
    KNOWN_HOSTS: peers.map(({ name, hostKey }) => `${name} ${hostKey}`).join("\n"),
    MACHINES: JSON.stringify({ self: machine.name, manager, others: peers.map(({ name }) => name) }),
  });
  const shell = machine.user === "root" ? "sh -s" : "sudo -n sh -s";
  const input = `${variables}\n${readScript("peers")}`;
  const { exitCode, stderr } = await attemptOn(machine, shell, { input, timeoutSeconds: 60 });
  if (exitCode !== 0) throw explainFailure(machine, stderr);
}
