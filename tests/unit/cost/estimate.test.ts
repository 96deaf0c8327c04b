import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { estimate, total } from "../../../infra/cost/estimate";
import type { Billed } from "../../../infra/cost/line";
import { given, types } from "./given";

/** What each thing comes to, by what it is. */
const usd = (...stack: Billed[]): Record<string, number | undefined> =>
  Object.fromEntries(estimate(stack).map((line) => [line.what, line.usd]));

describe("an instance", () => {
  const inputs = { instanceType: "t4g.medium", rootBlockDevice: { volumeType: "gp3", volumeSize: 20 } };

  it("is billed by the hour, and its root volume by its size", () => {
    const lines = estimate([given(types.instance, inputs)]);
    expect(lines.map(({ what, quantity, unit }) => `${what}: ${quantity} ${unit}`)).toEqual([
      "instance t4g.medium: 730 hours",
      "root volume gp3: 20 GB-months",
    ]);
    expect(lines[0]?.usd).toBeCloseTo(24.528, 3);
    expect(lines[1]?.usd).toBeCloseTo(1.6, 3);
    expect(lines[0]?.price?.source).toContain("https://aws.amazon.com/");
  });

  it("costs what its region costs", () => {
    const there = { region: "eu-central-1" };
    expect(usd(given(types.instance, inputs, there))["instance t4g.medium"]).toBeCloseTo(28.032, 3);
  });

  it("says what is taken as the image's own disk", () => {
    const [, disk] = estimate([given(types.instance, { instanceType: "t4g.medium" })]);
    expect(disk).toMatchObject({ quantity: 8, note: "what the image says of it taken as 8 GB, gp3" });
  });

  it("has an address of its own, unless an Elastic IP takes its place", () => {
    const open = given(types.instance, { ...inputs, associatePublicIpAddress: true });
    expect(usd(open)["public IPv4 address"]).toBeCloseTo(3.65, 3);
    expect(total(estimate([open, given(types.eip)]))).toBeCloseTo(total(estimate([open])), 6);
  });

  it("of a type that is not in the table is not estimated, and never 0", () => {
    for (const type of ["x2idn.metal", undefined]) {
      const [line] = estimate([given(types.instance, { instanceType: type })]);
      expect(line).toMatchObject({ usd: undefined, note: "its type is not in the table of prices" });
    }
  });
});

describe("a volume", () => {
  it("costs more with more IOPS and throughput than are included", () => {
    const costs = usd(given(types.volume, { type: "gp3", size: 100, iops: 4000, throughput: 250 }));
    expect(costs).toEqual({ "volume gp3": 8, "volume, more IOPS": 5, "volume, more throughput": 5 });
  });

  it("of another type, or of a size that is not known yet, is not estimated", () => {
    expect(usd(given(types.volume, { size: 10 }))).toEqual({ "volume gp2": undefined });
    expect(usd(given(types.volume, { type: "gp3" }))).toEqual({ "volume gp3": undefined });
  });

  it("has snapshots by how many are kept", () => {
    const policy = given("aws:dlm/lifecyclePolicy:LifecyclePolicy", {
      policyDetails: { schedules: [{ retainRule: { count: 8 } }] },
    });
    const [line] = estimate([policy, given(types.volume, { type: "gp3", size: 100 })]);
    expect(line?.quantity).toBeCloseTo(57, 6);
    expect(line?.note).toBe("all 100 GB of data volumes, 50 % full, of which 2 % changes from one to the next, 8 kept");
  });
});

describe("a database", () => {
  const inputs = { engine: "postgres", instanceClass: "db.t4g.small", storageType: "gp3", allocatedStorage: 50 };

  it("costs twice as much in two zones", () => {
    const one = total(estimate([given(types.database, inputs)]));
    const two = total(estimate([given(types.database, { ...inputs, multiAz: true })]));
    expect(one).toBeCloseTo(0.032 * 730 + 50 * 0.115, 6);
    expect(two).toBeCloseTo(2 * one, 6);
  });

  describe("that follows another one", () => {
    const source = given(types.database, { ...inputs, identifier: "acme", multiAz: true });
    const replica = given(
      types.database,
      { instanceClass: "db.t4g.medium", storageType: "gp3", replicateSourceDb: "acme", multiAz: false },
      { name: "replica" },
    );

    it("costs its own class in one zone, and as much storage as the other one has, without backups", () => {
      const lines = estimate([source, replica]).filter(({ resource }) => resource === "replica");
      expect(lines.map(({ what, quantity }) => [what, quantity])).toEqual([
        ["database db.t4g.medium single zone", 730],
        ["storage gp3", 50],
      ]);
      expect(total(lines)).toBeCloseTo(0.065 * 730 + 50 * 0.115, 6);
    });

    it("has storage that is not estimated where the other one is not in the stack", () => {
      const line = estimate([replica]).find(({ what }) => what === "storage gp3");
      expect(line).toMatchObject({ usd: undefined, note: "its size is not known yet" });
    });
  });

  it("has a secret with the password that AWS manages", () => {
    const costs = usd(given(types.database, { ...inputs, manageMasterUserPassword: true }));
    expect(costs["secret with the password"]).toBe(0.4);
  });

  it("says where its price is derived from another region's", () => {
    const [line] = estimate([
      given(types.database, { ...inputs, instanceClass: "db.m7g.large" }, { region: "eu-west-1" }),
    ]);
    expect(line?.price?.derived).toBe(true);
  });

  it("is not estimated as far as it is not known", () => {
    const costs = usd(
      given(types.database, {
        ...inputs,
        instanceClass: "db.x2g.large",
        iops: 12000,
        performanceInsightsRetentionPeriod: 731,
      }),
    );
    expect(costs["database db.x2g.large single zone"]).toBeUndefined();
    expect(costs["more IOPS"]).toBeUndefined();
    expect(costs["Performance Insights"]).toBeUndefined();
    expect(costs["storage gp3"]).toBeCloseTo(5.75, 6);
    expect(usd(given(types.database, { ...inputs, engine: "mysql" }))).toHaveProperty(
      ["database db.t4g.small single zone"],
      undefined,
    );
  });
});

describe("networks and the rest", () => {
  it("count a load balancer with an address in each zone, under either of its names", () => {
    for (const module of ["lb", "alb"]) {
      const costs = usd(given(`aws:${module}/loadBalancer:LoadBalancer`, { subnets: ["a", "b", "c"] }));
      expect(costs["load balancer"]).toBeCloseTo(16.425, 3);
      expect(costs.capacity).toBeCloseTo(5.84, 3);
      expect(costs["public IPv4 addresses"]).toBeCloseTo(10.95, 3);
      expect(costs["data to the internet"]).toBe(0);
    }
    expect(usd(given(types.balancer, { internal: true }))).not.toHaveProperty(["public IPv4 addresses"]);
  });

  it("count shared files by what is assumed to be in them", () => {
    const tiered = estimate([given(types.files, { lifecyclePolicies: [{ transitionToIa: "AFTER_30_DAYS" }] })]);
    expect(tiered.map(({ what, quantity }) => [what, quantity])).toEqual([
      ["files", 4],
      ["files rarely read", 16],
    ]);
    const elastic = estimate([given(types.files, { throughputMode: "elastic" })]);
    expect(elastic.map(({ what }) => what)).toEqual(["files", "data read", "data written"]);
  });

  it.each([
    ["aws:ec2/natGateway:NatGateway", {}, 33.75],
    ["aws:ec2/vpcEndpoint:VpcEndpoint", { vpcEndpointType: "Gateway" }, 0],
    ["aws:ec2/vpcEndpoint:VpcEndpoint", { vpcEndpointType: "Interface", subnetIds: ["a", "b"] }, 14.6],
    ["aws:s3/bucketV2:BucketV2", {}, 0.46],
    ["aws:cloudwatch/metricAlarm:MetricAlarm", { period: 300 }, 0.1],
    ["aws:cloudwatch/metricAlarm:MetricAlarm", { period: 10 }, 0.3],
    [
      "aws:cloudwatch/metricAlarm:MetricAlarm",
      {
        metricQueries: [
          { id: "a", metric: {} },
          { id: "b", metric: {} },
          { id: "c", expression: "a/b" },
        ],
      },
      0.2,
    ],
    ["aws:cloudwatch/dashboard:Dashboard", {}, 3],
    ["aws:cloudwatch/logGroup:LogGroup", { retentionInDays: 30 }, 0.5045],
    ["aws:kms/key:Key", {}, 1],
    ["aws:secretsmanager/secret:Secret", {}, 0.4],
    ["aws:ssm/parameter:Parameter", { type: "String" }, 0],
    ["aws:ssm/parameter:Parameter", { tier: "Advanced" }, 0.05],
    ["aws:route53/zone:Zone", {}, 0.5],
    ["aws:wafv2/webAcl:WebAcl", { rules: [{ priority: 1 }, { priority: 2 }] }, 10],
    ["aws:efs/backupPolicy:BackupPolicy", {}, 1],
    ["aws:ec2/flowLog:FlowLog", {}, 1],
  ])("count %s %j", (type, inputs, expected) => {
    const lines = estimate([given(type, inputs)]);
    expect(total(lines)).toBeCloseTo(expected, 4);
    expect(lines.every(({ usd: amount }) => amount !== undefined)).toBe(true);
  });

  it("list what is free as free", () => {
    for (const type of ["aws:ec2/subnet:Subnet", "aws:iam/role:Role", "aws:s3/bucketVersioning:BucketVersioning"]) {
      expect(usd(given(type))).toEqual({ "free of charge": 0 });
    }
  });
});

describe("an estimate", () => {
  it("is none for types and regions that the table does not have", () => {
    const [line] = estimate([given("aws:redshift/cluster:Cluster")]);
    expect(line).toMatchObject({ usd: undefined, note: "nothing is known of what this type costs" });
    for (const region of ["ap-south-1", undefined]) {
      const [elsewhere] = estimate([given(types.eip, {}, { region })]);
      expect(elsewhere).toMatchObject({ usd: undefined, note: expect.stringContaining(region ?? "none") as string });
    }
  });

  it("is the sum of its resources', whatever they are, and none of them is forgotten", () => {
    const resource = fc.constantFrom(
      given(types.instance, { instanceType: "m7g.large" }),
      given(types.volume, { type: "gp3", size: 30 }),
      given(types.database, { instanceClass: "db.t4g.small", storageType: "gp3", allocatedStorage: 20 }),
      given("aws:ec2/subnet:Subnet"),
      given("aws:other/thing:Thing"),
    );
    fc.assert(
      fc.property(fc.array(resource, { maxLength: 12 }), (stack) => {
        const named = stack.map((one, at) => ({ ...one, name: `r${at}`, urn: `${one.urn}${at}` }));
        const lines = estimate(named);
        expect(new Set(lines.map(({ urn }) => urn)).size).toBe(named.length);
        const apart = named.reduce((sum, one) => sum + total(estimate([one])), 0);
        expect(total(lines)).toBeCloseTo(apart, 6);
        for (const { type, usd: amount } of lines) {
          if (type === "aws:other/thing:Thing") expect(amount).toBeUndefined();
          else expect(amount).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});
