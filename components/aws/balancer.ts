import * as ec2 from "@pulumi/aws/ec2";
import * as lb from "@pulumi/aws/lb";
import * as vpc from "@pulumi/aws/vpc";
import type * as pulumi from "@pulumi/pulumi";
import { balancerTimes } from "../../infra/config/awsBalancerTimes";
import { Component } from "../../infra/core/component";
import { AccessLogs } from "./accessLogs";
import { awsName } from "./awsName";
import { Certificate } from "./certificate";
import type { BalancerAddress } from "./dns";
import type { HostedZone } from "./hostedZone";
import { WebFirewall, type WebFirewallArgs } from "./webFirewall";

/** A machine whose proxy answers requests. */
export interface BalancedMachine {
  /** What the platform calls it. */
  readonly name: string;
  readonly instanceId: pulumi.Input<string>;
}

/** What a balancer is made with. */
export interface BalancerArgs {
  readonly vpcId: pulumi.Input<string>;
  /** Public subnets, each in a zone of its own, at least two. */
  readonly subnetIds: readonly pulumi.Input<string>[];
  /** The machines with a proxy, at least one. */
  readonly machines: readonly BalancedMachine[];
  /** Security group of those machines; it is opened to the balancer at `proxyPort`. */
  readonly machinesGroupId: pulumi.Input<string>;
  /** Port that the proxies listen on for HTTP, on an address that the balancer reaches. */
  readonly proxyPort: number;
  /** The domains that it has a certificate for, at least one, all in `zone`. */
  readonly domains: readonly [string, ...string[]];
  readonly zone: HostedZone;
  /** The longest that a release of any environment behind it may hold requests, in seconds. @default 120 */
  readonly maxHoldSeconds?: number;
  /** The longest that the proxies wait for an answer, in seconds. @default 150 */
  readonly responseTimeoutSeconds?: number;
  /** Whether it is reached over IPv6 as well; the subnets need IPv6 addresses then. @default false */
  readonly dualstack?: boolean;
  /** Whether AWS refuses to delete it; for production. @default true */
  readonly deletionProtection?: boolean;
  /** Number of the account that its access logs are kept in, and the days. @default no logs */
  readonly accessLogs?: { readonly accountId: pulumi.Input<string>; readonly retentionDays?: number };
  /** A firewall in front of it. @default none */
  readonly firewall?: Pick<WebFirewallArgs, "rateLimit">;
}

/**
 * The policy that AWS recommends: TLS 1.3 and 1.2 with forward secrecy and authenticated ciphers, with key exchange that withstands
 * quantum computers where the browser can.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
 */
const tlsPolicy = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09";

/**
 * An Application Load Balancer over all zones in front of the proxies on the web machines. It has the certificate; everything else
 * about requests, holding them during a release too, is the proxies' work.
 * It holds no sessions to a machine: they are in the shared filestore.
 * Not done here: the names that lead to it (`DnsRecords`), and having the proxies believe its `X-Forwarded-*` headers.
 *
 * Cost: about 17 to 20 USD a month by region, an address in each zone 3.65 USD, and 6 to 8 USD for each capacity unit that is in use
 * on average (25 new connections a second, 3,000 open ones, 1 GB an hour).
 */
export class Balancer extends Component {
  /** What names lead to. */
  readonly address: BalancerAddress;
  /** ARN of its certificate. */
  readonly certificateArn: pulumi.Output<string>;
  /** What its metrics in CloudWatch are found by. */
  readonly metrics: { readonly balancer: pulumi.Output<string>; readonly targetGroup: pulumi.Output<string> };

  constructor(name: string, args: BalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("aws:Balancer", name, opts);
    const protect = args.deletionProtection ?? true;
    const times = balancerTimes(args.maxHoldSeconds ?? 120, args.responseTimeoutSeconds ?? 150);
    const group = this.securityGroup(args);
    const logs =
      args.accessLogs && new AccessLogs(this.childName("logs"), { ...args.accessLogs, keep: protect }, this.child());
    const balancer = new lb.LoadBalancer(
      this.childName("balancer"),
      {
        name: awsName(name, 32),
        loadBalancerType: "application",
        internal: false,
        ipAddressType: args.dualstack ? "dualstack" : "ipv4",
        subnets: [...args.subnetIds],
        securityGroups: [group.id],
        idleTimeout: times.idle,
        dropInvalidHeaderFields: true,
        desyncMitigationMode: "defensive",
        // Its own client comes last in X-Forwarded-For, whatever that one claims.
        xffHeaderProcessingMode: "append",
        enableDeletionProtection: protect,
        accessLogs: logs ? { enabled: true, bucket: logs.bucket } : undefined,
        tags: { Name: name },
      },
      this.child(),
    );
    const targets = this.targets(args, times.deregistration);
    const certificate = new Certificate(
      this.childName("tls"),
      { domains: args.domains, zone: args.zone },
      this.child(),
    );
    this.listen(balancer, targets, certificate);
    if (args.firewall) {
      new WebFirewall(this.childName("firewall"), { ...args.firewall, balancerArn: balancer.arn }, this.child());
    }
    this.address = { dnsName: balancer.dnsName, zoneId: balancer.zoneId, dualstack: args.dualstack ?? false };
    this.certificateArn = certificate.arn;
    this.metrics = { balancer: balancer.arnSuffix, targetGroup: targets.arnSuffix };
    this.registerOutputs({ dnsName: balancer.dnsName, certificateArn: this.certificateArn });
  }

  /** Everyone may come in for HTTP and HTTPS, and it may go out to the proxies and nowhere else. */
  private securityGroup({ vpcId, machinesGroupId, proxyPort, dualstack }: BalancerArgs): ec2.SecurityGroup {
    const group = new ec2.SecurityGroup(
      this.childName("group"),
      { vpcId, description: "Load balancer: HTTP and HTTPS from everyone", tags: { Name: this.childName("group") } },
      this.child(),
    );
    const everyone = [
      { cidrIpv4: "0.0.0.0/0", suffix: "" },
      ...(dualstack ? [{ cidrIpv6: "::/0", suffix: "-ipv6" }] : []),
    ];
    for (const { suffix, ...from } of everyone) {
      for (const [protocol, port] of Object.entries({ http: 80, https: 443 })) {
        new vpc.SecurityGroupIngressRule(
          this.childName(`in-${protocol}${suffix}`),
          { securityGroupId: group.id, ...from, ipProtocol: "tcp", fromPort: port, toPort: port },
          this.child(),
        );
      }
    }
    const proxies = { ipProtocol: "tcp", fromPort: proxyPort, toPort: proxyPort };
    new vpc.SecurityGroupEgressRule(
      this.childName("out-proxies"),
      { securityGroupId: group.id, referencedSecurityGroupId: machinesGroupId, ...proxies },
      this.child(),
    );
    new vpc.SecurityGroupIngressRule(
      this.childName("proxies-in"),
      { securityGroupId: machinesGroupId, referencedSecurityGroupId: group.id, ...proxies },
      this.child(),
    );
    return group;
  }

  private targets({ vpcId, machines, proxyPort }: BalancerArgs, deregistrationDelay: number): lb.TargetGroup {
    const targets = new lb.TargetGroup(
      this.childName("targets"),
      {
        // Another port makes it a new one, beside the old one: it needs a name of its own each time.
        namePrefix: "odoo-",
        vpcId,
        targetType: "instance",
        protocol: "HTTP",
        port: proxyPort,
        deregistrationDelay,
        // Odoo's requests take from milliseconds to minutes: one after the other would pile up behind the long ones.
        loadBalancingAlgorithmType: "least_outstanding_requests",
        stickiness: { enabled: false, type: "lb_cookie" },
        healthCheck: {
          // The balancer asks for the machine's address, not for a domain. The proxy knows no such host and answers 404, also
          // while it holds requests or shows the maintenance page: who answers is alive. Odoo's health is the proxy's matter.
          path: "/",
          matcher: "200-404",
          protocol: "HTTP",
          interval: 5,
          timeout: 4,
          healthyThreshold: 2,
          unhealthyThreshold: 2,
        },
        tags: { Name: this.childName("targets") },
      },
      this.child(),
    );
    for (const { name, instanceId } of machines) {
      new lb.TargetGroupAttachment(
        this.childName(`target-${name}`),
        { targetGroupArn: targets.arn, targetId: instanceId, port: proxyPort },
        this.child(),
      );
    }
    return targets;
  }

  private listen(balancer: lb.LoadBalancer, targets: lb.TargetGroup, certificate: Certificate): void {
    const loadBalancerArn = balancer.arn;
    new lb.Listener(
      this.childName("http"),
      {
        loadBalancerArn,
        port: 80,
        protocol: "HTTP",
        defaultActions: [{ type: "redirect", redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" } }],
      },
      this.child(),
    );
    const https = new lb.Listener(
      this.childName("https"),
      {
        loadBalancerArn,
        port: 443,
        protocol: "HTTPS",
        sslPolicy: tlsPolicy,
        certificateArn: certificate.arn,
        defaultActions: [{ type: "forward", targetGroupArn: targets.arn }],
      },
      this.child(),
    );
    // The proxies pass X-Forwarded-Host on to Odoo, which believes it: a client must not send one. The balancer itself sends none.
    new lb.ListenerRule(
      this.childName("no-forwarded-host"),
      {
        listenerArn: https.arn,
        priority: 1,
        conditions: [{ httpHeader: { httpHeaderName: "X-Forwarded-Host", values: ["*"] } }],
        actions: [
          {
            type: "fixed-response",
            fixedResponse: {
              statusCode: "400",
              contentType: "text/plain",
              messageBody: "X-Forwarded-Host is not accepted.",
            },
          },
        ],
      },
      this.child(),
    );
  }
}
