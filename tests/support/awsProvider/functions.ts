import { awsError } from "./errors";
import type { Fault } from "./faults";
import { zonesOf } from "./kinds/network";
import { policyDocument } from "./policyDocument";
import type { Place } from "./provider";
import { hexOf, type Properties, text } from "./values";
import type { Thing, World } from "./world";

/** What a function of the provider may look at. */
interface Asked {
  readonly args: Properties;
  readonly account: string;
  readonly region: string;
  readonly world: World;
  /** The day's images, so that a test can have newer ones come out. */
  readonly images: string;
}

type Answer = (asked: Asked) => Properties;

/**
 * Answers a function that only reads, as in `aws:ec2/getAmi:getAmi`.
 * @throws in AWS's words where there is no answer, and for functions that nobody has taught it.
 */
export function invoke(
  token: string,
  args: Properties,
  place: Place,
  world: World,
  faults: readonly Fault[],
  images: string,
): Properties {
  const path = token.split(":")[1] ?? "";
  const fault = faults.find((one) => one.token === token);
  const action = actions[path] ?? path.replace(/^(\w+)\/get/, "$1:Describe");
  if (fault) throw awsError(`reading ${path}`, action, place.account, fault.code);
  const answer = Object.hasOwn(answers, path) ? answers[path] : undefined;
  if (!answer) {
    throw new Error(`The simulated provider does not know the function ${token}: teach it in functions.ts.`);
  }
  const region = text(args, "region") || place.region;
  return { ...args, region, ...answer({ args, account: place.account, region, world, images }) };
}

/** The permissions that functions take, where they are not their service, `Describe` and what they describe. */
const actions: Readonly<Record<string, string>> = {
  "ec2/getAmi": "ec2:DescribeImages",
  "ssm/getParameter": "ssm:GetParameter",
  "secretsmanager/getSecretVersion": "secretsmanager:GetSecretValue",
  "route53/getZone": "route53:ListHostedZones",
  "rds/getSnapshot": "rds:DescribeDBSnapshots",
};

const answers: Readonly<Record<string, Answer>> = {
  "index/getCallerIdentity": ({ account }) => ({
    id: account,
    accountId: account,
    arn: `arn:aws:iam::${account}:user/odoo`,
    userId: "AIDASIMULATED",
  }),
  "index/getPartition": () => ({
    id: "aws",
    partition: "aws",
    dnsSuffix: "amazonaws.com",
    reverseDnsPrefix: "com.amazonaws",
  }),
  "index/getRegion": ({ region }) => ({
    id: region,
    name: region,
    endpoint: `ec2.${region}.amazonaws.com`,
    description: region,
  }),
  "index/getAvailabilityZones": ({ args, region }) => {
    const without = Array.isArray(args.excludeNames) ? args.excludeNames : [];
    const names = zonesOf(region).filter((zone) => !without.includes(zone));
    return { id: region, names, zoneIds: names.map((name) => `${name}-id`), groupNames: [region] };
  },
  "ec2/getAmi": ({ args, region, images }) => {
    const id = `ami-${hexOf(JSON.stringify([args.filters, args.owners, region, images]), 17)}`;
    return {
      id,
      imageId: id,
      arn: `arn:aws:ec2:${region}::image/${id}`,
      architecture: "arm64",
      name: "simulated",
      state: "available",
    };
  },
  "ec2/getInstanceType": ({ args }) => {
    const type = text(args, "instanceType");
    return {
      id: type,
      supportedArchitectures: [/^[a-z]+\d+g/.test(type) ? "arm64" : "x86_64"],
      currentGeneration: true,
    };
  },
  "ec2/getVpc": (asked) => the(asked, "aws:ec2/vpc:Vpc", "id", "no matching EC2 VPC found"),
  "ec2/getSubnet": (asked) => the(asked, "aws:ec2/subnet:Subnet", "id", "no matching EC2 Subnet found"),
  "ssm/getParameter": ({ args, region, account, world, images }) => {
    const name = text(args, "name");
    const own = world.find("aws:ssm/parameter:Parameter", name);
    const arn = `arn:aws:ssm:${region}:${account}:parameter${name}`;
    // Names of images that AWS, or who makes them, keeps up to date.
    if (name.startsWith("/aws/service/")) {
      const value = `ami-${hexOf(name + region + images, 17)}`;
      return { id: name, arn, type: "String", value, insecureValue: value, version: 1 };
    }
    if (!own) throw new Error(`reading SSM Parameter (${name}): couldn't find resource: ParameterNotFound`);
    return {
      id: name,
      arn,
      type: own.inputs.type,
      value: own.inputs.value,
      insecureValue: own.inputs.value,
      version: 1,
    };
  },
  "route53/getZone": ({ args, world }) => {
    const [id, name] = [text(args, "zoneId"), text(args, "name").replace(/\.$/, "")];
    const zone = world
      .ofType("aws:route53/zone:Zone")
      .find((one) => (id ? one.id === id : text(one.outputs, "name") === name));
    if (!zone) throw new Error("no matching Route 53 Hosted Zone found");
    return { ...zone.outputs, id: zone.id, zoneId: zone.id, name: text(zone.outputs, "name") };
  },
  "acm/getCertificate": ({ args, world }) => {
    const found = world.ofType("aws:acm/certificate:Certificate").find((one) => one.inputs.domainName === args.domain);
    if (!found) throw new Error("reading ACM Certificates: no matching ACM Certificate found");
    return { ...found.outputs, id: found.id, status: "ISSUED" };
  },
  "kms/getKey": (asked) => the(asked, "aws:kms/key:Key", "keyId", "NotFoundException: Key does not exist"),
  "s3/getBucket": (asked) => the(asked, "aws:s3/bucket:Bucket", "bucket", "couldn't find resource"),
  "secretsmanager/getSecret": (asked) => {
    const secret = secretOf(asked);
    return { ...secret.outputs, id: secret.id, arn: secret.id };
  },
  "secretsmanager/getSecretVersion": (asked) => {
    const secret = secretOf(asked);
    const versions = asked.world.ofType("aws:secretsmanager/secretVersion:SecretVersion");
    const value = versions.findLast(({ inputs }) => inputs.secretId === secret.id)?.inputs.secretString;
    const secretString = value ?? secret.outputs.secretString;
    if (secretString === undefined) throw new Error("couldn't find resource: the secret has no value");
    return {
      id: `${secret.id}|AWSCURRENT`,
      arn: secret.id,
      secretString,
      versionId: "1",
      versionStages: ["AWSCURRENT"],
    };
  },
  "iam/getPolicyDocument": ({ args }) => policyDocument(args),
  "rds/getInstance": ({ args, world }) => {
    const name = text(args, "dbInstanceIdentifier");
    const found = world.ofType("aws:rds/instance:Instance").find((one) => one.name === name);
    if (!found) throw new Error(`reading RDS DB Instance (${name}): couldn't find resource: DBInstanceNotFound`);
    return { ...found.outputs, id: found.id, dbInstanceIdentifier: name, dbInstanceClass: found.inputs.instanceClass };
  },
  "rds/getSnapshot": ({ args, region, world }) => {
    const fits = (of: "dbSnapshotIdentifier" | "dbInstanceIdentifier", { outputs }: Thing) =>
      args[of] === undefined || outputs[of] === args[of];
    const found = world
      .ofType("aws:rds/snapshot:Snapshot")
      .filter((one) => one.region === region)
      .filter((one) => fits("dbSnapshotIdentifier", one) && fits("dbInstanceIdentifier", one))
      .sort((a, b) => (b.since ?? "").localeCompare(a.since ?? ""));
    const [newest, ...more] = found;
    if (!newest) throw new Error("reading RDS DB Snapshots: no matching RDS DB Snapshot found");
    if (more.length > 0 && args.mostRecent !== true)
      throw new Error("multiple RDS DB Snapshots matched; use additional constraints");
    return { ...newest.outputs, id: newest.id, snapshotCreateTime: newest.since };
  },
  "rds/getEngineVersion": ({ args }) => {
    const version = text(args, "version") || "17";
    const actual = version.includes(".") ? version : `${version}.6`;
    return {
      id: actual,
      engine: args.engine,
      version: actual,
      versionActual: actual,
      parameterGroupFamily: `postgres${version.split(".")[0] ?? ""}`,
    };
  },
};

/** The thing of a type that a function names by its ID. */
function the({ args, world }: Asked, type: string, key: string, none: string): Properties {
  const found = world.find(type, text(args, key));
  if (!found) throw new Error(none);
  return { ...found.outputs, id: found.id };
}

function secretOf({ args, world }: Asked): Thing {
  const wanted = text(args, "secretId") || text(args, "arn") || text(args, "name");
  const secrets = world.ofType("aws:secretsmanager/secret:Secret");
  const found = secrets.find(({ id, name }) => id === wanted || name === wanted);
  if (!found) throw new Error("couldn't find resource: Secrets Manager can't find the specified secret.");
  return found;
}
