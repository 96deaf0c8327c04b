import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withDenied } from "../../infra/cli/awsDenied";
import { explained } from "../../infra/cli/workspace";
import { packageVersion } from "../../infra/engine/version";
import { installSimulatedAws, simulationVariables } from "../support/awsProvider/install";
import { World } from "../support/awsProvider/world";
import { type Kept, PluginStack } from "../support/pluginStack";

/** The test double of the provider `aws` on the real engine: what it has to find in programs, and what it has to leave alone. */
let folder: string;
let stack: PluginStack;
let world: World;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "odoo-stacks-aws-"));
  world = new World(folder);
  const variables = { AWS_REGION: "eu-central-1", ...simulationVariables({ folder }) };
  stack = await PluginStack.create({ docker: false, install: installSimulatedAws, variables });
});
afterAll(async () => {
  await stack.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** What a program's parts may differ in from run to run. */
interface Given {
  readonly instanceType?: string;
  readonly ami?: string;
  readonly size?: number;
  readonly zone?: string;
  readonly cidr?: string;
  readonly extra?: () => unknown;
}

/** A network, a machine with a disk of its own, a database. */
const program =
  (given: Given = {}) =>
  () => {
    const vpc = new aws.ec2.Vpc("net", { cidrBlock: "10.0.0.0/16", tags: { Name: "net" } });
    const subnet = new aws.ec2.Subnet("zone-a", { vpcId: vpc.id, cidrBlock: given.cidr ?? "10.0.0.0/24" });
    const group = new aws.ec2.SecurityGroup("web", { vpcId: vpc.id });
    const machine = new aws.ec2.Instance("main", {
      ami: given.ami ?? "ami-1",
      instanceType: given.instanceType ?? "t4g.small",
      subnetId: subnet.id,
      vpcSecurityGroupIds: [group.id],
      associatePublicIpAddress: true,
      rootBlockDevice: { volumeType: "gp3", volumeSize: 20, encrypted: true },
    });
    const disk = new aws.ebs.Volume("data", {
      availabilityZone: given.zone ?? "eu-central-1a",
      size: given.size ?? 50,
      type: "gp3",
      encrypted: true,
    });
    new aws.ec2.VolumeAttachment("data", { deviceName: "/dev/sdf", instanceId: machine.id, volumeId: disk.id });
    const database = new aws.rds.Instance("Db", {
      engine: "postgres",
      engineVersion: "17",
      instanceClass: "db.t4g.small",
      allocatedStorage: 20,
      username: "postgres",
      manageMasterUserPassword: true,
      finalSnapshotIdentifier: "db-final",
    });
    given.extra?.();
    return Promise.resolve({
      publicIp: machine.publicIp,
      privateIp: machine.privateIp,
      endpoint: database.endpoint,
      identifier: database.identifier,
      secret: database.masterUserSecrets.apply(([secret]) => secret?.secretArn),
    });
  };
const made = 7;

/** A resource past the SDK's own classes, whose constructors drop what they don't know. */
class Raw extends pulumi.CustomResource {
  constructor(type: string, args: pulumi.Inputs) {
    super(type, "wrong", args, { version: packageVersion("@pulumi/aws") });
  }
}

const only = (type: string): Kept => {
  const found = stack.kept(type);
  expect(found).toHaveLength(1);
  return found[0] as Kept;
};

describe("a program", () => {
  it("is previewed: what it gives is known, what AWS gives is not", async () => {
    const seen: unknown[] = [];
    const watched = () => {
      const zone = new aws.ec2.Subnet("zone-a", { vpcId: "vpc-1", cidrBlock: "10.0.0.0/24" });
      zone.cidrBlock.apply((cidr) => seen.push(cidr));
      zone.id.apply((id) => seen.push(id));
      return Promise.resolve({});
    };
    expect((await stack.preview(watched)).changes).toEqual({ create: 1 });
    expect(seen).toEqual(["10.0.0.0/24"]);
    expect(world.all()).toEqual([]);
  });

  it("is brought up: IDs, names and addresses have the form of AWS's", async () => {
    const { changes, outputs } = await stack.up(program());
    expect(changes).toEqual({ create: made });
    const value = (name: string) => outputs[name]?.value;
    expect(value("publicIp")).toMatch(/^203\.0\.113\.\d+$/);
    expect(value("privateIp")).toMatch(/^10\.0\.0\.\d+$/);
    expect(value("identifier")).toMatch(/^db-[\da-f]{7}$/);
    expect(value("endpoint")).toMatch(/^db-[\da-f]{7}\.[\da-f]{12}\.eu-central-1\.rds\.amazonaws\.com:5432$/);
    expect(value("secret")).toMatch(/^arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!db-/);
    expect(only("aws:ec2/vpc:Vpc").id).toMatch(/^vpc-[\da-f]{17}$/);
    expect(only("aws:ec2/securityGroup:SecurityGroup").outputs?.name).toMatch(/^web-[\da-f]{7}$/);
    expect(only("aws:ec2/instance:Instance").outputs).toMatchObject({
      arn: expect.stringMatching(/^arn:aws:ec2:eu-central-1:123456789012:instance\/i-[\da-f]{17}$/) as string,
      region: "eu-central-1",
      availabilityZone: "eu-central-1a",
    });
    expect(world.find("aws:ec2/vpc:Vpc", only("aws:ec2/vpc:Vpc").id ?? "")?.inputs.cidrBlock).toBe("10.0.0.0/16");
  });

  it("changes nothing by itself", async () => {
    expect((await stack.up(program())).changes).toEqual({ same: made });
    expect((await stack.refresh()).changes).toEqual({ same: made });
  });

  it("changes in place what AWS changes in place, and keeps what it has made up", async () => {
    const before = only("aws:ec2/instance:Instance");
    const { changes, outputs } = await stack.up(program({ instanceType: "t4g.large", size: 80 }));
    expect(changes).toEqual({ update: 2, same: made - 2 });
    expect(only("aws:ec2/instance:Instance").id).toBe(before.id);
    expect(only("aws:ebs/volume:Volume").outputs?.size).toBe(80);
    expect(outputs.publicIp?.value).toBe(before.outputs?.publicIp);
  });

  it("has a new machine made for another image, and with it what is attached; the disk stays", async () => {
    const disk = only("aws:ebs/volume:Volume").id;
    const given: Given = { instanceType: "t4g.large", size: 80, ami: "ami-2" };
    const preview = await stack.preview(program(given));
    expect(preview.changes).toEqual({ replace: 2, same: made - 2 });
    expect((await stack.up(program(given))).changes).toEqual({ replace: 2, same: made - 2 });
    expect(only("aws:ebs/volume:Volume").id).toBe(disk);
  });

  it("has a new disk made in another zone, which a preview tells", async () => {
    const { steps } = await stack.preview(
      program({ instanceType: "t4g.large", size: 80, ami: "ami-2", zone: "eu-central-1b" }),
    );
    expect(steps).toContain("replace data");
  });
});

describe("AWS refuses", () => {
  const given: Given = { instanceType: "t4g.large", size: 80, ami: "ami-2" };
  const up = (extra: () => unknown, more: Given = {}) => stack.up(program({ ...given, ...more, extra }));
  it("arguments that a resource does not have, at any depth, and the lack of those that it needs", async () => {
    const wrong = () => new Raw("aws:ebs/volume:Volume", { availabilityzone: "eu-central-1a", size: "much" });
    const failure = stack.preview(program({ ...given, extra: wrong }));
    await expect(failure).rejects.toThrow(/An argument named "availabilityzone" is not expected here/);
    await expect(failure).rejects.toThrow(/The argument "availabilityZone" is required/);
    await expect(failure).rejects.toThrow(/a number is required/);
    const deep = () => new Raw("aws:ec2/instance:Instance", { rootBlockDevice: { volumesize: 3 } });
    const other = stack.preview(program({ ...given, extra: deep }));
    await expect(other).rejects.toThrow(/property rootBlockDevice\.volumesize .* is not expected here/);
  });

  it("a name that is taken, a network that overlaps, a zone of another region, a disk that shrinks", async () => {
    world.put({
      type: "aws:s3/bucket:Bucket",
      id: "acme",
      account: "999999999999",
      region: "us-east-1",
      name: "acme",
      inputs: {},
      outputs: {},
    });
    await expect(up(() => new aws.s3.Bucket("b", { bucket: "acme" }))).rejects.toThrow(/BucketAlreadyExists: acme/);
    const [vpc] = world.ofType("aws:ec2/vpc:Vpc");
    const overlapping = () => new aws.ec2.Subnet("again", { vpcId: vpc?.id ?? "", cidrBlock: "10.0.0.128/25" });
    await expect(up(overlapping)).rejects.toThrow(/InvalidSubnet\.Conflict/);
    const elsewhere = () => new aws.ebs.Volume("far", { availabilityZone: "us-east-1a", size: 1 });
    await expect(up(elsewhere)).rejects.toThrow(/\(us-east-1a\) for parameter availabilityZone is invalid/);
    await expect(up(() => undefined, { size: 10 })).rejects.toThrow(/size can't be made smaller/);
  });

  it("a snapshot that is gone, or that is larger than the storage", async () => {
    const restore = (from: string, size: number) => () =>
      new aws.rds.Instance("copy", {
        instanceClass: "db.t4g.small",
        allocatedStorage: size,
        snapshotIdentifier: from,
        skipFinalSnapshot: true,
      });
    await expect(up(restore("never", 20))).rejects.toThrow(/DBSnapshotNotFound: DBSnapshot not found: never/);
    world.put({
      type: "aws:rds/snapshot:Snapshot",
      id: "large",
      account: "123456789012",
      region: "eu-central-1",
      inputs: {},
      outputs: { dbSnapshotIdentifier: "large", allocatedStorage: 100 },
    });
    await expect(up(restore("large", 20))).rejects.toThrow(/Invalid storage size .* the snapshot has 100/);
    world.remove("aws:rds/snapshot:Snapshot", "large");
  });

  it("what the account may not do, with the permission that it takes", async () => {
    const topic = () => new aws.sns.Topic("alarms");
    stack.setVariables(simulationVariables({ folder, fail: "aws:sns/topic:Topic:AccessDenied" }));
    const said = await up(topic).then(
      () => "",
      (error: unknown) => String(error),
    );
    expect(said).toMatch(
      /creating SNS Topic: operation error SNS: CreateTopic, .* StatusCode: 403, .* api error AccessDenied: .* sns:CreateTopic/,
    );
    expect(withDenied(said)).toMatch(
      / {2}sns:CreateTopic\n {4}expected: a permission of arn:aws:iam::123456789012:user\/odoo/,
    );
    stack.setVariables(simulationVariables({ folder }));
    expect((await up(topic)).changes).toEqual({ create: 1, same: made });
    expect((await stack.up(program(given))).changes).toEqual({ delete: 1, same: made });
  });

  it("what the account may not remove, as `destroy` tells it", async () => {
    const topic = () => new aws.sns.Topic("alarms");
    await up(topic);
    stack.setVariables(simulationVariables({ folder, fail: "aws:sns/topic:Topic:AccessDenied@delete" }));
    await expect(explained("test", () => stack.destroy())).rejects.toThrow(
      /AWS does not allow what this stack needs:\n {2}sns:DeleteTopic\n {4}expected: a permission of arn:aws:iam::123456789012:user\/odoo/,
    );
    stack.setVariables(simulationVariables({ folder }));
    await stack.destroy();
    expect((await stack.up(program(given))).changes).toEqual({ create: made });
  });

  it("types and functions that nobody has taught it", async () => {
    await expect(up(() => new aws.sqs.Queue("q"))).rejects.toThrow(/does not know aws:sqs\/queue:Queue/);
    const said: string[] = [];
    const asking = async () => {
      const gateway = aws.ec2.getInternetGateway({ internetGatewayId: "igw-1" });
      await gateway.catch((error: unknown) => said.push(String(error)));
      return {};
    };
    await stack.preview(asking);
    expect(said.join()).toContain("does not know the function aws:ec2/getInternetGateway:getInternetGateway");
  });

  it("a region that there is not", async () => {
    stack.setVariables({ AWS_REGION: "eu-west-9" });
    const failure = stack.preview(() => Promise.resolve({ it: new aws.sns.Topic("t") }));
    await expect(failure).rejects.toThrow(/Invalid AWS Region: eu-west-9/);
    stack.setVariables({ AWS_REGION: "eu-central-1" });
  });
});

describe("functions", () => {
  it("answer from what is known of the account, the region and what exists", async () => {
    const asking = async () => ({
      account: (await aws.getCallerIdentity()).accountId,
      zones: (await aws.getAvailabilityZones({ state: "available" })).names,
      image: (await aws.ssm.getParameter({ name: "/aws/service/debian/release/13/latest/arm64" })).value,
      policy: (await aws.iam.getPolicyDocument({ statements: [{ actions: ["s3:GetObject"], resources: ["*"] }] }))
        .minifiedJson,
    });
    const { outputs } = await stack.up(async () => ({
      ...(await program({ instanceType: "t4g.large", size: 80, ami: "ami-2" })()),
      ...(await asking()),
    }));
    expect(outputs.account?.value).toBe("123456789012");
    expect(outputs.zones?.value).toEqual(["eu-central-1a", "eu-central-1b", "eu-central-1c"]);
    expect(outputs.image?.value).toMatch(/^ami-[\da-f]{17}$/);
    expect(outputs.policy?.value).toBe(
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}',
    );
  });
});

describe("the end", () => {
  it("of something that was removed by hand is noticed", async () => {
    const { id = "" } = only("aws:ec2/volumeAttachment:VolumeAttachment");
    world.remove("aws:ec2/volumeAttachment:VolumeAttachment", id);
    expect((await stack.refresh()).changes).toEqual({ delete: 1, same: made - 1 });
  });

  it("of something that is used is refused", async () => {
    const [vpc] = world.ofType("aws:ec2/vpc:Vpc");
    world.put({
      type: "aws:ec2/subnet:Subnet",
      id: "subnet-theirs",
      account: "123456789012",
      region: "eu-central-1",
      inputs: { vpcId: vpc?.id },
      outputs: {},
    });
    await expect(stack.destroy()).rejects.toThrow(/DependencyViolation: resource vpc-\w+ has a dependent object/);
    world.remove("aws:ec2/subnet:Subnet", "subnet-theirs");
  });

  it("leaves nothing but the database's last snapshot, and what was there before", async () => {
    await stack.destroy();
    expect(world.all().map(({ id }) => id)).toEqual(["db-final", "acme"]);
  });
});
