import { UserError } from "../core/errors";
import type { Stage } from "./schema";

/** The version of {@link Source} that this code writes and reads. */
export const sourceVersion = 1;

/** What an environment exports as its output `source`, for those that are made from a copy of it. */
export interface Source {
  readonly version: typeof sourceVersion;
  readonly stack: string;
  readonly stage: Stage;
  /** Stack of the platform that it is on. */
  readonly platform: string;
  /** Name of its database. */
  readonly database: string;
  /** Names of its volumes. */
  readonly volumes: { readonly database: string; readonly filestore: string };
  /** Whether its database is on RDS, where no copy is made of it. @default false */
  readonly onRds?: boolean;
  /** The part of its configuration that copies of it share, as Pulumi hands it over. */
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * Reads what another stack exported as a source.
 * @param value The output `source` of that stack; undefined when it has none.
 * @param source Name of that stack.
 * @param own The environment that asks, and its platform.
 * @throws UserError when it is no environment, is not up, or is on another platform.
 */
export function parseSource(value: unknown, source: string, own: { stack: string; platform: string }): Source {
  const fail = (expected: string, found: string, hint: string) =>
    new UserError(`${own.stack} can't be made from a copy of ${source}.`, [
      { path: "restore.source", expected, found, hint },
    ]);
  const up = `Run \`npx odoo-stacks up ${source}\` first, or name another environment.`;
  if (typeof value !== "object" || value === null) {
    throw fail("an environment that is up", `"${source}", which exports no data to copy`, up);
  }
  const { version } = value as { version?: unknown };
  if (version !== sourceVersion) {
    throw fail(`an environment of this version (${sourceVersion})`, `version ${JSON.stringify(version)}`, up);
  }
  const found = value as Source;
  if (found.platform !== own.platform) {
    const hint = "Place both on the same platform.";
    throw fail(`an environment on ${own.platform}`, `${source} is on ${found.platform}`, hint);
  }
  if (found.onRds) {
    const hint = "Copies are made of databases in containers: docs/aws-rds.md";
    throw fail("an environment whose database is in a container", `${source}, whose database is on RDS`, hint);
  }
  return found;
}
