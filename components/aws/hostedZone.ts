import * as route53 from "@pulumi/aws/route53";
import type * as pulumi from "@pulumi/pulumi";
import { domainProblems, plainDomain } from "../../infra/config/awsDomains";
import { UserError } from "../../infra/core/errors";

/** A hosted zone of Route 53. */
export interface HostedZone {
  /** Its ID, such as `Z0123456789ABCDEFGHIJ`. */
  readonly id: string;
  /** The domain that it is for, such as `example.com`. */
  readonly name: string;
}

/** How a hosted zone is named in a configuration: by its domain, or by its ID where several have the same. */
export type HostedZoneQuery = { readonly name: string } | { readonly id: string };

/** What Route 53 is asked; a test asks something else. */
type Lookup = (args: route53.GetZoneArgs, opts?: pulumi.InvokeOptions) => Promise<{ zoneId: string; name: string }>;

/**
 * Finds a public hosted zone and checks that it is the right one for some domains, before anything is changed.
 * @param query Which one.
 * @param domains The domains that records are wanted for, as in {@link domainProblems}.
 * @param opts The provider to ask, as `provider` or by a `parent`.
 * @throws UserError when there is no such zone, or a domain is outside of it.
 */
export async function hostedZone(
  query: HostedZoneQuery,
  domains: readonly (readonly [path: string, domain: string])[],
  opts?: pulumi.InvokeOptions,
  lookup: Lookup = route53.getZone,
): Promise<HostedZone> {
  const args = "id" in query ? { zoneId: query.id } : { name: plainDomain(query.name), privateZone: false };
  const found = await lookup(args, opts).catch((error: unknown) => {
    throw explained(query, error);
  });
  const zone = { id: found.zoneId, name: plainDomain(found.name) };
  const problems = domainProblems(zone.name, domains);
  if (problems.length > 0) throw new UserError("Domains are outside the hosted zone.", problems);
  return zone;
}

/** What Route 53 said, in a user's words where it is that there is no such zone. */
function explained(query: HostedZoneQuery, error: unknown): unknown {
  const said = error instanceof Error ? error.message : String(error);
  const several = /multiple Route ?53 Hosted Zones matched/i.test(said);
  if (!several && !/no matching Route ?53 Hosted Zone|NoSuchHostedZone/i.test(said)) return error;
  const asked = "id" in query ? query.id : query.name;
  return new UserError("The hosted zone can't be found.", [
    {
      path: "aws.dns.zone",
      expected: "one public hosted zone of this AWS account",
      found: several ? `several of the name ${asked}` : `none for ${asked}`,
      hint: several
        ? "Name it by its ID: aws route53 list-hosted-zones"
        : "aws route53 list-hosted-zones shows those that there are; aws route53 create-hosted-zone makes one.",
    },
  ]);
}
