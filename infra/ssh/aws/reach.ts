import { spawn, spawnSync } from "node:child_process";
import { connect } from "node:net";
import type { AwsReach, Machine } from "../machine";

/** The tags by which the instance is found that carries a machine. */
export const instanceTags = { stack: "odoo-stacks.stack", machine: "odoo-stacks.machine" } as const;

/** What this program's own sentences begin with, among those of AWS's tools. */
export const ownWords = "odoo-stacks: ";

/** What this program is told, as arguments that a process list may show. */
interface Wanted extends Omit<AwsReach, "behind"> {
  readonly machine: string;
  readonly port: string;
}

/** The arguments of {@link main}, but the port, which ssh adds. */
export const reachArguments = ({ access, region, stack, profile }: AwsReach, machine: Machine["name"]) => [
  ...[access, region, stack, machine],
  ...(profile === undefined ? [] : [profile]),
];

/** Asks for the running instance with the tags of a machine. */
export const findInstance = ({ stack, machine, ...where }: Wanted): readonly string[] => [
  ...["aws", "ec2", "describe-instances", ...at(where)],
  ...["--filters", "Name=instance-state-name,Values=running"],
  ...[`Name=tag:${instanceTags.stack},Values=${stack}`, `Name=tag:${instanceTags.machine},Values=${machine}`],
  ...["--query", "Reservations[].Instances[].[InstanceId,PublicIpAddress]", "--output", "json"],
];

/**
 * Opens a connection to an instance's SSH server through Session Manager:
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-getting-started-enable-ssh-connections.html
 */
export const startSession = (instance: string, { port, ...where }: Wanted): readonly string[] => [
  ...["aws", "ssm", "start-session", ...at(where), "--target", instance],
  ...["--document-name", "AWS-StartSSHSession", "--parameters", `portNumber=${port}`],
];

const at = ({ region, profile }: Pick<Wanted, "region" | "profile">): readonly string[] => [
  ...["--region", region],
  ...(profile === undefined ? [] : ["--profile", profile]),
];

/** The instance that carries a machine now, and its public address where it has one. */
function instanceOf(wanted: Wanted): { id: string; publicAddress?: string } {
  const [file = "", ...args] = findInstance(wanted);
  const { error, status, stdout, stderr } = spawnSync(file, args, { encoding: "utf8" });
  if (error) throw new Error(`the AWS CLI is not there: ${error.message}`);
  if (status !== 0) throw new Error(`the AWS CLI can't ask for the instance: ${stderr.trim().replaceAll(/\s+/g, " ")}`);
  const [found, another] = JSON.parse(stdout) as [string, string | null][];
  if (!found) throw new Error("no instance of that name runs");
  if (another) throw new Error(`several instances have that name: ${found[0]}, ${another[0]}`);
  return { id: found[0], publicAddress: found[1] ?? undefined };
}

/** Becomes the program that carries the connection; it ends when that does, and when ssh wants it to. */
function carryBy([file = "", ...args]: readonly string[]): void {
  const child = spawn(file, args, { stdio: "inherit" });
  for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  child.once("exit", (code) => process.exit(code ?? 1));
}

/** Carries the connection to a public address. */
function carryTo(host: string, port: number): void {
  const socket = connect({ host, port });
  socket.once("error", (error) => fail(error));
  process.stdin.pipe(socket);
  socket.pipe(process.stdout);
  socket.once("close", () => process.exit());
}

/** Says why the instance can't be reached; `explainFailure` knows these sentences. */
function fail(error: unknown): void {
  console.error(`${ownWords}${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}

/**
 * Connects its input and output to a machine's SSH server.
 * @param args `ssm` or `ssh`, region, stack, machine, then the profile where there is one, and last the port.
 */
export function main(args: readonly string[]): void {
  const [access, region = "", stack = "", machine = "", ...more] = args;
  const port = more.pop() ?? "22";
  const wanted: Wanted = { access: access === "ssh" ? "ssh" : "ssm", region, stack, machine, port, profile: more[0] };
  try {
    const { id, publicAddress } = instanceOf(wanted);
    if (wanted.access === "ssm") carryBy(startSession(id, wanted));
    else if (publicAddress) carryTo(publicAddress, Number(port));
    else fail(new Error(`the instance ${id} has no public address`));
  } catch (error) {
    fail(error);
  }
}
