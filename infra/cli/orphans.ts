import type { Stack } from "@pulumi/pulumi/automation";
import { attempt, run } from "../core/exec";
import { labelPrefix } from "../core/labels";
import type { Report } from "../core/report";
import { onManager } from "../swarm/engines";
import { explained } from "./workspace";

/** Kinds of Docker objects that hold no data, in the order in which they let go of each other. */
const kinds = ["service", "container", "secret", "config", "network"] as const;
type ObjectKind = (typeof kinds)[number];

/** IDs of the objects of a kind that carry a stack's label; containers of services and jobs are not declared and not listed. */
function listArgv(kind: ObjectKind, stack: string): string[] {
  const label = ["--filter", `label=${labelPrefix}.stack=${stack}`];
  if (kind === "container")
    return ["docker", "ps", "--all", "--quiet", "--no-trunc", ...label, "--filter", `label=${labelPrefix}.role=proxy`];
  const full = kind === "network" ? ["--no-trunc"] : [];
  return ["docker", kind, "ls", "--quiet", ...full, ...label];
}

const removeArgv = (kind: ObjectKind, id: string): string[] =>
  kind === "container" ? ["docker", "rm", "--force", id] : ["docker", kind, "rm", id];

interface Deployment {
  readonly pending_operations?: readonly unknown[];
  readonly resources?: readonly { readonly id?: string }[];
}

/**
 * Removes what an interrupted `up` made in Docker but could not write into Pulumi's state: left there, it would hold ports
 * and memory for ever. Only objects that hold no data, carry the stack's label and are not in its state; volumes never.
 * Does nothing unless the last operation was interrupted.
 * @param stack The opened stack.
 * @param name Its name, as the labels carry it.
 * @param report Receives a line for each object removed.
 * @param always Looks even where the state says that nothing was interrupted.
 */
export async function removeOrphans(stack: Stack, name: string, report: Report, always = false): Promise<void> {
  const exported = await explained(name, () => stack.exportStack());
  const deployment = (exported.deployment ?? {}) as Deployment;
  if (!deployment.pending_operations?.length && !always) return;
  const known = new Set((deployment.resources ?? []).map(({ id }) => id));
  for (const kind of kinds) {
    // The manager has all of them: the Swarm's own, and the proxy's container.
    const ids = (await run(onManager(listArgv(kind, name)), { timeoutSeconds: 30 })).split("\n").filter(Boolean);
    for (const id of ids.filter((found) => ![...known].some((declared) => declared?.startsWith(found)))) {
      report(`Removing the ${kind} ${id.slice(0, 12)} that an interrupted run left behind.`);
      await attempt(onManager(removeArgv(kind, id)), { timeoutSeconds: 60 });
    }
  }
  // What was being made is gone or recorded now; the engine need not ask about it.
  await stack.importStack({ ...exported, deployment: { ...deployment, pending_operations: [] } });
}
