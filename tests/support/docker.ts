import { must, sh } from "./shell";

/** What Docker keeps, and how its objects are listed and removed. */
const kinds = {
  service: { list: ["service", "ls", "--format", "{{.Name}}"], remove: ["service", "rm"] },
  container: { list: ["ps", "--all", "--format", "{{.Names}}"], remove: ["rm", "--force"] },
  secret: { list: ["secret", "ls", "--format", "{{.Name}}"], remove: ["secret", "rm"] },
  config: { list: ["config", "ls", "--format", "{{.Name}}"], remove: ["config", "rm"] },
  network: { list: ["network", "ls", "--format", "{{.Name}}"], remove: ["network", "rm"] },
  volume: { list: ["volume", "ls", "--format", "{{.Name}}"], remove: ["volume", "rm", "--force"] },
} as const;
type DockerKind = keyof typeof kinds;

/** Runs `docker` and returns what it prints. */
export const docker = async (...args: readonly string[]): Promise<string> =>
  (await must(["docker", ...args])).stdout.trim();

/** Names of all objects of a kind whose name begins with a prefix; none where the Engine is in no Swarm. */
async function named(kind: DockerKind, prefix: string): Promise<string[]> {
  const { exitCode, stdout, stderr } = await sh(["docker", ...kinds[kind].list]);
  if (exitCode !== 0 && !/not a swarm manager/.test(stderr)) throw new Error(stderr);
  return stdout.split("\n").filter((name) => name.startsWith(prefix));
}

/** Everything in Docker whose name begins with a prefix, as `kind name`. */
export async function objectsNamed(prefix: string): Promise<string[]> {
  const found = await Promise.all(
    Object.keys(kinds).map(async (kind) => (await named(kind as DockerKind, prefix)).map((name) => `${kind} ${name}`)),
  );
  return found.flat();
}

/** Removes everything in Docker whose name begins with a prefix: what a failed test left behind. */
export async function removeNamed(prefix: string): Promise<void> {
  for (const kind of Object.keys(kinds) as DockerKind[]) {
    for (const name of await named(kind, prefix)) await sh(["docker", ...kinds[kind].remove, name]);
  }
}

/** Whether the Engine is in a Swarm: `active`, `inactive` … */
export const swarmState = (): Promise<string> => docker("info", "--format", "{{.Swarm.LocalNodeState}}");

/** A container of a stack, as Docker lists it. */
export interface RunningContainer {
  readonly id: string;
  readonly role: string;
  readonly name: string;
  /** Such as `Up 5 minutes (healthy)`. */
  readonly status: string;
  /** Published ports, as Docker writes them. */
  readonly ports: string;
}

/** The running containers whose stack's name begins with a prefix. */
export async function runningContainers(prefix: string): Promise<RunningContainer[]> {
  const fields = [
    "{{.ID}}",
    '{{.Label "odoo-stacks.stack"}}',
    '{{.Label "odoo-stacks.role"}}',
    "{{.Names}}",
    "{{.Status}}",
    "{{.Ports}}",
  ];
  const output = await docker("ps", "--no-trunc", "--filter", "label=odoo-stacks.stack", "--format", fields.join("\t"));
  return output
    .split("\n")
    .map((line) => line.split("\t"))
    .filter(([, stack = ""]) => stack.startsWith(prefix))
    .map(([id = "", , role = "", name = "", status = "", ports = ""]) => ({ id, role, name, status, ports }));
}
