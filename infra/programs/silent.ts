import type { PlatformMachine } from "../config/platformOutput";
import { type Problem, UserError } from "../core/errors";
import type { Silent } from "./volumes";

/** An environment, as far as it is told what to do without a machine. */
export interface Asking {
  readonly stack: string;
  /** Its platform's stack. */
  readonly platform: string;
}

/** Where the parts of an environment are. */
export interface Parts {
  readonly database: PlatformMachine;
  /** Its web machines; the first has its operator, which carries out releases, and their records. */
  readonly web: readonly [PlatformMachine, ...PlatformMachine[]];
  /** Whether they have its files in common; if not, these are on the first alone. */
  readonly shared: boolean;
}

/**
 * Fails, before anything changes, when a machine that does not answer has a part of an environment: what is to change there could
 * not be, and a release is one of all web machines or of none.
 */
export function requireParts(asking: Asking, parts: Parts, silent: readonly Silent[]): void {
  const problems = silent.flatMap(({ machine, found }): Problem[] => {
    const part = partOn(asking, parts, machine);
    return part ? [{ path: machine.name, expected: `an answer: ${part.what}`, found, hint: part.hint }] : [];
  });
  if (problems.length > 0)
    throw new UserError(`${asking.stack} can't be changed while a machine of it is down.`, problems);
}

/** What of an environment is on a machine, and what to do without it. */
function partOn({ stack, platform }: Asking, { database, web, shared }: Parts, machine: PlatformMachine) {
  const back = "Bring it back";
  if (machine === database) return { what: `it has the database of ${stack}`, hint: `${back}. Data is there alone.` };
  if (machine === web[0] && !shared)
    return { what: `it has the files of ${stack}`, hint: `${back}. Data is there alone.` };
  if (machine === web[0]) {
    const lost = `If it is lost for good: take it out of ${platform}'s file, npx odoo-stacks up ${platform}`;
    return {
      what: `it carries out the releases of ${stack}, and has their records`,
      hint: `${back}. ${lost}, then npx odoo-stacks let-go ${stack} ${machine.name} --lost`,
    };
  }
  if (!web.includes(machine)) return undefined;
  return {
    what: `it has a web container of ${stack}`,
    hint: `${back}, or go on without it: npx odoo-stacks drain ${platform} ${machine.name}`,
  };
}

/** Fails when data that nothing marks could be on a machine that does not answer. */
export function requireAnswers({ stack, platform }: Asking, silent: readonly Silent[]): void {
  if (silent.length === 0) return;
  throw new UserError(
    `It is not known where the data of ${stack} is.`,
    silent.map(({ machine, found }) => ({
      path: machine.name,
      expected: `an answer: the Swarm has no mark for ${stack}, so that its data, if there is any, could be there`,
      found,
      hint: `Bring it back. If it is lost for good: take it out of ${platform}'s file, and npx odoo-stacks up ${platform}`,
    })),
  );
}

/** Fails where Pulumi would have to remove volumes on machines that nobody can reach any more, which it refuses. */
export function requireListed({ stack, platform }: Asking, unlisted: readonly string[]): void {
  if (unlisted.length === 0) return;
  throw new UserError(
    `Volumes of ${stack} are on machines that ${platform} does not have any more.`,
    unlisted.map((name) => ({
      path: name,
      expected: `a machine of ${platform}, or one that Pulumi's state of ${stack} knows nothing of`,
      found: "a machine that was taken out of the list",
      hint: `npx odoo-stacks let-go ${stack} ${name} --lost (nothing on the machine itself is deleted), or put it back`,
    })),
  );
}

/** What people are told of a machine that an environment goes on without. */
export const goesOnWithout = (stack: string, { machine: { name }, found }: Silent): string =>
  `${name} does not answer (${found}). ${stack} has no part there that is in use, and goes on without it: volumes that were left ` +
  `on it stay as they are, and the operator's image comes to it with the first up that finds it back.`;
