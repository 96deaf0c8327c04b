import { beforeAll, describe, expect, it } from "vitest";
import { Balancer, type BalancerArgs } from "../../../../components/aws/balancer";
import { record, type Recorded, type Recording, tree } from "../../../support/mocks";

const example: BalancerArgs = {
  vpcId: "vpc-1",
  subnetIds: ["subnet-a", "subnet-b"],
  machines: [
    { name: "web-1", instanceId: "i-1" },
    { name: "web-2", instanceId: "i-2" },
  ],
  machinesGroupId: "sg-machines",
  proxyPort: 8080,
  domains: ["example.com", "*.example.com", "shop.example.com"],
  zone: { id: "Z1", name: "example.com" },
};

const declare = (args: Partial<BalancerArgs> = {}): Promise<Recording> =>
  record(
    () => {
      const balancer = new Balancer("acme-platform-balancer", { ...example, ...args });
      return Promise.resolve({ ...balancer.address, ...balancer.metrics, certificate: balancer.certificateArn });
    },
    { stack: "acme-platform" },
  );

const one = (recording: Recording, type: string): Record<string, unknown> => {
  const [found, ...more] = recording.ofType(type);
  if (!found || more.length > 0) throw new Error(`${more.length + (found ? 1 : 0)} of ${type}`);
  return found.inputs;
};
const byName = (resources: readonly Recorded[]) => new Map(resources.map(({ name, inputs }) => [name, inputs]));

describe("a balancer", () => {
  let plain: Recording;
  let full: Recording;
  beforeAll(async () => {
    plain = await declare({ deletionProtection: false });
    full = await declare({
      ...{ dualstack: true, maxHoldSeconds: 300, responseTimeoutSeconds: 600 },
      ...{ accessLogs: { accountId: "123456789012", retentionDays: 30 }, firewall: {} },
    });
  });

  it("declares what the golden file lists, and nothing else", async () => {
    await expect(tree(full.resources)).toMatchFileSnapshot("../golden/aws-balancer.txt");
  });

  it("waits longer than a release may hold a request and Odoo may work on it, also on a machine that is taken out", () => {
    expect(one(plain, "aws:lb/loadBalancer:LoadBalancer").idleTimeout).toBe(120 + 150 + 10);
    expect(one(plain, "aws:lb/targetGroup:TargetGroup").deregistrationDelay).toBe(120 + 150 + 10);
    expect(one(full, "aws:lb/loadBalancer:LoadBalancer").idleTimeout).toBe(300 + 600 + 10);
  });

  it("drops headers that are not valid, and lets nobody delete it unless that is asked for", () => {
    expect(one(full, "aws:lb/loadBalancer:LoadBalancer")).toMatchObject({
      ...{ internal: false, dropInvalidHeaderFields: true, desyncMitigationMode: "defensive" },
      ...{ xffHeaderProcessingMode: "append", enableDeletionProtection: true, ipAddressType: "dualstack" },
      subnets: ["subnet-a", "subnet-b"],
      securityGroups: ["acme-platform-balancer-group-id"],
    });
    expect(one(plain, "aws:lb/loadBalancer:LoadBalancer")).toMatchObject({
      ...{ enableDeletionProtection: false, ipAddressType: "ipv4" },
    });
  });

  it("answers over TLS 1.2 and 1.3 alone, and sends HTTP there", () => {
    const listeners = byName(full.ofType("aws:lb/listener:Listener"));
    expect(listeners.get("acme-platform-balancer-https")).toMatchObject({
      ...{ port: 443, protocol: "HTTPS", sslPolicy: "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09" },
      defaultActions: [{ type: "forward", targetGroupArn: "arn:aws:test:::acme-platform-balancer-targets" }],
    });
    expect(listeners.get("acme-platform-balancer-http")).toMatchObject({
      ...{ port: 80, protocol: "HTTP" },
      defaultActions: [{ type: "redirect", redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" } }],
    });
  });

  it("refuses requests that claim another host, which Odoo would believe", () => {
    expect(one(plain, "aws:lb/listenerRule:ListenerRule")).toMatchObject({
      conditions: [{ httpHeader: { httpHeaderName: "X-Forwarded-Host", values: ["*"] } }],
      actions: [{ type: "fixed-response", fixedResponse: { statusCode: "400" } }],
    });
  });

  it("takes a proxy that knows no such host for alive, and keeps nobody to a machine", () => {
    expect(one(plain, "aws:lb/targetGroup:TargetGroup")).toMatchObject({
      ...{ targetType: "instance", protocol: "HTTP", port: 8080, stickiness: { enabled: false } },
      healthCheck: { path: "/", matcher: "200-404" },
    });
    expect(plain.ofType("aws:lb/targetGroupAttachment:TargetGroupAttachment").map(({ inputs }) => inputs)).toEqual([
      { targetGroupArn: "arn:aws:test:::acme-platform-balancer-targets", targetId: "i-1", port: 8080 },
      { targetGroupArn: "arn:aws:test:::acme-platform-balancer-targets", targetId: "i-2", port: 8080 },
    ]);
  });

  it("lets everyone in for HTTP and HTTPS, and goes out to the proxies alone", () => {
    const wayIn = byName(plain.ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"));
    const own = { securityGroupId: "acme-platform-balancer-group-id", ipProtocol: "tcp" };
    const proxies = { ipProtocol: "tcp", fromPort: 8080, toPort: 8080 };
    expect(Object.fromEntries(wayIn)).toEqual({
      "acme-platform-balancer-in-http": { ...own, cidrIpv4: "0.0.0.0/0", fromPort: 80, toPort: 80 },
      "acme-platform-balancer-in-https": { ...own, cidrIpv4: "0.0.0.0/0", fromPort: 443, toPort: 443 },
      "acme-platform-balancer-proxies-in": {
        ...{ securityGroupId: "sg-machines", referencedSecurityGroupId: own.securityGroupId, ...proxies },
      },
    });
    expect(one(plain, "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")).toEqual({
      ...{ securityGroupId: own.securityGroupId, referencedSecurityGroupId: "sg-machines", ...proxies },
    });
    const { ingress, egress } = one(plain, "aws:ec2/securityGroup:SecurityGroup");
    expect([ingress, egress]).toEqual([undefined, undefined]);
  });

  it("has a certificate for all domains, each proven once, and listens when it is issued", () => {
    expect(one(plain, "aws:acm/certificate:Certificate")).toMatchObject({
      ...{ domainName: "example.com", validationMethod: "DNS" },
      subjectAlternativeNames: ["*.example.com", "shop.example.com"],
    });
    const proofs = plain.ofType("aws:route53/record:Record").map(({ inputs }) => inputs);
    expect(proofs.map(({ zoneId, name, type, records }) => ({ zoneId, name, type, records }))).toEqual([
      { zoneId: "Z1", name: "_proof.example.com", type: "CNAME", records: ["_value.example.com"] },
      { zoneId: "Z1", name: "_proof.shop.example.com", type: "CNAME", records: ["_value.shop.example.com"] },
    ]);
    expect(plain.before("acme-platform-balancer-https")).toContain("acme-platform-balancer-tls-issued");
  });

  it("keeps access logs in a bucket that only balancers of the account write to, and nobody without TLS", () => {
    expect(one(full, "aws:lb/loadBalancer:LoadBalancer").accessLogs).toEqual({
      ...{ enabled: true, bucket: "acme-platform-balancer-logs-bucket-id" },
    });
    expect(full.before("acme-platform-balancer-balancer")).toContain("acme-platform-balancer-logs-policy");
    expect(one(full, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")).toMatchObject({
      ...{ blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
    });
    const [write, tls, ...more] = (
      JSON.parse(one(full, "aws:s3/bucketPolicy:BucketPolicy").policy as string) as { Statement: object[] }
    ).Statement;
    expect(more).toEqual([]);
    expect(write).toMatchObject({
      Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
      Action: "s3:PutObject",
      Resource: "arn:aws:test:::acme-platform-balancer-logs-bucket/AWSLogs/123456789012/*",
      Condition: { ArnLike: { "aws:SourceArn": "arn:*:elasticloadbalancing:*:123456789012:loadbalancer/*" } },
    });
    expect(tls).toMatchObject({
      Effect: "Deny",
      Action: "s3:*",
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    });
    expect(one(full, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").rules).toMatchObject([
      { status: "Enabled", expiration: { days: 30 } },
    ]);
    expect(one(full, "aws:s3/bucket:Bucket").forceDestroy).toBe(false);
    expect(plain.ofType("aws:s3/bucket:Bucket")).toEqual([]);
  });

  it("has a firewall where that is asked for, which lets Odoo's uploads and formatted texts through", () => {
    const rules = one(full, "aws:wafv2/webAcl:WebAcl").rules as { name: string; priority: number; statement: object }[];
    expect(rules.map(({ name }) => name)).toEqual([
      ...["rate-limit", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"],
    ]);
    expect(rules[0]).toMatchObject({
      action: { block: { customResponse: { responseCode: 429 } } },
      statement: { rateBasedStatement: { limit: 10_000, aggregateKeyType: "IP" } },
    });
    expect(rules[1]?.statement).toMatchObject({
      managedRuleGroupStatement: {
        ruleActionOverrides: expect.arrayContaining([
          { name: "SizeRestrictions_BODY", actionToUse: { count: {} } },
        ]) as unknown,
      },
    });
    expect(one(full, "aws:wafv2/webAclAssociation:WebAclAssociation")).toEqual({
      resourceArn: "arn:aws:test:::acme-platform-balancer-balancer",
      webAclArn: "arn:aws:test:::acme-platform-balancer-firewall-acl",
    });
    expect(plain.ofType("aws:wafv2/webAcl:WebAcl")).toEqual([]);
  });

  it("says what names lead to and what its metrics are found by", () => {
    expect(full.outputs).toEqual({
      ...{ dnsName: "acme-platform-balancer-balancer.elb.amazonaws.com", zoneId: "Z-balancers", dualstack: true },
      ...{
        balancer: "app/acme-platform-balancer-balancer/1",
        targetGroup: "targetgroup/acme-platform-balancer-targets/1",
      },
      certificate: "arn:aws:test:::acme-platform-balancer-tls-certificate",
    });
  });
});
