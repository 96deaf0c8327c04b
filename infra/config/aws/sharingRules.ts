import type { Problem } from "../../core/errors";
import type { PlatformAws } from "../platformOutput";
import type { EnvironmentConfig } from "../schema";

/** What accounts that a database on RDS is shared with ask of its platform. */
export function sharingRules(
  { platform, database: { rds } }: EnvironmentConfig,
  { account }: Pick<PlatformAws, "account">,
): Problem[] {
  const { sharing = [] } = rds ?? {};
  if (sharing.length === 0) return [];
  if (account === undefined) {
    return [
      {
        path: "platform",
        expected: "a platform that tells which AWS account it is in, since database.rds.sharing is there",
        found: `${platform}, as an earlier version left it`,
        hint: `npx odoo-stacks up ${platform}`,
      },
    ];
  }
  const path = "database.rds.sharing";
  return sharing.flatMap((one, at) => [
    ...(one === account ? [{ path, expected: "other accounts than the platform's own", found: `"${one}"` }] : []),
    ...(sharing.indexOf(one) < at ? [{ path, expected: "each only once", found: `"${one}" more than once` }] : []),
  ]);
}
