import type { Stack } from "@pulumi/pulumi/automation";
import { containerAt, onContainer } from "../commands/docker";
import { attempt, run } from "../core/exec";
import { labelPrefix, labels } from "../core/labels";
import type { Report } from "../core/report";
import { findContainers, onManager } from "../swarm/engines";
import { explained } from "./workspace";

/** Kinds of Docker objects that hold no data, in the order in which they let go of each other. */
const kinds = ["service", "container", "secret", "config", "network"] as const;
type ObjectKind = (typeof kinds)[number];

/**
 * IDs of the objects of a kind that carry a stack's label; containers of services and jobs are not declared and not listed. The
 * manager has all that is the Swarm's own; a proxy's container is on its own machine.
 */
async function list(kind: ObjectKind, stack: string): Promise<readonly string[]> {
  if (kind === "container") {
    const filters = Object.entries(labels(stack, "proxy")).map(([key, value]) => `${key}=${value}`);
    return findContainers(filters, { all: true, lenient: true });
  }
  const full = kind === "network" ? ["--no-trunc"] : [];
  const argv = ["docker", kind, "ls", "--quiet", ...full, "--filter", `label=${labelPrefix}.stack=${stack}`];
  return (await run(onManager(argv), { timeoutSeconds: 30 })).split("\n").filter(Boolean);
}

const removeArgv = (kind: ObjectKind, id: string) =>
  kind === "container"
    ? onContainer(id, (own) => ["docker", "rm", "--force", own])
    : onManager(["docker", kind, "rm", id]);

interface Deployment {
  readonly pending_operations?: readonly { readonly resource?: { readonly type?: string } }[];
  readonly resources?: readonly { readonly id?: string }[];
}

/**
 * Removes what an interrupted `up` made in Docker but could not write into Pulumi's state: left there, it would hold ports
 * and memory for ever. Only objects that hold no data, carry the stack's label and are not in its state; volumes never.
 * Does nothing unless the last operation was interrupted. What was being made in AWS is not looked for there: the state goes on
 * naming it, so that the engine warns of it until `pulumi refresh` has settled what became of it.
 * @param stack The opened stack.
 * @param name Its name, as the labels carry it.
 * @param report Receives a line for each object removed.
 * @param always Looks even where the state says that nothing was interrupted.
 */
export async function removeOrphans(stack: Stack, name: string, report: Report, always = false): Promise<void> {
  const exported = await explained(name, () => stack.exportStack());
  const deployment = (exported.deployment ?? {}) as Deployment;
  const elsewhere = (deployment.pending_operations ?? []).filter(({ resource }) => resource?.type?.startsWith("aws:"));
  if ((deployment.pending_operations ?? []).length === elsewhere.length && !always) return;
  const known = new Set((deployment.resources ?? []).map(({ id }) => id));
  for (const kind of kinds) {
    const isKnown = (found: string) => [...known].some((declared) => declared?.startsWith(containerAt(found).id));
    for (const id of (await list(kind, name)).filter((found) => !isKnown(found))) {
      report(`Removing the ${kind} ${containerAt(id).id.slice(0, 12)} that an interrupted run left behind.`);
      await attempt(removeArgv(kind, id), { timeoutSeconds: 60 });
    }
  }
  // What was being made in Docker is gone or recorded now; the engine need not ask about it.
  await stack.importStack({ ...exported, deployment: { ...deployment, pending_operations: elsewhere } });
}
