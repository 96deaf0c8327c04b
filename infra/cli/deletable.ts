import { UserError } from "../core/errors";
import { nameOf, type StateResource } from "./leftVolumes";

/**
 * Refuses to begin a removal that AWS would end half-way: an instance on RDS that is protected against deletion, which only an `up`
 * changes. A last snapshot is a matter of that protection too.
 * @param stack The stack's name.
 * @param resources What Pulumi's state has of it.
 */
export function requireDeletable(stack: string, resources: readonly StateResource[]): void {
  const kept = resources.filter(
    ({ type, inputs }) => type === "aws:rds/instance:Instance" && inputs?.deletionProtection === true,
  );
  if (kept.length === 0) return;
  throw new UserError(`${stack} can't be removed yet: AWS would refuse it half-way. Nothing was changed.`, [
    {
      path: "odoo-stacks:protectData, in its file",
      expected: "false, and an up since then",
      found: `${kept.map(({ urn }) => nameOf(urn)).join(", ")}, protected against deletion`,
      hint: `A snapshot of it, if the data is to be kept: aws rds create-db-snapshot. Then protectData: false, npx odoo-stacks up ${stack}, and again.`,
    },
  ]);
}
