/** The prefix of every label that this project puts on what it makes in Docker. */
export const labelPrefix = "odoo-stacks";

/** What a Docker object is for, as its `odoo-stacks.role` label says. */
export type Role =
  | "proxy"
  | "edge-network"
  | "proxy-state"
  | "network"
  | "postgres"
  | "postgres-client"
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

/**
 * Options of Docker's log driver `json-file`: files are rotated at a size, a number of them is kept, and each line says whose it is, for
 * those who gather the logs of many containers.
 */
export function logOptions({ maxBytes, maxFiles }: { readonly maxBytes: number; readonly maxFiles: number }) {
  const labels = (["stack", "role"] as const).map((name) => `${labelPrefix}.${name}`).join(",");
  return { "max-size": String(maxBytes), "max-file": String(maxFiles), labels };
}
