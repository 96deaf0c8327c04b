import type { MockResourceArgs } from "@pulumi/pulumi/runtime/mocks";

/** Where a recorded database or file system is found. */
export const addressOf = (name: string): string => `${name}.example.amazonaws.com`;

/** What a recorded snapshot says of itself. */
const snapshot = (name: string) => ({ allocatedStorage: 50, dbSnapshotArn: `arn:aws:test:::snapshot:${name}` });

/**
 * What a recorded resource of AWS answers: what it is given, a name and an ARN where it has none, and what others are given of it.
 */
export function awsOutputs({ type, name, inputs }: MockResourceArgs): Record<string, unknown> {
  const given = inputs as Record<string, unknown>;
  return { name: `${name}-1a2b3c4`, arn: `arn:aws:test:::${name}`, ...given, ...computed[type]?.(name, given) };
}

/** Outputs beyond that. */
const computed: Readonly<Record<string, (name: string, given: Record<string, unknown>) => Record<string, unknown>>> = {
  "aws:rds/instance:Instance": (name, { username = "source_admin" }) => ({
    ...{ address: addressOf(name), username, resourceId: `db-${name}` },
    masterUserSecrets: [{ secretArn: `arn:aws:test:::secret:${name}` }],
  }),
  "aws:rds/snapshot:Snapshot": snapshot,
  "aws:rds/snapshotCopy:SnapshotCopy": snapshot,
  "aws:efs/fileSystem:FileSystem": (name) => ({ dnsName: addressOf(name) }),
  "aws:lb/loadBalancer:LoadBalancer": (name) => ({
    ...{ arnSuffix: `app/${name}/1`, dnsName: `${name}.elb.amazonaws.com`, zoneId: "Z-balancers" },
  }),
  "aws:lb/targetGroup:TargetGroup": (name) => ({ arnSuffix: `targetgroup/${name}/1` }),
  "aws:ec2/eip:Eip": (name) => ({ allocationId: `${name}-allocation`, publicIp: "203.0.113.80" }),
  "aws:ec2/keyPair:KeyPair": (name) => ({ keyName: `${name}-1a2b3c4` }),
  "aws:route53/record:Record": (_name, { name }) => ({ fqdn: name }),
  "aws:acm/certificate:Certificate": (_name, { domainName, subjectAlternativeNames }) => ({
    domainValidationOptions: [domainName as string, ...(subjectAlternativeNames as string[])].map((domain) => ({
      ...{ domainName: domain, resourceRecordType: "CNAME" },
      resourceRecordName: `_proof.${domain.replace("*.", "")}`,
      resourceRecordValue: `_value.${domain.replace("*.", "")}`,
    })),
  }),
};

/** What functions of AWS answer to recorded programs; any other one is refused. */
export const awsFunctions: Readonly<Record<string, (inputs: Record<string, unknown>) => Record<string, unknown>>> = {
  "aws:ssm/getParameter:getParameter": ({ name }) => ({ id: name, name, value: `image of ${String(name)}` }),
  "aws:index/getCallerIdentity:getCallerIdentity": () => ({ accountId: "123456789012" }),
  "aws:route53/getZone:getZone": ({ name = "example.com", zoneId = "Z1" }) => ({ zoneId, name }),
  "aws:ec2/getAmi:getAmi": ({ filters }) => ({ id: (filters as { values: string[] }[])[0]?.values[0] }),
};
