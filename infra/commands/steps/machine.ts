import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "../../core/errors";
import type { Report } from "../../core/report";
import { attemptOn, connect, disconnect } from "../../ssh/connect";
import { explainFailure, MachineDown } from "../../ssh/failure";
import type { Machine } from "../../ssh/machine";
import { readScript, shellVariables } from "../machine/script";
import type { StepModule } from "../step";

/** A machine and what is asked of it. */
export interface MachineInput {
  readonly machine: Machine;
  /** IP addresses of the platform's other machines. */
  readonly peers: readonly string[];
  /** Swap to make where there is none, in megabytes; 0 for none. */
  readonly swapMegabytes: number;
  /** An empty disk for Docker's data, such as `/dev/vdb`, or the ID of an EBS volume; empty for none. */
  readonly dataDisk: string;
  /** Which instance of AWS carries the machine, and with how large a disk: another one is prepared. @default it is none */
  readonly instance?: string;
  /** What the script is that prepares it: another one is run again. */
  readonly script: string;
  /** Whether the machine has gone from the Swarm it was in, so that this has to be done once more. @default false */
  readonly anew?: boolean;
}

/** What was found or made. */
export interface MachineResult {
  /** Version of its Docker Engine. */
  readonly docker: string;
  /** Its operating system. */
  readonly system: string;
  /** The public key that it made for itself; empty where there are no other machines. */
  readonly publicKey: string;
  /** The key of its SSH server, as `known_hosts` has it: type and key. */
  readonly hostKey: string;
  /** The instance of AWS that carried it. */
  readonly instance?: string;
}

/** Installing Docker over a slow line, in seconds. */
const prepareSeconds = 1800;
/** What an instance takes at most to start and to set itself up, in seconds. */
const startSeconds = 900;
/** Between two attempts to reach it, in seconds. */
const pauseSeconds = 5;
/** What the script says by this exit code is meant for people. */
const refused = 65;

/** Prepares a machine that is reached over SSH; does nothing where it is prepared. On delete it is left as it is. */
export const step: StepModule<MachineInput, MachineResult> = {
  async apply({ machine, peers, swapMegabytes, dataDisk, instance }, report, before) {
    if (instance === undefined) await connect(machine);
    else await reach(machine, instance !== before?.instance, report);
    const script = readScript("prepare");
    const input = `${shellVariables({
      USER_NAME: machine.user,
      PEERS: peers.join(" "),
      SWAP_MEGABYTES: String(swapMegabytes),
      DATA_DISK: dataDisk,
      NOW: String(Math.floor(Date.now() / 1000)),
    })}\n${script}`;
    const shell = machine.user === "root" ? "sh -s" : "sudo -n sh -s";
    const { exitCode, stdout, stderr } = await attemptOn(machine, shell, {
      input,
      report,
      timeoutSeconds: prepareSeconds,
    });
    if (exitCode !== 0) throw failure(machine, exitCode, stderr);
    // A user who was just let in to Docker is let in from the next login on.
    if (/letting .* use Docker/.test(stderr)) await disconnect(machine);
    return { ...(JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as MachineResult), instance };
  },
  remove: () => Promise.resolve(),
};

/**
 * Connects to an instance, which takes some minutes to answer where it has just been made.
 * @param another Whether it is in the place of another one, to which a connection may still be open.
 */
async function reach(machine: Machine, another: boolean, report: Report): Promise<void> {
  if (another) await disconnect(machine);
  const deadline = performance.now() + startSeconds * 1000;
  for (;;) {
    try {
      await connect(machine);
      return;
    } catch (error) {
      if (!(error instanceof MachineDown) || performance.now() > deadline) throw error;
      report(`${machine.name} does not answer yet: ${error.problems[0]?.found ?? ""}`);
    }
    await delay(pauseSeconds * 1000);
  }
}

function failure(machine: Machine, exitCode: number, stderr: string): Error {
  const last = stderr.trim().split("\n").at(-1) ?? "";
  const problem = (expected: string, found: string, hint?: string) =>
    new UserError(`The machine ${machine.name} can't be prepared.`, [
      { path: `${machine.user}@${machine.address}`, expected, found, hint },
    ]);
  if (exitCode === refused) return problem("a machine that can carry a platform", last);
  if (/sudo: .*(password|not found)|is not in the sudoers/.test(stderr)) {
    return problem(
      "a user who may become root without a password",
      last,
      `${machine.user} ALL=(ALL) NOPASSWD:ALL, in /etc/sudoers.d, or log in as root: machines[].user`,
    );
  }
  if (exitCode === 255) return explainFailure(machine, stderr);
  return problem("a preparation that ends well", stderr.trim().split("\n").slice(-10).join("\n"));
}
