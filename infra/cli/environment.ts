import { UserError } from "../core/errors";
import type { Report } from "../core/report";
import { ensureImage } from "../images";
import { OperatorClient } from "../operator/client";
import type { JournalState } from "../operator/journal";
import type { Overview } from "../operator/show";
import { otherEngines } from "../swarm/engines";
import { findStacks, type StackFile } from "./stacks";
import { projectDir } from "./workspace";

/** The environment that a name means: its stack, or the only environment of the group that shares the name. */
export function findEnvironment(project: string, name: string): StackFile {
  const environments = findStacks(project, name).filter(({ kind }) => kind === "environment");
  const [environment] = environments;
  if (environment && environments.length === 1) return environment;
  const names = environments.map((stack) => stack.name).join(", ");
  throw new UserError("Which environment?", [
    {
      path: "--stack",
      expected: names ? `one of ${names}` : "the stack of an environment",
      found: `"${name}", which is ${names ? "several" : "none"}`,
    },
  ]);
}

/** An environment and its operator. */
export interface Environment {
  readonly file: StackFile;
  readonly operator: OperatorClient;
}

/**
 * Finds an environment, and makes sure that its operator's image is there.
 * @param dockerHost The Engine that its operator works at, as `DOCKER_HOST` names it. @default that of commands without another
 */
export async function openEnvironment(name: string, report: Report, dockerHost?: string): Promise<Environment> {
  const file = findEnvironment(projectDir(), name);
  const image = await ensureImage("operator", report);
  const machine = { dockerHost, hasPeers: otherEngines().length > 0 };
  return { file, operator: new OperatorClient(image.id, file.name, machine) };
}

/** What is known of the releases of an environment that has had one. */
export type Released = Overview & { readonly current: JournalState };

/** What is known of an environment's releases; a `UserError` says that there has been none. */
export async function requireReleased({ file, operator }: Environment): Promise<Released> {
  const overview = await operator.overview();
  if (overview?.current) return { ...overview, current: overview.current };
  throw new UserError(`Nothing has been released on ${file.name} yet.`, [
    { path: file.name, expected: "a stack that is up", found: "none", hint: `npx odoo-stacks up ${file.name}` },
  ]);
}
