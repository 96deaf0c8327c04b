import { containerAt, exec } from "../../commands/docker";
import { UserError } from "../../core/errors";
import { attempt } from "../../core/exec";
import { labels } from "../../core/labels";
import { findContainers } from "../../swarm/engines";
import { engineOf } from "../peers";
import { ownImage } from "../self";
import { endInFiles, inFiles } from "./argv";
import type { Reach } from "./origin";
import type { CopyPlan } from "./plan";
import { endSending } from "./throughServer";

/** The PostgreSQL containers of a copy: see `containerAt`. */
export interface Servers {
  readonly own: string;
  readonly source: string;
}

/**
 * Finds them.
 * @throws UserError when one does not run, or is not where the plan has it.
 */
export async function findServers(plan: CopyPlan): Promise<Servers> {
  const [own, source] = await Promise.all([serverOf(plan.stack), serverOf(plan.source.stack)]);
  requirePlaces(plan, { own, source });
  return { own, source };
}

/** A stack's running PostgreSQL container; undefined where there is none. */
export async function findServer(stack: string): Promise<string | undefined> {
  const filters = Object.entries(labels(stack, "postgres")).map(([key, value]) => `${key}=${value}`);
  return (await findContainers(filters))[0];
}

/** The same; without one, there is nothing to copy, or nothing to copy to. */
export async function serverOf(stack: string): Promise<string> {
  const found = await findServer(stack);
  if (found) return found;
  throw new UserError(`No PostgreSQL of ${stack} runs.`, [
    {
      path: stack,
      expected: "an environment that is up",
      found: "no such container",
      hint: `npx odoo-stacks up ${stack}`,
    },
  ]);
}

/**
 * The volumes that were mounted are those of the machines that the plan has.
 * @throws UserError when a server is on another one.
 */
export function requirePlaces({ stack, source }: Pick<CopyPlan, "stack" | "source">, servers: Servers): void {
  const away = containerAt(servers.own).engine;
  if (away !== undefined) {
    throw new UserError(
      `A copy for ${stack} can't be made while its database and its files are on different machines.`,
      [
        {
          path: "its database",
          expected: "on the machine with its files",
          found: away,
          hint: `npx odoo-stacks move-database ${stack}`,
        },
      ],
    );
  }
  const machine = source.elsewhere?.database;
  const expected = machine === undefined ? undefined : engineOf(machine);
  const { engine } = containerAt(servers.source);
  if (engine === expected) return;
  throw new UserError(`The database of ${source.stack} is not where it was when this began.`, [
    {
      path: source.stack,
      expected: expected ?? "this machine",
      found: engine ?? "this machine",
      hint: `npx odoo-stacks up ${stack}`,
    },
  ]);
}

/**
 * How the source's folders are reached that are on other machines.
 * @param server The source's server.
 */
export async function reachSource(
  { stack, source }: CopyPlan,
  server: string,
): Promise<{ readonly cluster?: Reach; readonly files?: Reach }> {
  const { database } = source.elsewhere ?? {};
  return {
    cluster: database === undefined ? undefined : (command) => exec(server, command),
    files: await reachFiles({ stack, source }),
  };
}

/** How the source's files are reached; undefined where they are on this machine. */
export async function reachFiles({ stack, source }: Pick<CopyPlan, "stack" | "source">): Promise<Reach | undefined> {
  const { files } = source.elsewhere ?? {};
  if (files === undefined) return undefined;
  const image = await ownImage();
  const volume = source.volumes.filestore;
  return (command) => inFiles({ stack, engine: engineOf(files), image, volume }, command);
}

/** Ends what an earlier copy has left running on other machines, as far as they answer. */
export async function endElsewhere({ stack, source }: Pick<CopyPlan, "stack" | "source">): Promise<void> {
  const { database, files } = source.elsewhere ?? {};
  if (files !== undefined) await attempt(endInFiles(stack, engineOf(files)), { timeoutSeconds: 60 });
  if (database === undefined) return;
  const server = await findServer(source.stack).catch(() => undefined);
  if (server !== undefined) await endSending(server, stack).catch(() => undefined);
}
