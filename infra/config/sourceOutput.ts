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
  /** Whether its database is on RDS. @default false */
  readonly onRds?: boolean;
  /** Identifier of its instance there; undefined in a container, and where an earlier version brought it up. */
  readonly instance?: string;
  /** Other AWS accounts that its key is shared with; undefined as its instance is. */
  readonly sharing?: readonly string[];
  /** ID of the operator's image on the machine with its files; undefined as its instance is. */
  readonly operator?: string;
  /** The part of its configuration that copies of it share, as Pulumi hands it over. */
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * Reads what another stack exported as a source.
 * @param value The output `source` of that stack; undefined when it has none.
 * @param source Name of that stack.
 * @param own The environment that asks, and its platform.
 * @throws UserError when it is no environment, is not up, or is in a container on another platform.
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
  if (found.platform !== own.platform && !found.onRds) {
    const hint =
      "Place both on the same platform. Between platforms, databases on RDS alone are copied: docs/aws-rds.md";
    throw fail(`an environment on ${own.platform}`, `${source} is on ${found.platform}, in a container`, hint);
  }
  if (found.onRds && found.instance === undefined) {
    throw fail("an environment that tells of its instance on RDS", `${source}, as an earlier version left it`, up);
  }
  return found;
}

/**
 * Checks that a copy can be made of a source where the environment's own database is to be.
 * @param stack The environment that asks.
 * @param onRds Whether its own database is on RDS.
 * @throws UserError when the one is on RDS and the other is not: a snapshot is restored on RDS alone, a cluster's files in a container.
 */
export function requireSameDatabaseKind(stack: string, onRds: boolean, source: Pick<Source, "stack" | "onRds">): void {
  const { onRds: isThere = false } = source;
  if (isThere === onRds) return;
  const place = (rds: boolean) => (rds ? "on RDS" : "in a container");
  throw new UserError(`${stack} can't be made from a copy of ${source.stack}.`, [
    {
      path: "database.kind",
      expected: `${isThere ? "rds" : "container"}: the database of ${source.stack} is ${place(isThere)}`,
      found: `"${onRds ? "rds" : "container"}"`,
      hint: "A copy is made where its source is of the same kind: docs/aws-rds.md",
    },
  ]);
}
