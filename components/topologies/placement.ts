import { labelPrefix } from "../../infra/core/labels";
import type { Placement } from "../../infra/config/platformOutput";
import type { Stage } from "../../infra/config/schema";

/** What a machine of a platform may carry. Growing is joining machines and moving these. */
export type NodeRole = "database" | "cron" | "nonproduction" | "proxy" | WebRole;

/** One of the web machines of production: each has a number, because a web service is pinned to its machine. */
export type WebRole = "production-web" | `production-web-${number}`;

const labelOf = (role: NodeRole) => `${labelPrefix}.${role}`;

/** The Swarm labels of a node with these roles. */
export function nodeLabels(roles: readonly NodeRole[]): Record<string, string> {
  return Object.fromEntries(roles.map((role) => [labelOf(role), "true"]));
}

/** The Swarm placement expression that holds on nodes with a role. */
export function onNodesWith(role: NodeRole): string {
  return `node.labels.${labelOf(role)}==true`;
}

/** The roles of production's web machines. The first has no number: it is the one that every topology has. */
export function webRoles(machines: number): readonly WebRole[] {
  const number = (at: number): WebRole => (at === 0 ? "production-web" : `production-web-${at + 1}`);
  return Array.from({ length: machines }, (_, at) => number(at));
}

/**
 * Where each stage's parts run.
 * @param webMachines How many machines answer production's requests.
 */
export function placements(webMachines: number): Readonly<Record<Stage, Placement>> {
  const production = {
    database: [onNodesWith("database")],
    web: webRoles(webMachines).map((role) => [onNodesWith(role)]),
    cron: [onNodesWith("cron")],
  };
  const nonproduction = {
    database: [onNodesWith("nonproduction")],
    web: [[onNodesWith("nonproduction")]],
    cron: [onNodesWith("nonproduction")],
  };
  return { production, staging: nonproduction, development: nonproduction };
}
