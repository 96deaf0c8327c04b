import { rmSync } from "node:fs";
import { join } from "node:path";
import type { ProxyService } from "../../commands/proxy";
import { readJson, writeDurably } from "../journal";
import type { Author } from "../plan";

/** What an environment in maintenance shows, and to whom it does not. Kept on the volume of its releases. */
export interface Maintenance {
  /** What users read; empty for the page's own words. */
  readonly message: string;
  /** Addresses and networks that Odoo answers all the same, as they were asked for. */
  readonly allow: readonly string[];
  /** The same as the proxy sees them. */
  readonly addresses: readonly string[];
  /** ISO 8601, UTC. */
  readonly since: string;
  readonly author: Author;
  /** The page, as HTML. */
  readonly page: string;
  /** Where the requests of those go who are let through. */
  readonly routes: readonly ProxyService[];
}

const file = (folder: string) => join(folder, "maintenance.json");

/**
 * The maintenance that an environment is in; undefined where it is in none.
 * @param folder Where the volume of its releases is mounted.
 */
export const readMaintenance = (folder: string): Maintenance | undefined =>
  readJson(file(folder)) as Maintenance | undefined;

/** Begins or changes an environment's maintenance. */
export const writeMaintenance = (folder: string, state: Maintenance): void =>
  writeDurably(file(folder), JSON.stringify(state));

/** Ends it. */
export const forgetMaintenance = (folder: string): void => rmSync(file(folder), { force: true });

/** Name of the container that stands between the proxy and Odoo meanwhile, and its address on their network. */
export const gateName = (stack: string): string => `${stack}-gate`;

/** The same services with the gate in place of Odoo; it listens on Odoo's own ports. */
export function gateRoutes(stack: string, routes: readonly ProxyService[]): ProxyService[] {
  return routes.map((route) => ({
    ...route,
    targets: [...new Set(route.targets.map((target) => `${gateName(stack)}:${portOf(target)}`))],
  }));
}

/** The port of `host:port`. */
export const portOf = (target: string): number => Number(target.split(":")[1]);

/** The host of `host:port`. */
export const hostOf = (target: string): string => target.split(":")[0] ?? "";
