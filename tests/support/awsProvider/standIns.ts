import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** What a test's server takes until it stands in for an instance, in milliseconds. */
const longest = 120_000;

/** Addresses of servers that stand in for databases on RDS, by a part of the instance's identifier. */
const addresses = (): Readonly<Record<string, string>> =>
  JSON.parse(process.env.ODOO_STACKS_SIMULATED_AWS_DATABASES || "{}") as Record<string, string>;

/** The name under which a server stands in for an instance: the longest that is in its identifier; undefined without one. */
export const standInNamed = (identifier: string, names: readonly string[]): string | undefined =>
  names.filter((name) => identifier.includes(name)).sort((a, b) => b.length - a.length)[0];

/** The address of a server that stands in for an instance, where a test has one. */
export function standInFor(identifier: string): string | undefined {
  const known = addresses();
  return known[standInNamed(identifier, Object.keys(known)) ?? ""];
}

/** The file that says that a test has done its part for an instance or a snapshot. */
export const readyFile = (folder: string, type: string, name: string): string =>
  join(folder, `${type.split(":").at(-1) ?? ""}-${name}.ready`);

/** Waits until a test has done its part for a database or a snapshot, as RDS takes its time; at once where no server stands in. */
export async function whenReady(folder: string | undefined, type: string, name: string): Promise<void> {
  if (!/^aws:rds\/(instance|snapshot):/.test(type) || folder === undefined || Object.keys(addresses()).length === 0)
    return;
  const end = Date.now() + longest;
  while (!existsSync(readyFile(folder, type, name))) {
    if (Date.now() > end) throw new Error(`nothing stands in for ${name}`);
    await delay(50);
  }
}
