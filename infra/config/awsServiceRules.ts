import type { Problem } from "../core/errors";
import { seconds } from "../core/units";
import { balancerTimeProblems } from "./awsBalancerTimes";
import { domainProblems, isZoneId } from "./awsDomains";
import type { AwsConfig } from "./awsSchema";
import type { PlatformConfig } from "./schema";

/** What no key of the parts around the machines can tell by itself: names, load balancer. */
export function serviceProblems({ topology, proxy }: PlatformConfig, { dns, balancer }: AwsConfig): Problem[] {
  return [
    ...(dns && !isZoneId(dns.zone) ? domainProblems(dns.zone, dnsDomains(dns)) : []),
    ...(topology === "load-balanced-production"
      ? [
          ...(dns ? [] : [withoutDns]),
          ...balancerTimeProblems(seconds(balancer.maxHold), seconds(proxy.responseTimeout)),
        ]
      : []),
  ];
}

/** The domains that lead to a platform, each by the path of its key. */
export const dnsDomains = ({ domains }: NonNullable<AwsConfig["dns"]>): readonly (readonly [string, string])[] =>
  domains.map((domain, at) => [`aws.dns.domains[${at}]`, domain]);

const withoutDns: Problem = {
  path: "aws.dns",
  expected: "a hosted zone and the domains that lead to the platform: its load balancer has a certificate for them",
  found: "nothing, with topology load-balanced-production",
  hint: "aws: { dns: { zone: example.com, domains: [odoo.example.com] } }",
};
