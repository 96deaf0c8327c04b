import { getCallerIdentity } from "@pulumi/aws/getCallerIdentity";
import { Provider } from "@pulumi/aws/provider";
import type { OnRds } from "../config/aws/rdsWishes";
import type { Platform, PlatformAws } from "../config/platformOutput";
import { UserError } from "../core/errors";

/** Reaches AWS where a platform is, for an environment. What it makes there is tagged, and paid by whom the platform is for. */
export function awsProvider(
  name: string,
  stack: string,
  config: OnRds,
  { region, profile, tags }: PlatformAws,
): Provider {
  const own = { "odoo-stacks.stack": stack, "odoo-stacks.platform": config.platform, environment: config.stage };
  return new Provider(name, { region, profile, defaultTags: { tags: { ...own, ...tags } } });
}

/**
 * Reaches AWS where the platform is that an environment's source is on. The name has the platform's: what an earlier copy has in another
 * account is removed there.
 * @throws UserError when the credentials are another account's than the platform's.
 */
export async function sourceProvider(
  stack: string,
  config: OnRds,
  { stack: platform, aws }: Platform,
): Promise<Provider> {
  if (!aws) throw new Error("a configuration that was not checked");
  const provider = awsProvider(`${stack}-aws-${platform}`, stack, config, aws);
  const { accountId } = await getCallerIdentity({}, { provider });
  if (accountId === aws.account) return provider;
  throw new UserError(`${stack} can't be made from a snapshot.`, [
    {
      path: `aws.profile of ${platform}`,
      expected: `credentials of the account ${aws.account ?? ""}, which that platform is in`,
      found: `those of the account ${accountId}`,
      hint: "Correct the profile in ~/.aws/config of this computer, or its variables AWS_PROFILE, AWS_ACCESS_KEY_ID.",
    },
  ]);
}
