import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity";
import type * as pulumi from "@pulumi/pulumi";
import { Balancer } from "../../components/aws/balancer";
import { DnsRecords } from "../../components/aws/dns";
import { type HostedZone, hostedZone } from "../../components/aws/hostedZone";
import { isZoneId } from "../config/awsDomains";
import { isStoreProtected } from "../config/awsKept";
import { dnsDomains } from "../config/awsServiceRules";
import type { BalancerLimits } from "../config/platformOutput";
import { seconds } from "../core/units";
import { type AwsGround, type AwsPlatform, isBalanced, madeBy, webMachines } from "./awsParts";

/** What stands between people and a platform's proxies. */
export interface AwsFront {
  /** Where people find it; undefined where the platform has no public address. */
  readonly host?: pulumi.Input<string>;
  readonly balancer?: Balancer;
  /** What the balancer is set to. */
  readonly limits?: BalancerLimits;
}

/**
 * Finds the hosted zone of a platform's domains; undefined where its configuration names none.
 * @throws UserError when there is no such zone, or a domain is outside of it.
 */
export async function zoneOf({ config: { aws }, provider }: AwsPlatform): Promise<HostedZone | undefined> {
  if (!aws.dns) return undefined;
  const { zone } = aws.dns;
  return hostedZone(isZoneId(zone) ? { id: zone } : { name: zone }, dnsDomains(aws.dns), { provider });
}

/** Leads people to a platform: to its one address, or to a load balancer in front of the web machines. */
export function frontOf(ground: AwsGround, zone: HostedZone | undefined): AwsFront {
  const { stack, config, carried } = ground;
  const address = carried[0]?.instance.publicAddress;
  const domains = config.aws.dns?.domains ?? [];
  const [first, ...others] = domains;
  if (!zone || first === undefined) return { host: address };
  const balancer = isBalanced(config) ? balancerOf(ground, zone, [first, ...others]) : undefined;
  const target = balancer ? { balancer: balancer.address } : address && { address };
  if (target) new DnsRecords(`${stack}-dns`, { zone, domains, target }, madeBy(ground));
  if (!balancer) return { host: address };
  const host = domains.find((domain) => !domain.startsWith("*")) ?? balancer.address.dnsName;
  return { host, balancer, limits: { domains, maxHoldSeconds: seconds(config.aws.balancer.maxHold) } };
}

function balancerOf(ground: AwsGround, zone: HostedZone, domains: readonly [string, ...string[]]): Balancer {
  const { stack, config, network, security, provider } = ground;
  const { maxHold, waf, accessLogs } = config.aws.balancer;
  const { accountId } = getCallerIdentityOutput({}, { provider });
  return new Balancer(
    `${stack}-balancer`,
    {
      ...{ vpcId: network.vpcId, subnetIds: network.subnetIds("public"), zone, domains },
      machines: webMachines(ground).map(({ machine: { name }, instance: { instanceId } }) => ({ name, instanceId })),
      ...{ machinesGroupId: security.web, proxyPort: config.proxy.httpPort },
      maxHoldSeconds: seconds(maxHold),
      responseTimeoutSeconds: seconds(config.proxy.responseTimeout),
      deletionProtection: isStoreProtected("balancer", config.aws),
      accessLogs: accessLogs ? { accountId } : undefined,
      firewall: waf ? {} : undefined,
    },
    madeBy(ground),
  );
}
