import { UserError } from "../core/errors";
import { ownWords } from "./aws/reach";
import type { Machine } from "./machine";

/** A machine that does not answer: it is down, on its way up, or cut off. What is wrong with one that does is another error. */
export class MachineDown extends UserError {}

interface Cause {
  readonly pattern: RegExp;
  /** Whether it is what a machine that is down looks like, or one that has just been made. @default false */
  readonly isDown?: true;
  readonly expected: string;
  /** @default what was said */
  readonly found?: string;
  hint(machine: Machine): string;
}

const tryIt = ({ user, address, port }: Machine): string => `Try it: ssh -p ${port} ${user}@${address}`;

/** Names of instances of AWS, which only the settings of this project lead to. */
const isInstance = ({ address }: Machine): boolean => address.endsWith(".aws");

/** What AWS's tools say, and what it means; the sentences of infra/ssh/aws/reach.ts among it. */
const awsCauses: readonly Cause[] = [
  {
    pattern: /the AWS CLI is not there/,
    expected: "the AWS CLI, version 2",
    found: "no such command",
    hint: () => "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
  },
  {
    pattern: /SessionManagerPlugin is not found/,
    expected: "the Session Manager plugin of the AWS CLI",
    found: "no such command",
    hint: () =>
      "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html, " +
      "or aws: { access: ssh, sshFrom: [your address] } in the platform's stack",
  },
  {
    pattern:
      /Unable to locate credentials|ExpiredToken|(?:token|session).* (?:has )?expired|config profile .* could not be found/i,
    expected: "credentials of AWS",
    found: "none that are valid",
    hint: () => "`aws sso login`, or `aws configure`; aws.profile in the platform's stack names a profile",
  },
  {
    pattern: /UnauthorizedOperation|AccessDenied/,
    expected: "permission for ec2:DescribeInstances and, with Session Manager, ssm:StartSession",
    found: "access denied",
    hint: () => "docs/aws.md lists what an operator has to be allowed",
  },
  {
    pattern: /no instance of that name runs/,
    expected: "a running instance with the platform's and the machine's tags",
    found: "none",
    isDown: true,
    hint: () => "Bring the platform's stack up, or start the instance.",
  },
  {
    pattern: /TargetNotConnected/,
    expected: "an instance whose agent of Session Manager answers",
    found: "none yet",
    isDown: true,
    hint: () => "It takes some minutes after a start. What the machine did: aws ec2 get-console-output --latest",
  },
  { pattern: new RegExp(`^${ownWords}`, "m"), expected: "one instance that carries the machine", hint: tryIt },
];

/** What ssh says, and what it means. */
const causes: readonly Cause[] = [
  ...awsCauses,
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
    hint: (machine) =>
      isInstance(machine)
        ? "Load the private key of aws.publicKey into your agent (ssh-add), or name its file in aws.key, in the platform's stack."
        : `ssh-copy-id -p ${machine.port} ${machine.user}@${machine.address}, or name its key in machines[].key`,
  },
  {
    pattern: /Could not resolve hostname/,
    expected: "a host name or an IP address that leads to it",
    found: "a name that is not known",
    hint: (machine) =>
      isInstance(machine)
        ? 'eval "$(npx odoo-stacks env)", or npx odoo-stacks up STACK'
        : "Correct machines[].address in the platform's stack.",
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
    hint: tryIt,
  },
];

/**
 * Says why a machine can't be reached.
 * @param said What ssh wrote.
 * @returns a {@link MachineDown} where it does not answer.
 */
export function explainFailure(machine: Machine, said: string): UserError {
  const cause = causes.find(({ pattern }) => pattern.test(said));
  const lines = said.trim().split("\n");
  const own = lines.find((line) => line.startsWith(ownWords))?.slice(ownWords.length);
  const problem = {
    path: `${machine.user}@${machine.address}:${machine.port}`,
    expected: cause?.expected ?? "a machine that is reached over SSH",
    found: cause?.found ?? own ?? (lines.at(-1) || "no answer"),
    hint: (cause ?? { hint: tryIt }).hint(machine),
  };
  const Failure = cause?.isDown || said.trim() === "" ? MachineDown : UserError;
  return new Failure(`The machine ${machine.name} can't be reached.`, [problem]);
}
