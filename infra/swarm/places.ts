import { run } from "../core/exec";
import { labelPrefix } from "../core/labels";
import { updateNode } from "./updateNode";

/** Labels of the nodes of a Swarm by which a platform knows its machines, and where the data of its environments is. */
export const placeLabels = {
  /** What the platform calls the machine. */
  machine: `${labelPrefix}.machine`,
  /** On the machine with an environment's database. */
  database: (stack: string): string => `${labelPrefix}.database.${stack}`,
  /** On machines with a proxy. */
  proxy: `${labelPrefix}.proxy`,
  /** On a machine that is taken out for a while. */
  drained: `${labelPrefix}.drained`,
  /** On the machine with an environment's files, or the first of those that share them. */
  files: (stack: string): string => `${labelPrefix}.files.${stack}`,
};

/** A machine in the Swarm. */
export interface SwarmNode {
  readonly id: string;
  /** What the platform calls it; undefined for one that it does not know. */
  readonly machine?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly role: "manager" | "worker";
  /** `ready`, `down` … */
  readonly state: string;
  readonly availability: "active" | "pause" | "drain";
}

/** Where the data of an environment is. */
export interface Place {
  /** The machine with its database, or with what is left of it there since it was moved to RDS. */
  readonly database?: string;
  /** Whether its database was moved from a machine to RDS. @default false */
  readonly onRds?: boolean;
  /** The machine with its files, or the first of those that share them. */
  readonly files?: string;
  /** Whether the files are in a folder that several machines have in common. */
  readonly shared: boolean;
  /** The machines that are taken out for a while, whatever is on them. */
  readonly drained: readonly string[];
  /** The machines that the Swarm has lost touch with, whatever is on them: see {@link downIn}. */
  readonly down: readonly string[];
}

interface NodeInspection {
  readonly ID: string;
  readonly Spec: {
    Labels?: Record<string, string>;
    Role: "manager" | "worker";
    Availability: SwarmNode["availability"];
  };
  readonly Status: { readonly State: string };
}

/**
 * The machines of a Swarm.
 * @param env Variables by which `docker` reaches a manager.
 */
export async function swarmNodes(env: Readonly<Record<string, string>> = {}): Promise<readonly SwarmNode[]> {
  const ids = await run(["docker", "node", "ls", "--quiet"], { env, timeoutSeconds: 30 });
  const list = ids.split("\n").filter(Boolean);
  const text = await run(["docker", "node", "inspect", ...list], { env, timeoutSeconds: 30 });
  return (JSON.parse(text) as NodeInspection[]).map(({ ID, Spec, Status }) => ({
    id: ID,
    machine: Spec.Labels?.[placeLabels.machine],
    labels: Spec.Labels ?? {},
    role: Spec.Role,
    state: Status.State,
    availability: Spec.Availability,
  }));
}

/** Where a Swarm's labels say that the data of an environment is; without labels there is none yet. */
export function placeOf(stack: string, nodes: readonly SwarmNode[]): Place {
  const withLabel = (label: string) => nodes.find(({ labels }) => label in labels);
  const files = withLabel(placeLabels.files(stack));
  const database = withLabel(placeLabels.database(stack));
  return {
    database: database?.machine,
    ...(database?.labels[placeLabels.database(stack)] === "rds" ? { onRds: true } : {}),
    files: files?.machine,
    shared: files?.labels[placeLabels.files(stack)] === "shared",
    drained: nodes.flatMap(({ machine, labels }) => (machine && placeLabels.drained in labels ? [machine] : [])),
    down: downIn(nodes),
  };
}

/**
 * The machines that the Swarm has lost touch with: it counts what ran there as ended, some 15 seconds after the last word
 * (https://docs.docker.com/reference/cli/docker/swarm/init/#dispatcher-heartbeat). One that was installed anew and has joined
 * again is none of them.
 */
export function downIn(nodes: readonly SwarmNode[]): readonly string[] {
  const names = [...new Set(nodes.flatMap(({ machine }) => machine ?? []))];
  return names.filter((name) => nodes.every(({ machine, state }) => machine !== name || state === "down"));
}

/**
 * The environments whose data a node has, by its labels. What is left of a database that was moved to RDS is none.
 * @param shared Also those whose files it only shares with others, but is the first that has them. @default false
 */
export function dataOn({ labels }: SwarmNode, shared = false): readonly string[] {
  const prefixes = [placeLabels.database(""), placeLabels.files("")];
  const stacks = Object.entries(labels).flatMap(([label, value]) => {
    const prefix = prefixes.find((known) => label.startsWith(known));
    return prefix && value !== "rds" && (shared || value !== "shared") ? [label.slice(prefix.length)] : [];
  });
  return [...new Set(stacks)];
}

/** What of an environment's data is marked. */
export type PlacedData = "database" | "files";

/**
 * Marks where an environment's data is from now on: first there, then no longer elsewhere.
 * @param value `shared` for files that several machines have in common; `rds` for a database that is on RDS now, and was on that
 *   machine: its server there ends, and no other one is started.
 */
export async function markPlace(
  what: PlacedData,
  stack: string,
  machine: string,
  env: Readonly<Record<string, string>> = {},
  value: "true" | "shared" | "rds" = "true",
): Promise<void> {
  const label = placeLabels[what](stack);
  const nodes = await swarmNodes(env);
  const target = nodes.find((node) => node.machine === machine);
  if (!target) throw new Error(`no machine named ${machine} is in the Swarm`);
  if (target.labels[label] !== value) {
    await updateNode(target.id, ["--label-add", `${label}=${value}`], env);
  }
  for (const node of nodes.filter(({ id, labels }) => id !== target.id && label in labels)) {
    await updateNode(node.id, ["--label-rm", label], env);
  }
}

/** Marks a machine as taken out for a while, or as one like the others. */
export async function markDrained(
  machine: string,
  drained: boolean,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const node = (await swarmNodes(env)).find((one) => one.machine === machine);
  if (!node || drained === placeLabels.drained in node.labels) return;
  const change = drained ? ["--label-add", `${placeLabels.drained}=true`] : ["--label-rm", placeLabels.drained];
  await updateNode(node.id, change, env);
}

/**
 * Gives a node the labels of its machine and its roles, and takes others of these away; marks of data and drained machines stay.
 * @param id The node's ID.
 */
export async function setLabels(
  id: string,
  wanted: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const known = (await swarmNodes(env)).find((node) => node.id === id)?.labels ?? {};
  const isRole = new RegExp(`^${labelPrefix}\\.[a-z]+$`);
  const gone = Object.keys(known).filter(
    (label) => isRole.test(label) && label !== placeLabels.drained && !(label in wanted),
  );
  const changes = [
    ...Object.entries(wanted).flatMap(([label, value]) => ["--label-add", `${label}=${value}`]),
    ...gone.flatMap((label) => ["--label-rm", label]),
  ];
  await updateNode(id, changes, env);
}

/** Takes the marks of an environment away. */
export async function forgetPlace(stack: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
  for (const node of await swarmNodes(env)) {
    const gone = [placeLabels.database(stack), placeLabels.files(stack)].filter((label) => label in node.labels);
    if (gone.length === 0) continue;
    const options = gone.flatMap((label) => ["--label-rm", label]);
    await updateNode(node.id, options, env);
  }
}
