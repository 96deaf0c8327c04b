import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { blockOf, overlap } from "../../support/awsProvider/addresses";
import { Declarations } from "../../support/awsProvider/declarations";
import { actionFor } from "../../support/awsProvider/errors";
import { readFaults } from "../../support/awsProvider/faults";
import { kinds, kindOf } from "../../support/awsProvider/kinds";
import { policyDocument } from "../../support/awsProvider/policyDocument";
import { Provider } from "../../support/awsProvider/provider";
import { type Properties, unknown } from "../../support/awsProvider/values";
import { World } from "../../support/awsProvider/world";

/** The test double of the provider `aws`, without an engine. */
const declarations = new Declarations(dirname(require.resolve("@pulumi/aws/package.json")));

let folder: string;
let world: World;
let provider: Provider;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "odoo-stacks-aws-"));
  world = new World(folder);
  const place = { account: "123456789012", region: "eu-west-1", defaultTags: { stack: "prod" } };
  provider = new Provider(declarations, world, place, readFaults("aws:kms/key:Key:AccessDenied@delete"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** `aws:ec2/subnet:Subnet` of `ec2/subnet`. */
const typeOf = (path: string): string => {
  const name = path.split("/")[1] ?? "";
  return `aws:${path}:${name.charAt(0).toUpperCase()}${name.slice(1)}`;
};

const check = (type: string, news: Properties, olds: Properties = {}) =>
  provider.check({ type, logicalName: "thing", olds, news, seed: "" });

describe("what is said of AWS's types", () => {
  it.each(Object.entries(kinds))("%s names what @pulumi/aws has", (path, kind) => {
    const declared = declarations.resource(typeOf(path));
    expect(declared, path).toBeDefined();
    const inputs = Object.keys(declared?.inputs ?? {});
    const [first, all] = [(name: string) => name.split(".")[0] ?? "", kind.replaces ?? []];
    expect(inputs).toEqual(expect.arrayContaining(all.filter((name) => name !== "*").map(first)));
    for (const name of [kind.named, kind.protectedBy, ...(kind.grows ?? [])]) if (name) expect(inputs).toContain(name);
    // Paths lead into blocks that have them.
    for (const name of all.filter((one) => one.includes("."))) {
      const block = declared?.inputs[first(name)]?.block ?? "";
      expect(Object.keys(declarations.block(block))).toContain(name.split(".")[1]);
    }
  });

  it.each(Object.entries(kinds))("%s gives out what @pulumi/aws has", (path, kind) => {
    const made = {
      ...{ account: "123456789012", region: "eu-west-1", world, id: "id-1", name: "name", arn: "arn:aws:a:b:c:d/e/f" },
      inputs: {},
    };
    const outputs = Object.keys(declarations.resource(typeOf(path))?.outputs ?? {});
    expect(outputs).toEqual(expect.arrayContaining(Object.keys(kind.outputs?.(made) ?? {})));
    if (kind.arn && kind.id !== "arn") expect(kind.arn).toMatch(/\{(id|name|hex)\}/);
  });

  it("is nothing for others", () => {
    expect(() => kindOf("aws:sqs/queue:Queue")).toThrow(/does not know aws:sqs\/queue:Queue/);
    expect(kindOf("aws:alb/listener:Listener")).toBe(kinds["lb/listener"]);
  });
});

describe("a check", () => {
  const volume = "aws:ebs/volume:Volume";

  it("lets through what the package declares, and what is not known yet", () => {
    for (const size of [5, "5", unknown]) {
      expect(check(volume, { availabilityZone: "eu-west-1a", size, tags: { a: "b" } }).failures).toEqual([]);
    }
  });

  it("takes policies as JSON or as blocks, and as nothing else", () => {
    const role = (assumeRolePolicy: unknown) => check("aws:iam/role:Role", { assumeRolePolicy }).failures;
    expect(role("{}")).toEqual([]);
    expect(role({ Version: "2012-10-17", Statement: [] })).toEqual([]);
    expect(role(3)).toHaveLength(1);
  });

  it("tells of every wrong argument at once, at any depth", () => {
    const { failures } = check("aws:lb/listener:Listener", {
      loadBalancerArn: 3,
      defaultActions: [{ forward: { targetGroups: [{ weigth: 1 }] } }],
      prot: "HTTP",
    });
    expect(failures.map(({ property }) => property).sort()).toEqual([
      "defaultActions[0].forward.targetGroups[0].arn",
      "defaultActions[0].forward.targetGroups[0].weigth",
      "defaultActions[0].type",
      "prot",
    ]);
    expect(check(volume, { availabilityZone: "a", tags: "x", encrypted: "maybe" }).failures).toHaveLength(2);
  });

  it("makes up a name, keeps it, and takes one that is given", () => {
    const topic = "aws:sns/topic:Topic";
    const { inputs } = check(topic, {});
    expect(inputs.name).toMatch(/^thing-[\da-f]{7}$/);
    expect(check(topic, {}, inputs).inputs.name).toBe(inputs.name);
    expect(check(topic, { name: "mine" }, inputs).inputs).toEqual({ name: "mine" });
    expect(check(topic, { namePrefix: "my-" }).inputs).toEqual({ namePrefix: "my-" });
    expect(check("aws:s3/bucket:Bucket", {}).inputs.bucket).toMatch(/^thing-[\da-f]{7}$/);
    const seeded = () => provider.check({ type: topic, logicalName: "t", olds: {}, news: {}, seed: "s" }).inputs.name;
    expect(seeded()).toBe(seeded());
  });

  it("refuses names that are too long", () => {
    const { failures } = check("aws:lb/targetGroup:TargetGroup", { name: "n".repeat(33) });
    expect(failures).toEqual([{ property: "name", reason: expect.stringContaining("longer than 32") as string }]);
  });
});

describe("a difference", () => {
  const diff = (type: string, olds: Properties, news: Properties) => provider.diff(type, olds, news);
  const instance = "aws:ec2/instance:Instance";
  const database = "aws:rds/instance:Instance";

  it.each([
    [instance, { instanceType: "a" }, { instanceType: "b" }, []],
    [instance, { ami: "a" }, { ami: unknown }, ["ami"]],
    [instance, { userData: "a" }, { userData: "b" }, []],
    [instance, { userData: "a" }, { userData: "b", userDataReplaceOnChange: true }, ["userData"]],
    [instance, { rootBlockDevice: { volumeSize: 8 } }, { rootBlockDevice: { volumeSize: 9 } }, []],
    [instance, {}, { rootBlockDevice: { encrypted: true } }, ["rootBlockDevice"]],
    [instance, {}, { region: "us-east-1" }, ["region"]],
    [database, { instanceClass: "a", multiAz: false }, { instanceClass: "b", multiAz: true }, []],
    [database, { identifier: "a" }, { identifier: "b" }, []],
    [database, { kmsKeyId: "a" }, { kmsKeyId: "b" }, ["kmsKeyId"]],
    [database, {}, { snapshotIdentifier: "s" }, ["snapshotIdentifier"]],
    ["aws:ec2/volumeAttachment:VolumeAttachment", { deviceName: "a" }, { deviceName: "b" }, ["deviceName"]],
    ["aws:ec2/flowLog:FlowLog", { tags: { a: "b" } }, { tags: { a: "c" } }, []],
    ["aws:efs/fileSystem:FileSystem", { encrypted: true }, { encrypted: false }, ["encrypted"]],
    ["aws:s3/bucket:Bucket", { bucket: "a" }, { bucket: "b" }, ["bucket"]],
  ])("of %s from %j to %j replaces for %j", (type, olds, news, replaces) => {
    expect(diff(type, olds, news).replaces).toEqual(replaces);
  });

  it("is none where AWS has a value of its own for what is not given any more, or where only the order is another", () => {
    expect(diff(instance, { availabilityZone: "a" }, {}).changed).toEqual([]);
    expect(diff(instance, { tags: { a: "1", b: "2" } }, { tags: { b: "2", a: "1" } }).changed).toEqual([]);
    expect(diff(instance, { tags: { a: "1" } }, {}).changed).toEqual(["tags"]);
  });

  it("has the old one go first where both would have the same name", () => {
    const group = "aws:lb/targetGroup:TargetGroup";
    expect(diff(group, { name: "web", port: 1 }, { name: "web", port: 2 }).deleteFirst).toBe(true);
    expect(diff(group, { name: "web-1", port: 1 }, { name: "web-2", port: 2 }).deleteFirst).toBe(false);
    const made = { name: "web-1", __defaults: ["name"] };
    expect(diff(group, { ...made, port: 1 }, { ...made, port: 2 }).deleteFirst).toBe(false);
  });
});

describe("resources", () => {
  it("have the provider's tags, and the account of the role that it takes", () => {
    const { outputs } = provider.create("aws:ec2/vpc:Vpc", { cidrBlock: "10.0.0.0/16", tags: { Name: "n" } });
    expect(outputs.tagsAll).toEqual({ stack: "prod", Name: "n" });
    expect(outputs.arn).toMatch(/^arn:aws:ec2:eu-west-1:123456789012:vpc\/vpc-/);
  });

  it("keep their addresses when they change", () => {
    const type = "aws:ec2/instance:Instance";
    const made = provider.create(type, { ami: "a", associatePublicIpAddress: true });
    const after = provider.update(type, made.id, made, { ...made.inputs, instanceType: "t4g.large" });
    expect(after).toEqual({ ...made.outputs, instanceType: "t4g.large" });
    expect(provider.read(type, made.id, undefined)?.outputs).toEqual(after);
  });

  it("that are protected stay, and so do databases without a word on their last snapshot", () => {
    const type = "aws:rds/instance:Instance";
    const made = provider.create(type, { identifier: "db", instanceClass: "db.t4g.small", deletionProtection: true });
    expect(() => provider.delete(type, made.id, made.outputs)).toThrow(/OperationNotPermitted: deletionProtection/);
    provider.update(type, made.id, made, { ...made.inputs, deletionProtection: false });
    expect(() => provider.delete(type, made.id, {})).toThrow(/final_snapshot_identifier is required/);
    const machine = (forceDestroy: boolean) => {
      const args = { ami: "a", instanceType: "t4g.small", disableApiTermination: true, forceDestroy };
      const { id, outputs } = provider.create("aws:ec2/instance:Instance", args);
      return () => provider.delete("aws:ec2/instance:Instance", id, outputs);
    };
    expect(machine(false)).toThrow(/OperationNotPermitted: disableApiTermination/);
    expect(machine(true)).not.toThrow();
  });

  it("fail as a test asks, with the permission", () => {
    const made = provider.create("aws:kms/key:Key", {});
    expect(() => provider.delete("aws:kms/key:Key", made.id, {})).toThrow(/AccessDenied: .* kms:DeleteKey/);
    expect(actionFor("ec2/instance", "ec2:RunInstances", "delete")).toBe("ec2:TerminateInstances");
    expect(actionFor("ec2/vpc", undefined, "create")).toBe("ec2:CreateVpc");
    expect(actionFor("ec2/volumeAttachment", "ec2:AttachVolume", "delete")).toBe("ec2:DetachVolume");
    expect(() => readFaults("nonsense")).toThrow(/no failure to simulate: nonsense/);
  });
});

describe("blocks of addresses", () => {
  it("are read, and overlap or not", () => {
    expect(blockOf("10.0.1.0/24")).toEqual({ first: 167772416, last: 167772671 });
    for (const wrong of ["10.0.0.1/24", "10.0.0.0/33", "300.0.0.0/8", "x"]) expect(blockOf(wrong)).toBeUndefined();
    expect(overlap("10.0.0.0/23", "10.0.1.0/24")).toBe(true);
    expect(overlap("10.0.0.0/24", "10.0.1.0/24")).toBe(false);
  });
});

describe("a policy", () => {
  it("is written as the provider writes it", () => {
    const { json } = policyDocument({
      statements: [
        {
          sid: "TlsOnly",
          effect: "Deny",
          actions: ["s3:*"],
          resources: ["a", "b"],
          principals: [{ type: "*", identifiers: ["*"] }],
          conditions: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
        },
        { actions: ["sts:AssumeRole"], principals: [{ type: "Service", identifiers: ["ec2.amazonaws.com"] }] },
      ],
    });
    expect(JSON.parse(String(json))).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "TlsOnly",
          Effect: "Deny",
          Action: "s3:*",
          Resource: ["a", "b"],
          Principal: "*",
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
        { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ec2.amazonaws.com" } },
      ],
    });
  });
});
