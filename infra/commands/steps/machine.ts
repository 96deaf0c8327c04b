import { UserError } from "../../core/errors";
import { attemptOn, connect, disconnect } from "../../ssh/connect";
import { explainFailure } from "../../ssh/failure";
import { dockerHostOf, type Machine } from "../../ssh/machine";
import { readScript, shellVariables } from "../machine/script";
import type { StepModule } from "../step";

/** A machine and what is asked of it. */
export interface MachineInput {
  readonly machine: Machine;
  /** IP addresses of the platform's other machines. */
  readonly peers: readonly string[];
  /** Swap to make where there is none, in megabytes; 0 for none. */
  readonly swapMegabytes: number;
  /** An empty disk for Docker's data, such as `/dev/vdb`; empty for none. */
  readonly dataDisk: string;
  /** What the script is that prepares it: another one is run again. */
  readonly script: string;
  /** Whether the machine has gone from the Swarm it was in, so that this has to be done once more. @default false */
  readonly anew?: boolean;
}

/** What was found or made. */
export interface MachineResult {
  /** Its Engine, as `DOCKER_HOST` names it. */
  readonly dockerHost: string;
  /** Version of its Docker Engine. */
  readonly docker: string;
  /** Its operating system. */
  readonly system: string;
  /** The public key that it made for itself; empty where there are no other machines. */
  readonly publicKey: string;
  /** The key of its SSH server, as `known_hosts` has it: type and key. */
  readonly hostKey: string;
}

/** Installing Docker over a slow line, in seconds. */
const prepareSeconds = 1800;
/** What the script says by this exit code is meant for people. */
const refused = 65;

/** Prepares a machine that is reached over SSH; does nothing where it is prepared. On delete it is left as it is. */
export const step: StepModule<MachineInput, MachineResult> = {
  async apply({ machine, peers, swapMegabytes, dataDisk }, report) {
    await connect(machine);
    const script = await readScript("prepare");
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
    const told = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Omit<MachineResult, "dockerHost">;
    return { dockerHost: dockerHostOf(machine), ...told };
  },
  remove: () => Promise.resolve(),
};

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
