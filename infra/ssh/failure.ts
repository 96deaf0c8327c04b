import { UserError } from "../core/errors";
import type { Machine } from "./machine";

/** A machine that does not answer: it is down, on its way up, or cut off. What is wrong with one that does is another error. */
export class MachineDown extends UserError {}

interface Cause {
  readonly pattern: RegExp;
  /** Whether it is what a machine that is down looks like. */
  readonly isDown?: boolean;
  readonly expected: string;
  readonly found: string;
  hint(machine: Machine): string;
}

/** What ssh says, and what it means. */
const causes: readonly Cause[] = [
  {
    pattern: /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed/,
    expected: "the host key that is pinned in stacks/known_hosts",
    found: "another one: the machine was installed anew, or something stands between",
    hint: ({ address, port }) =>
      `If it was installed anew: ssh-keygen -f stacks/known_hosts -R '${port === 22 ? address : `[${address}]:${port}`}'`,
  },
  {
    pattern: /Permission denied/,
    expected: "a machine that lets you in with your key",
    found: "permission denied",
    hint: ({ user, address, port }) => `ssh-copy-id -p ${port} ${user}@${address}, or name its key in machines[].key`,
  },
  {
    pattern: /Could not resolve hostname/,
    expected: "a host name or an IP address that leads to it",
    found: "a name that is not known",
    hint: () => "Correct machines[].address in the platform's stack.",
  },
  {
    pattern: /Connection refused/,
    isDown: true,
    expected: "an SSH server",
    found: "nothing that listens",
    hint: ({ port }) => `Start its SSH server, or correct machines[].port, which is ${port}.`,
  },
  {
    pattern: /timed out|No route to host|Network is unreachable|Connection (closed|reset)/,
    isDown: true,
    expected: "a machine that answers",
    found: "no answer",
    hint: ({ user, address, port }) => `Try it: ssh -p ${port} ${user}@${address}`,
  },
];

/**
 * Says why a machine can't be reached.
 * @param said What ssh wrote.
 * @returns a {@link MachineDown} where it does not answer.
 */
export function explainFailure(machine: Machine, said: string): UserError {
  const cause = causes.find(({ pattern }) => pattern.test(said));
  const last = said.trim().split("\n").at(-1) ?? "";
  const Failure = (cause?.isDown ?? last === "") ? MachineDown : UserError;
  return new Failure(`The machine ${machine.name} can't be reached.`, [
    {
      path: `${machine.user}@${machine.address}:${machine.port}`,
      expected: cause?.expected ?? "a machine that is reached over SSH",
      found: cause?.found ?? (last || "no answer"),
      hint: cause?.hint(machine) ?? `Try it: ssh -p ${machine.port} ${machine.user}@${machine.address}`,
    },
  ]);
}
