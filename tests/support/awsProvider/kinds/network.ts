import { blockOf, overlap } from "../addresses";
import { hexOf, type Properties, randomHex, text } from "../values";
import { attachment, type Kind, type Kinds, type Surroundings } from "./kind";

/** Zones of a region: three, as in most. */
export const zonesOf = (region: string): string[] => ["a", "b", "c"].map((letter) => `${region}${letter}`);

/** A zone that the region does not have. */
export function wrongZone(inputs: Properties, { region }: Surroundings): string | undefined {
  const zone = text(inputs, "availabilityZone");
  if (!zone || zonesOf(region).includes(zone)) return undefined;
  const zones = zonesOf(region).join(", ");
  return `InvalidParameterValue: Value (${zone}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${zones}.`;
}

const subnet: Kind = {
  id: "subnet-",
  arn: "ec2:{region}:{account}:subnet/{id}",
  replaces: ["vpcId", "cidrBlock", "availabilityZone", "availabilityZoneId"],
  held: true,
  outputs: ({ inputs, region }) => ({ availabilityZone: text(inputs, "availabilityZone") || `${region}a` }),
  refuses(inputs, surroundings) {
    const { world } = surroundings;
    const [vpcId, cidr] = [text(inputs, "vpcId"), text(inputs, "cidrBlock")];
    const network = world.find("aws:ec2/vpc:Vpc", vpcId);
    const whole = network && blockOf(text(network.inputs, "cidrBlock"));
    const own = blockOf(cidr);
    if (!own)
      return `InvalidParameterValue: Value (${cidr}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`;
    if (whole && (own.first < whole.first || own.last > whole.last)) {
      return `InvalidSubnet.Range: The CIDR '${cidr}' is invalid.`;
    }
    const others = world.ofType("aws:ec2/subnet:Subnet").filter((other) => text(other.inputs, "vpcId") === vpcId);
    if (others.some((other) => overlap(cidr, text(other.inputs, "cidrBlock")))) {
      return `InvalidSubnet.Conflict: The CIDR '${cidr}' conflicts with another subnet`;
    }
    return wrongZone(inputs, surroundings);
  },
};

const securityGroup: Kind = {
  id: "sg-",
  arn: "ec2:{region}:{account}:security-group/{id}",
  replaces: ["name", "namePrefix", "description", "vpcId"],
  taken: "InvalidGroup.Duplicate",
  held: true,
  outputs: ({ inputs, account }) => ({
    ownerId: account,
    description: inputs.description ?? "Managed by Pulumi",
    ingress: inputs.ingress ?? [],
    egress: inputs.egress ?? [],
  }),
};

const loadBalancer: Kind = {
  id: "arn",
  arn: "elasticloadbalancing:{region}:{account}:loadbalancer/app/{name}/{hex}",
  replaces: ["name", "namePrefix", "internal", "loadBalancerType", "customerOwnedIpv4Pool"],
  longest: 32,
  taken: "DuplicateLoadBalancerName",
  action: "elasticloadbalancing:CreateLoadBalancer",
  protectedBy: "enableDeletionProtection",
  outputs: ({ name, region, arn, inputs }) => ({
    arnSuffix: arn.split(":loadbalancer/")[1] ?? "",
    dnsName: `${inputs.internal === true ? "internal-" : ""}${name}-${hexOf(arn, 9)}.${region}.elb.amazonaws.com`,
    zoneId: "Z35SXDOTRQ7X7K",
    loadBalancerType: inputs.loadBalancerType ?? "application",
    idleTimeout: inputs.idleTimeout,
  }),
  refuses: ({ subnets, loadBalancerType = "application" }) =>
    Array.isArray(subnets) && subnets.length < 2 && loadBalancerType === "application"
      ? "ValidationError: At least two subnets in two different Availability Zones must be specified"
      : undefined,
};

/** How AWS treats networks, addresses, load balancers, names and certificates. */
export const network: Kinds = {
  "ec2/vpc": {
    id: "vpc-",
    arn: "ec2:{region}:{account}:vpc/{id}",
    replaces: ["cidrBlock", "ipv4IpamPoolId"],
    held: true,
    outputs: ({ account, id }) => ({
      ownerId: account,
      mainRouteTableId: `rtb-${hexOf(id, 17)}`,
      defaultRouteTableId: `rtb-${hexOf(id, 17)}`,
      defaultSecurityGroupId: `sg-${hexOf(id, 17)}`,
      defaultNetworkAclId: `acl-${hexOf(id, 17)}`,
      enableDnsSupport: true,
    }),
  },
  "ec2/subnet": subnet,
  "ec2/internetGateway": { id: "igw-", arn: "ec2:{region}:{account}:internet-gateway/{id}" },
  "ec2/routeTable": { id: "rtb-", arn: "ec2:{region}:{account}:route-table/{id}", replaces: ["vpcId"], held: true },
  "ec2/route": {
    id: (inputs) => `r-${text(inputs, "routeTableId")}${hexOf(JSON.stringify(inputs), 10)}`,
    replaces: ["routeTableId", "destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"],
  },
  "ec2/routeTableAssociation": {
    id: "rtbassoc-",
    replaces: ["subnetId", "gatewayId"],
    action: "ec2:AssociateRouteTable",
  },
  "ec2/mainRouteTableAssociation": { id: "rtbassoc-", replaces: ["vpcId"], action: "ec2:ReplaceRouteTableAssociation" },
  "ec2/defaultSecurityGroup": {
    id: "sg-",
    arn: "ec2:{region}:{account}:security-group/{id}",
    replaces: ["vpcId"],
    named: "",
  },
  "ec2/securityGroup": securityGroup,
  "ec2/securityGroupRule": attachment("sgrule-", "ec2:AuthorizeSecurityGroupIngress"),
  "vpc/securityGroupIngressRule": {
    id: "sgr-",
    arn: "ec2:{region}:{account}:security-group-rule/{id}",
    replaces: ["securityGroupId"],
    action: "ec2:AuthorizeSecurityGroupIngress",
  },
  "vpc/securityGroupEgressRule": {
    id: "sgr-",
    arn: "ec2:{region}:{account}:security-group-rule/{id}",
    replaces: ["securityGroupId"],
    action: "ec2:AuthorizeSecurityGroupEgress",
  },
  "ec2/eip": {
    id: "eipalloc-",
    arn: "ec2:{region}:{account}:elastic-ip/{id}",
    replaces: ["domain", "address", "networkBorderGroup", "publicIpv4Pool"],
    action: "ec2:AllocateAddress",
    outputs: ({ id }) => ({ allocationId: id, publicIp: address(id), publicDns: "" }),
  },
  "ec2/eipAssociation": attachment("eipassoc-", "ec2:AssociateAddress"),
  "ec2/natGateway": {
    id: "nat-",
    replaces: ["subnetId", "allocationId", "connectivityType", "privateIp"],
    outputs: ({ id }) => ({ publicIp: address(id), connectivityType: "public" }),
  },
  "ec2/vpcEndpoint": {
    id: "vpce-",
    arn: "ec2:{region}:{account}:vpc-endpoint/{id}",
    replaces: ["vpcId", "serviceName", "vpcEndpointType", "serviceRegion"],
    outputs: ({ id }) => ({ state: "available", prefixListId: `pl-${hexOf(id, 8)}` }),
  },
  "ec2/vpcEndpointRouteTableAssociation": attachment("a-vpce-", "ec2:ModifyVpcEndpoint"),
  "ec2/flowLog": { ...attachment("fl-", "ec2:CreateFlowLogs"), arn: "ec2:{region}:{account}:vpc-flow-log/{id}" },
  "lb/loadBalancer": loadBalancer,
  "lb/targetGroup": {
    id: "arn",
    arn: "elasticloadbalancing:{region}:{account}:targetgroup/{name}/{hex}",
    replaces: ["name", "namePrefix", "port", "protocol", "vpcId", "targetType", "protocolVersion", "ipAddressType"],
    longest: 32,
    taken: "DuplicateTargetGroupName",
    action: "elasticloadbalancing:CreateTargetGroup",
    held: true,
    outputs: ({ arn }) => ({ arnSuffix: arn.split(":").at(-1) ?? "" }),
  },
  "lb/listener": {
    id: "arn",
    arn: "elasticloadbalancing:{region}:{account}:listener/app/{hex}",
    replaces: ["loadBalancerArn"],
    action: "elasticloadbalancing:CreateListener",
  },
  "lb/listenerRule": {
    id: "arn",
    arn: "elasticloadbalancing:{region}:{account}:listener-rule/app/{hex}",
    replaces: ["listenerArn"],
    action: "elasticloadbalancing:CreateRule",
  },
  "lb/listenerCertificate": attachment("lcert-", "elasticloadbalancing:AddListenerCertificates"),
  "lb/targetGroupAttachment": attachment("tga-", "elasticloadbalancing:RegisterTargets"),
  "acm/certificate": {
    id: "arn",
    arn: "acm:{region}:{account}:certificate/{hex}",
    replaces: ["domainName", "subjectAlternativeNames", "validationMethod", "keyAlgorithm", "certificateAuthorityArn"],
    action: "acm:RequestCertificate",
    outputs: ({ inputs, arn }) => ({
      status: "PENDING_VALIDATION",
      notAfter: "2027-12-31T23:59:59Z",
      domainValidationOptions: [text(inputs, "domainName"), ...names(inputs.subjectAlternativeNames)].map((domain) => ({
        domainName: domain,
        resourceRecordName: `_${hexOf(arn, 32)}.${domain.replace(/^\*\./, "")}.`,
        resourceRecordType: "CNAME",
        resourceRecordValue: `_${hexOf(domain, 32)}.acm-validations.aws.`,
      })),
    }),
  },
  "acm/certificateValidation": {
    id: "uuid",
    replaces: ["certificateArn", "validationRecordFqdns"],
    action: "acm:DescribeCertificate",
  },
  "route53/zone": {
    id: (inputs) => `Z${hexOf(`${text(inputs, "name")}${randomHex(8)}`, 20).toUpperCase()}`,
    arn: "route53:::hostedzone/{id}",
    replaces: ["name", "delegationSetId"],
    unique: "no",
    action: "route53:CreateHostedZone",
    outputs: ({ id }) => ({
      zoneId: id,
      primaryNameServer: "ns-1.awsdns-01.com",
      nameServers: ["ns-1.awsdns-01.com", "ns-2.awsdns-02.net", "ns-3.awsdns-03.org", "ns-4.awsdns-04.co.uk"],
    }),
  },
  "route53/record": {
    id: (inputs) => [text(inputs, "zoneId"), text(inputs, "name"), text(inputs, "type")].join("_"),
    replaces: ["zoneId", "name"],
    named: "",
    action: "route53:ChangeResourceRecordSets",
    outputs: ({ inputs }) => ({ fqdn: text(inputs, "name") }),
    refuses(inputs, { world }) {
      const zone = world.find("aws:route53/zone:Zone", text(inputs, "zoneId"));
      const [name, domain] = [text(inputs, "name").replace(/\.$/, ""), zone ? text(zone.inputs, "name") : ""];
      if (!zone || name === domain || name.endsWith(`.${domain}`)) return undefined;
      return `InvalidChangeBatch: RRSet with DNS name ${name}. is not permitted in zone ${domain}.`;
    },
  },
  "route53/healthCheck": {
    id: "uuid",
    arn: "route53:::healthcheck/{id}",
    replaces: ["type", "requestInterval"],
    unique: "no",
  },
  "wafv2/webAcl": {
    id: "uuid",
    arn: "wafv2:{region}:{account}:regional/webacl/{name}/{id}",
    replaces: ["name", "namePrefix", "scope"],
    action: "wafv2:CreateWebACL",
    held: true,
  },
  "wafv2/webAclAssociation": attachment("waf-", "wafv2:AssociateWebACL"),
  "wafv2/webAclLoggingConfiguration": {
    id: "uuid",
    replaces: ["resourceArn"],
    action: "wafv2:PutLoggingConfiguration",
  },
};

const names = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];

/** An address out of those that are for documentation (RFC 5737). */
export const address = (from: string): string => `203.0.113.${(Number.parseInt(hexOf(from, 4), 16) % 254) + 1}`;
