/** The prefix of every label that this project puts on what it makes in Docker. */
export const labelPrefix = "odoo-stacks";

/** What a Docker object is for, as its `odoo-stacks.role` label says. */
export type Role =
  | "proxy"
  | "edge-network"
  | "proxy-state"
  | "network"
  | "postgres"
  | "postgres-data"
  | "odoo-web"
  | "odoo-cron"
  | "mail"
  | "filestore"
  | "secret"
  | "operator"
  | "gate"
  | "watch"
  | "releases"
  | "job";

/**
 * The labels by which a Docker object is known to be this project's, and whose.
 * @param stack The Pulumi stack that declares it.
 * @param role What it is for.
 */
export function labels(stack: string, role: Role): Record<string, string> {
  return { [`${labelPrefix}.stack`]: stack, [`${labelPrefix}.role`]: role };
}

/** The same labels in the form that the Docker provider takes: a list of pairs. */
export function labelList(stack: string, role: Role): { label: string; value: string }[] {
  return Object.entries(labels(stack, role)).map(([label, value]) => ({ label, value }));
}
