import { labelPrefix } from "../../infra/core/labels";

/** What a machine of a platform may carry. Growing is joining machines and moving these. */
export type NodeRole = "database" | "production-web" | "cron" | "nonproduction" | "proxy";

const labelOf = (role: NodeRole) => `${labelPrefix}.${role}`;

/** The Swarm labels of a node with these roles. */
export function nodeLabels(roles: readonly NodeRole[]): Record<string, string> {
  return Object.fromEntries(roles.map((role) => [labelOf(role), "true"]));
}

/** The Swarm placement expression that holds on nodes with a role. */
export function onNodesWith(role: NodeRole): string {
  return `node.labels.${labelOf(role)}==true`;
}
