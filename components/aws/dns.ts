import * as route53 from "@pulumi/aws/route53";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../infra/core/component";
import type { HostedZone } from "./hostedZone";

/** A load balancer that names lead to. */
export interface BalancerAddress {
  /** Its DNS name. */
  readonly dnsName: pulumi.Input<string>;
  /** ID of the hosted zone that AWS keeps its name in; not the zone of the domains. */
  readonly zoneId: pulumi.Input<string>;
  /** Whether it is reached over IPv6 as well. */
  readonly dualstack: boolean;
}

/** What names lead to: a load balancer, or the Elastic IP address of a single machine. */
export type DnsTarget = { readonly balancer: BalancerAddress } | { readonly address: pulumi.Input<string> };

/** What records are made with. */
export interface DnsRecordsArgs {
  readonly zone: HostedZone;
  /** The names, each in the zone ({@link hostedZone} sees to it); `*.example.com` is any name at that place. */
  readonly domains: readonly string[];
  readonly target: DnsTarget;
}

/**
 * How long others remember an address, in seconds; the same that AWS gives the addresses of its load balancers. A platform that grows
 * from one machine to a load balancer is found there after a minute.
 */
const ttl = 60;

/**
 * Records in Route 53 that lead domains to a platform. One that is there already and belongs to something else is left alone: `up`
 * fails then. Growing from an address to a load balancer changes the same records.
 *
 * Cost: nothing for aliases of a load balancer; 0.40 USD per million queries for addresses. The hosted zone costs 0.50 USD a month.
 */
export class DnsRecords extends Component {
  constructor(name: string, args: DnsRecordsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("aws:DnsRecords", name, opts);
    for (const domain of new Set(args.domains)) {
      for (const type of typesOf(args.target)) {
        new route53.Record(
          this.childName(`${recordLabel(domain)}-${type.toLowerCase()}`),
          { zoneId: args.zone.id, name: domain, type, ...pointing(args.target) },
          this.child(),
        );
      }
    }
    this.registerOutputs();
  }
}

/** A domain in the name of a resource, which has no asterisk. */
export const recordLabel = (domain: string): string => domain.replace(/^\*/, "any");

const typesOf = (target: DnsTarget): ("A" | "AAAA")[] =>
  "balancer" in target && target.balancer.dualstack ? ["A", "AAAA"] : ["A"];

function pointing(target: DnsTarget): Pick<route53.RecordArgs, "aliases" | "records" | "ttl"> {
  if ("address" in target) return { records: [target.address], ttl };
  const { dnsName, zoneId } = target.balancer;
  // The balancer is checked by itself; Route 53 checking it too would leave a name without an answer.
  return { aliases: [{ name: dnsName, zoneId, evaluateTargetHealth: false }] };
}
