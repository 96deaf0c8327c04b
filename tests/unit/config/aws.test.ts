import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressIn, blockText, overlap, parseBlock, subnetOf } from "../../../infra/config/awsAddresses";
import { factsOf, instanceType, instanceTypeNames } from "../../../infra/config/awsInstanceTypes";
import { awsPlaces } from "../../../infra/config/awsMachines";
import { regionNames, usualZones, zonesOf } from "../../../infra/config/awsRegions";
import { loadConfig } from "../../../infra/config/load";
import { writtenForAws } from "../../support/awsPlatform";
import { platform, problemsOf } from "./given";

const problems = (aws: object, more: Record<string, unknown> = {}) =>
  problemsOf(() => loadConfig(writtenForAws(aws, more), []));

const open = { bind: "0.0.0.0", httpPort: 80, httpsPort: 443 };
const slow = { ...open, responseTimeout: "600 seconds" };

describe("what a platform of target aws is made of", () => {
  it("may be as little as a region and a key", () => {
    expect(problems({})).toEqual([]);
  });

  it.each([
    [{ region: "eu-centrall-1" }, "aws.region", 'Did you mean "eu-central-1"?'],
    [{ region: "Frankfurt" }, "aws.region", /Known are af-south-1/],
    [{ machines: { main: { type: "t3.huge" } } }, "aws.machines.main.type", /There are t3\.nano, .*t3\.2xlarge/],
    [{ machines: { main: { type: "t3a.medium" } } }, "aws.machines.main.type", 'Did you mean "t3.medium"?'],
    [{ zones: ["eu-central-1a", "eu-west-1b"] }, "aws.zones[1]", undefined],
    [{ zones: ["eu-central-1a", "eu-central-1f"] }, "aws.zones[1]", undefined],
    [{ zones: ["eu-central-1a", "eu-central-1a"] }, "aws.zones[1]", undefined],
    [{ zones: ["eu-central-1a"] }, "aws.zones", undefined],
    [{ cidr: "10.40.0.0/24" }, "aws.cidr", /default/],
    [{ cidr: "10.40.1.0/16" }, "aws.cidr", undefined],
    [{ cidr: "100.64.0.0/16" }, "aws.cidr", /default/],
    // Where Docker has its own networks.
    [{ cidr: "10.0.0.0/16" }, "aws.cidr", /default/],
    [{ cidr: "172.17.0.0/16" }, "aws.cidr", /default/],
    [{ cidr: "192.168.0.0/20" }, "aws.cidr", /default/],
    [{ sshFrom: ["203.0.113.7/32"] }, "aws.sshFrom", /access: ssh/],
    [{ access: "ssh" }, "aws.sshFrom", /203/],
    [{ access: "ssh", sshFrom: ["0.0.0.0/0"] }, "aws.sshFrom[0]", undefined],
    [{ sshFrom: ["203.0.113.7"] }, "aws.sshFrom[0]", undefined],
    [{ publicKey: "ecdsa-sha2-nistp256 AAAA" }, "aws.publicKey", undefined],
    [{ publicKey: undefined }, "aws.publicKey", undefined],
    [{ machines: { main: { data: "40GB" } } }, "aws.machines.main.data", 'Write "40 GB".'],
    [{ snapshots: { at: "3:00" } }, "aws.snapshots.at", undefined],
    [{ tags: { owner: "" } }, "aws.tags.owner", undefined],
  ])("is refused where it is none: %j", (aws, path, hint) => {
    const found = problems(aws);
    expect(found.map((problem) => problem.path)).toEqual([path]);
    if (typeof hint === "string") expect(found[0]?.hint).toBe(hint);
    else if (hint) expect(found[0]?.hint).toMatch(hint);
  });

  const dns = { zone: "example.com", domains: ["odoo.example.com"] };
  const balanced = { topology: "load-balanced-production" };

  it.each([
    [{ dns: { zone: "example.com", domains: [] } }, {}, "aws.dns.domains", undefined],
    [{ dns: { zone: "Example.com", domains: ["odoo.example.com"] } }, {}, "aws.dns.zone", undefined],
    [
      { dns: { ...dns, domains: ["odoo.example.com", "odoo.example.org"] } },
      {},
      "aws.dns.domains[1]",
      /hosted elsewhere/,
    ],
    [{ dns: { ...dns, domains: ["https://odoo.example.com"] } }, {}, "aws.dns.domains[0]", undefined],
    [{ dns: undefined }, balanced, "aws.dns", /aws: \{ dns: \{ zone: example\.com/],
    [{ balancer: { maxHold: "1 hour" } }, { ...balanced, proxy: slow }, "proxy.responseTimeout", /scheduled job/],
    [{}, { ...balanced, proxy: { ...open, balancer: "http" } }, "proxy.balancer", "Take it out."],
    [{}, { proxy: { ...open, balancer: "https" } }, "proxy.balancer", /one web machine/],
    [{ filestore: { path: "/" } }, balanced, "aws.filestore.path", undefined],
    [{ filestore: { folders: ["../prod"] } }, balanced, "aws.filestore.folders[0]", undefined],
    [{ backups: { coldAfter: 10 } }, {}, "aws.backups.coldAfter", undefined],
    [{ backups: { lock: { mode: "governance" } } }, {}, "aws.backups.lock.days", undefined],
    [{ alarms: {} }, {}, "aws.alarms.email", undefined],
    [{ alarms: { email: ["erp"] } }, {}, "aws.alarms.email[0]", undefined],
    [{ alarms: { email: ["erp@example.com"], logDays: 31 } }, {}, "aws.alarms.logDays", undefined],
  ])("is refused where what is around the machines is wrong: %j %j", (aws, more, path, hint) => {
    const found = problems(aws, more);
    expect(found.map((problem) => problem.path)).toEqual([path]);
    if (typeof hint === "string") expect(found[0]?.hint).toBe(hint);
    else if (hint) expect(found[0]?.hint).toMatch(hint);
  });

  it("may have names, a balancer, a bucket and alarms; a zone's ID tells nothing of its names", () => {
    expect(problems({ dns: { zone: "Z0123456789ABCDEFGHIJ", domains: ["odoo.example.org"] } })).toEqual([]);
    const everything = { backups: { lock: { mode: "compliance", days: 30 } }, alarms: { email: ["erp@example.com"] } };
    expect(problems({ dns, ...everything, balancer: { waf: true } }, balanced)).toEqual([]);
    expect(problems({}, { ...balanced, proxy: { ...open, balancer: "https" } })).toEqual([]);
  });

  it("is of one architecture, as far as the topology has the machines", () => {
    const arm = { machines: { main: { type: "t4g.medium" } } };
    expect(problems(arm)).toEqual([]);
    expect(problems(arm, { topology: "split-database" })).toMatchObject([
      { path: "aws.machines.nonproduction.type", found: '"t3.medium", which is for amd64' },
      { path: "aws.machines.database.type" },
    ]);
  });

  it("has a proxy that others reach", () => {
    expect(problems({}, { proxy: {} }).map(({ path }) => path)).toEqual([
      ...["proxy.bind", "proxy.httpPort", "proxy.httpsPort"],
    ]);
  });

  it("is for that target alone, and lists no machines", () => {
    expect(problemsOf(() => platform({ aws: { region: "eu-central-1", publicKey: "~/.ssh/id.pub" } }))).toMatchObject([
      { path: "aws", expected: "nothing unless target is aws" },
    ]);
    expect(problems({}, { machines: [{ name: "main", address: "203.0.113.10" }] })).toMatchObject([
      { path: "machines" },
    ]);
  });
});

describe("the machines of a topology", () => {
  const shapes = fc.record({
    topology: fc.constantFrom("single-host" as const, "split-database" as const, "load-balanced-production" as const),
    webMachines: fc.integer({ min: 2, max: 16 }),
    databaseMachine: fc.boolean(),
  });

  it("begin with the manager, and have names and addresses of their own", () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const places = awsPlaces({
          ...shape,
          webMachines: shape.topology === "split-database" ? 1 : shape.webMachines,
        });
        expect(places[0]?.name).toBe("main");
        expect(new Set(places.map(({ name }) => name)).size).toBe(places.length);
        expect(new Set(places.map(({ number }) => number)).size).toBe(places.length);
      }),
    );
  });
});

describe("blocks of addresses", () => {
  it.each([
    ["10.40.0.0/16", { first: 10 * 2 ** 24 + 40 * 2 ** 16, bits: 16 }],
    ["0.0.0.0/0", { first: 0, bits: 0 }],
    ["10.40.0.1/16", undefined],
    ["10.40.0.0/33", undefined],
    ["10.256.0.0/16", undefined],
    ["10.40.0.0", undefined],
  ])("are read: %s", (text, block) => {
    expect(parseBlock(text)).toEqual(block);
  });

  it("are cut into subnets that have nothing in common", () => {
    const network = { first: 10 * 2 ** 24 + 40 * 2 ** 16, bits: 16 };
    const subnets = (["public", "private"] as const).flatMap((kind) =>
      [0, 1, 2, 3].map((at) => subnetOf(network, kind, at)),
    );
    expect(subnets.map(blockText)).toEqual([
      ...["10.40.0.0/19", "10.40.32.0/19", "10.40.64.0/19", "10.40.96.0/19"],
      ...["10.40.128.0/19", "10.40.160.0/19", "10.40.192.0/19", "10.40.224.0/19"],
    ]);
    for (const [at, one] of subnets.entries()) {
      expect(overlap(one, network)).toBe(true);
      expect(subnets.slice(at + 1).some((other) => overlap(one, other))).toBe(false);
    }
    expect(addressIn(subnets[5] ?? network, 10)).toBe("10.40.160.10");
  });
});

describe("what is known of AWS", () => {
  it("is at least two zones in each region, each a zone of it", () => {
    expect(regionNames.length).toBeGreaterThan(30);
    for (const region of regionNames) {
      expect(usualZones(region).length).toBeGreaterThanOrEqual(2);
      expect(usualZones(region).length).toBeLessThanOrEqual(3);
      expect(zonesOf(region)).toEqual(expect.arrayContaining([...usualZones(region)]));
    }
    expect(usualZones("ap-northeast-1")).toEqual(["ap-northeast-1a", "ap-northeast-1c", "ap-northeast-1d"]);
    expect(zonesOf("mars-1")).toEqual([]);
  });

  it.each([
    ["t3.medium", { architecture: "amd64", cores: 2, gigabytes: 4, burstable: true }],
    ["t4g.nano", { architecture: "arm64", cores: 2, gigabytes: 0.5, burstable: true }],
    ["m7g.medium", { architecture: "arm64", cores: 1, gigabytes: 4, burstable: false }],
    ["m7i.24xlarge", { architecture: "amd64", cores: 96, gigabytes: 384 }],
    ["r7g.16xlarge", { architecture: "arm64", cores: 64, gigabytes: 512 }],
    ["r7i.large", { architecture: "amd64", cores: 2, gigabytes: 16 }],
    ["c7g.xlarge", { architecture: "arm64", cores: 4, gigabytes: 8 }],
  ])("is what a machine of type %s has", (name, expected) => {
    expect(instanceType(name)).toMatchObject(expected);
  });

  it("is not of types that there are none of", () => {
    expect(instanceTypeNames).toHaveLength(56);
    for (const name of ["m7i.medium", "m7g.24xlarge", "t3", "toString"]) expect(instanceType(name)).toBeUndefined();
    const medium = instanceType("t3.medium");
    if (!medium) throw new Error("no such type");
    expect(factsOf(medium)).toEqual({ cores: 2, memoryBytes: Math.floor(3.8 * 1024 ** 3) });
  });
});
