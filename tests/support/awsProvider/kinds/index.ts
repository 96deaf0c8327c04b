import { compute } from "./compute";
import type { Kind, Kinds } from "./kind";
import { network } from "./network";
import { operations } from "./operations";
import { storage } from "./storage";

/** All kinds, by module and name. */
export const kinds: Kinds = { ...network, ...compute, ...storage, ...operations };

/** Module and name of a type, as in `ec2/instance`; `alb` is another name of `lb`. */
export const pathOf = (type: string): string =>
  (type.split(":")[1] ?? "").replace(/^(alb|applicationloadbalancing)\//, "lb/");

/**
 * How AWS treats a type.
 * @throws where nobody has said it: a test double that guesses would hide what it is there to find.
 */
export function kindOf(type: string): Kind {
  const path = pathOf(type);
  const kind = Object.hasOwn(kinds, path) ? kinds[path] : undefined;
  if (kind) return kind;
  throw new Error(
    `The simulated provider does not know ${type}: say in tests/support/awsProvider/kinds how AWS treats it.`,
  );
}
