import { beforeAll, describe, expect, it } from "vitest";
import type { MachineInput } from "../../../infra/commands/steps/machine";
import type { Platform } from "../../../infra/config/platformOutput";
import { awsStack, declareOnAws, publicKey } from "../../support/awsPlatform";
import { type Recorded, type Recording, tree } from "../../support/mocks";

const types = {
  instance: "aws:ec2/instance:Instance",
  volume: "aws:ebs/volume:Volume",
  address: "aws:ec2/eip:Eip",
  subnet: "aws:ec2/subnet:Subnet",
  nat: "aws:ec2/natGateway:NatGateway",
  letIn: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  policy: "aws:iam/rolePolicy:RolePolicy",
} as const;
const named = (platform: Recording, name: string): Recorded => platform.named(`${awsStack}-${name}`);
const inputOf = (platform: Recording, step: string): unknown =>
  JSON.parse(named(platform, step).inputs.stdin as string);
const everybody = "0.0.0.0/0";
/** The resources of a type in the order of their names: that in which they are declared is none. */
const sorted = (platform: Recording, type: string): readonly Recorded[] =>
  [...platform.ofType(type)].sort((a, b) => a.name.localeCompare(b.name));

/** What everybody may reach. */
const openPorts = (platform: Recording): unknown[] =>
  sorted(platform, types.letIn).flatMap(({ inputs }) => (inputs.cidrIpv4 === everybody ? [inputs.fromPort] : []));

const single = () => declareOnAws();
const split = () => declareOnAws({}, { topology: "split-database" });
const balanced = () =>
  declareOnAws({ machines: { web: { data: "30 GB" } } }, { topology: "load-balanced-production", webMachines: 3 });

describe("a single host on AWS", () => {
  let platform: Recording;
  let instance: Recorded;
  beforeAll(async () => {
    platform = await single();
    instance = named(platform, "main-ec2-instance");
  });

  it("declares what the golden file lists, and nothing else", async () => {
    await expect(tree(platform.resources)).toMatchFileSnapshot("golden/aws-single-host.txt");
  });

  it("makes everything in the region that is written, with the tags by which it is found and paid", async () => {
    const tags = { "odoo-stacks.stack": awsStack, environment: "platform" };
    // Groups of a provider's configuration travel as text.
    const tagsOf = (from: Recording): unknown => JSON.parse(named(from, "aws").inputs.defaultTags as string);
    expect(tagsOf(platform)).toEqual({ tags });
    expect(named(platform, "aws").inputs).toMatchObject({ region: "eu-central-1" });
    expect(named(platform, "aws").inputs).not.toHaveProperty("profile");
    const own = await declareOnAws({ profile: "acme", tags: { owner: "erp", costCentre: "4711" } });
    expect(tagsOf(own)).toEqual({ tags: { ...tags, owner: "erp", "cost-centre": "4711" } });
    expect(named(own, "aws").inputs).toMatchObject({ profile: "acme" });
    const others = platform.resources.filter(({ type, provider: by }) => /^aws:/.test(type) && !by?.endsWith("-aws"));
    expect(others).toEqual([]);
  });

  it("lets everybody in at 80 and 443, and nobody anywhere else", () => {
    expect(openPorts(platform)).toEqual([80, 443]);
    const others = platform.ofType(types.letIn).filter(({ inputs }) => inputs.cidrIpv4 !== everybody);
    for (const { inputs } of others) {
      expect(inputs).toMatchObject({
        ...{ securityGroupId: `${awsStack}-security-machines-id` },
        referencedSecurityGroupId: `${awsStack}-security-machines-id`,
      });
    }
    // ESP has no ports.
    expect(named(platform, "security-machines-encrypted-overlay").inputs).not.toHaveProperty("fromPort");
    expect(named(platform, "network-default").inputs).toEqual({ vpcId: `${awsStack}-network-vpc-id` });
  });

  it("opens SSH to named addresses where that is asked for, and needs no agent then", async () => {
    const open = await declareOnAws({ access: "ssh", sshFrom: ["203.0.113.7/32", "198.51.100.0/24"] });
    const from = sorted(open, types.letIn).flatMap(({ inputs }) => (inputs.fromPort === 22 ? [inputs.cidrIpv4] : []));
    expect(from).toEqual([undefined, "198.51.100.0/24", "203.0.113.7/32"]);
    expect(openPorts(open)).toEqual([80, 443]);
    expect(open.resources.map(({ name }) => name)).not.toContain(`${awsStack}-instances-session-manager`);
    expect(named(open, "main-ec2-instance").inputs.userData).toContain("AGENT='no'");
  });

  it("keeps an instance's credentials from containers, and its disks encrypted", () => {
    expect(instance.inputs).toMatchObject({
      metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
      rootBlockDevice: { encrypted: true, volumeType: "gp3", volumeSize: 12 },
    });
    expect(named(platform, "main-ec2-data").inputs).toMatchObject({
      ...{ encrypted: true, type: "gp3", size: 40, availabilityZone: "eu-central-1a", finalSnapshot: true },
    });
  });

  it("allows the instance what it needs, each action by its name", () => {
    const policies = platform.ofType(types.policy).map(({ inputs }) => inputs.policy as string);
    const actions = policies.flatMap((text) =>
      (JSON.parse(text) as { Statement: { Action: string[] }[] }).Statement.flatMap(({ Action }) => Action),
    );
    expect(actions.filter((action) => action.includes("*"))).toEqual([]);
    expect(actions).toContain("ssmmessages:OpenDataChannel");
    // As AWS's own policy for Session Manager would: all of Parameter Store.
    expect(actions).not.toContain("ssm:GetParameter");
  });

  it("keeps the data when the instance goes: its volume is one of its own, and protected", () => {
    const volume = named(platform, "main-ec2-data");
    expect(volume.protect).toBe(true);
    expect(volume.inputs).not.toHaveProperty("snapshotId");
    expect(named(platform, "main-ec2-attachment").inputs).toMatchObject({
      ...{ volumeId: `${awsStack}-main-ec2-data-id`, instanceId: `${awsStack}-main-ec2-instance-id` },
      stopInstanceBeforeDetaching: true,
    });
    expect(instance.inputs.disableApiTermination).toBe(true);
  });

  it("starts from Debian's own image, and is not replaced because there is a newer one", () => {
    expect(instance.inputs.ami).toBe("image of /aws/service/debian/release/13/latest/amd64");
    expect(instance.ignoreChanges).toEqual(expect.arrayContaining(["ami", "userData", "keyName"]));
    expect(instance.deleteBeforeReplace).toBe(true);
    expect(named(platform, "key").inputs.publicKey).toBe(publicKey);
  });

  it("finds its volume at the first start, before there is a Docker", () => {
    const script = instance.inputs.userData as string;
    expect(script).toMatch(/^#!\/bin\/sh\n/);
    expect(script).toContain(`VOLUME='${awsStack}-main-ec2-data-id'`);
    expect(script).toContain("AGENT='yes'");
    expect(script.indexOf('mount_data "$(disk_of')).toBeLessThan(script.indexOf("install docker.io"));
    // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html
    expect(Buffer.byteLength(script)).toBeLessThan(16 * 1024);
  });

  it("prepares the machine once it has its disk and its address, and again when another instance carries it", () => {
    expect(inputOf(platform, "main-prepared") as MachineInput).toMatchObject({
      machine: { name: "main", address: "main.acme-platform.aws", user: "admin", port: 22 },
      ...{ dataDisk: `${awsStack}-main-ec2-data-id`, instance: `${awsStack}-main-ec2-instance-id, 40 GB` },
      swapMegabytes: 2048,
    });
    const before = platform.before(`${awsStack}-main-prepared`);
    expect(before).toContain(`${awsStack}-main-ec2`);
    expect(platform.before(`${awsStack}-main-ec2-instance`)).toContain(`${awsStack}-network`);
  });

  it("has addresses that stay, and tells people the public one", () => {
    expect(instance.inputs).toMatchObject({
      privateIp: "10.40.0.10",
      subnetId: `${awsStack}-network-public-eu-central-1a-id`,
    });
    expect(named(platform, "main-ec2-address-use").inputs).toMatchObject({
      allocationId: `${awsStack}-main-ec2-address-allocation`,
    });
    const { machines, docker, proxy } = platform.outputs.platform as Platform;
    expect(machines.map(({ dockerHost }) => dockerHost)).toEqual(["ssh://admin@main.acme-platform.aws:22"]);
    expect(docker.host).toBe("ssh://admin@main.acme-platform.aws:22");
    expect(proxy.address).toBe("http://203.0.113.80:80");
  });

  it("tells environments where it is: region and account", () => {
    const { aws } = platform.outputs.platform as Platform;
    expect(aws).toMatchObject({ version: 1, region: "eu-central-1", account: "123456789012" });
  });

  it("plans with what the instance type has, without asking it", () => {
    const [machine] = (platform.outputs.platform as Platform).machines;
    expect(machine).toMatchObject({ cores: 2 });
    expect(machine?.memoryBytes).toBeGreaterThan(3.7 * 1024 ** 3);
    expect(machine?.memoryBytes).toBeLessThan(3.9 * 1024 ** 3);
  });

  it("has no NAT gateway; S3 is reached without one", () => {
    expect(platform.ofType(types.nat)).toEqual([]);
    expect(named(platform, "network-s3").inputs).toMatchObject({
      ...{ vpcEndpointType: "Gateway", serviceName: "com.amazonaws.eu-central-1.s3" },
      routeTableIds: expect.arrayContaining([`${awsStack}-network-public-routes-id`]) as string[],
    });
  });

  it("has daily snapshots of the volumes with data", () => {
    const tag = { "odoo-stacks.snapshots": awsStack };
    expect(named(platform, "snapshots-policy").inputs).toMatchObject({
      policyDetails: {
        ...{ resourceTypes: ["VOLUME"], targetTags: tag },
        schedules: [{ createRule: { times: "03:00" }, retainRule: { count: 7 } }],
      },
    });
    expect(named(platform, "main-ec2-data").inputs.tags).toMatchObject(tag);
  });

  it("tells nothing secret", () => {
    expect(platform.resources.flatMap(({ secretInputs }) => secretInputs)).toEqual([]);
  });
});

describe("split-database on AWS", () => {
  let platform: Recording;
  beforeAll(async () => {
    platform = await split();
  });

  it("declares what the golden file lists, and nothing else", async () => {
    await expect(tree(platform.resources)).toMatchFileSnapshot("golden/aws-split-database.txt");
  });

  it("has one machine with a public address; the others reach the internet by one NAT gateway", () => {
    const subnet = (name: string) => named(platform, `${name}-ec2-instance`).inputs.subnetId;
    expect(["main", "db", "nonprod"].map(subnet)).toEqual([
      `${awsStack}-network-public-eu-central-1a-id`,
      `${awsStack}-network-private-eu-central-1a-id`,
      `${awsStack}-network-private-eu-central-1c-id`,
    ]);
    expect(platform.ofType(types.nat).map(({ inputs }) => inputs.subnetId)).toEqual([subnet("main")]);
    expect(openPorts(platform)).toEqual([80, 443]);
    // Only the machine with the proxy is in the group that people reach.
    const web = platform
      .ofType(types.instance)
      .filter(({ inputs }) => (inputs.vpcSecurityGroupIds as string[]).includes(`${awsStack}-security-web-id`));
    expect(web.map(({ name }) => name)).toEqual([`${awsStack}-main-ec2-instance`]);
  });

  it("has a NAT gateway in each zone where that is asked for", async () => {
    const apart = await declareOnAws({ nat: "per-zone" }, { topology: "split-database" });
    expect(apart.ofType(types.nat)).toHaveLength(3);
    const routes = ["a", "b", "c"].map((zone) => named(apart, `network-private-eu-central-1${zone}-internet`).inputs);
    expect(new Set(routes.map(({ natGatewayId }) => natGatewayId)).size).toBe(3);
  });

  it("protects what production depends on from being ended by accident", () => {
    const ends = (name: string) => named(platform, `${name}-ec2-instance`).inputs.disableApiTermination;
    expect([ends("main"), ends("db"), ends("nonprod")]).toEqual([true, true, false]);
  });

  it("places production's database on its machine, whose data nobody deletes unless that is said first", async () => {
    const { placement } = platform.outputs.platform as Platform;
    expect(placement.production).toEqual({ database: "db", web: ["main"] });
    expect(placement.staging).toEqual({ database: "nonprod", web: ["nonprod"] });
    expect(named(platform, "db-ec2-data").protect).toBe(true);
    const free = await declareOnAws({ unprotected: ["db"] }, { topology: "split-database" });
    expect(named(free, "db-ec2-data").protect).toBe(false);
    expect(named(free, "main-ec2-data").protect).toBe(true);
  });

  it("has no machine for it where there is to be none", async () => {
    const without = await declareOnAws({ database: { machine: false } }, { topology: "split-database" });
    expect(without.ofType(types.instance)).toHaveLength(2);
    const { placement } = without.outputs.platform as Platform;
    expect(placement.production).toEqual({ database: "main", web: ["main"] });
  });
});

describe("load-balanced production on AWS", () => {
  let platform: Recording;
  beforeAll(async () => {
    platform = await balanced();
  });

  it("declares what the golden file lists, and nothing else", async () => {
    await expect(tree(platform.resources)).toMatchFileSnapshot("golden/aws-load-balanced-production.txt");
  });

  it("opens no machine to everybody: that is the balancer's part", () => {
    const open = platform.ofType(types.letIn).filter(({ inputs }) => inputs.cidrIpv4 === everybody);
    expect(new Set(open.map(({ inputs }) => inputs.securityGroupId))).toEqual(
      new Set([`${awsStack}-balancer-group-id`]),
    );
  });

  it("spreads web machines over the zones, and with them the managers of the Swarm", () => {
    const zone = (name: string) => named(platform, `${name}-ec2-data`).inputs.availabilityZone;
    expect(["main", "web-2", "web-3"].map(zone)).toEqual(["eu-central-1a", "eu-central-1b", "eu-central-1c"]);
    const { machines, placement } = platform.outputs.platform as Platform;
    expect(machines.map(({ name }) => name)).toEqual(["main", "web-2", "web-3", "nonprod", "db"]);
    expect(placement.production).toEqual({ database: "db", web: ["main", "web-2", "web-3"] });
    const manages = ["web-2", "web-3", "nonprod", "db"].map((name) => inputOf(platform, `${name}-joined`));
    expect(manages).toMatchObject([{ manages: true }, { manages: true }, { manages: false }, { manages: false }]);
  });

  it("has a proxy on each web machine, for the balancer", () => {
    const { containers, address } = (platform.outputs.platform as Platform).proxy;
    expect(containers.map(({ machine }) => machine)).toEqual(["main", "web-2", "web-3"]);
    expect(containers[1]?.dockerHost).toBe(`ssh://admin@web-2.${awsStack}.aws:22`);
    expect(address).toBe("https://odoo.example.com");
  });

  it("does not keep what web machines have: their data is elsewhere", () => {
    const { protect, inputs } = named(platform, "web-2-ec2-data");
    expect(protect).toBe(false);
    expect(inputs).toMatchObject({ size: 30, finalSnapshot: false });
    expect(inputs.tags).not.toHaveProperty("odoo-stacks.snapshots");
  });
});

describe("a platform on AWS that grows", () => {
  it("keeps every machine, disk, address and network that it has", async () => {
    const stays = [types.instance, types.volume, types.address, types.subnet, "aws:ec2/vpc:Vpc"];
    const kept = (platform: Recording) =>
      platform.resources.flatMap(({ type, name, inputs, parent }) =>
        stays.some((one) => one === type) ? [{ type, name, inputs, parent }] : [],
      );
    const [one, three, five] = [kept(await single()), kept(await split()), kept(await balanced())];
    expect(one.length).toBeGreaterThan(8);
    expect(three).toEqual(expect.arrayContaining(one));
    expect(five).toEqual(expect.arrayContaining(three));
  });

  it("keeps the managers in three zones with two web machines as well", async () => {
    const platform = await declareOnAws({}, { topology: "load-balanced-production" });
    const zone = (name: string) => named(platform, `${name}-ec2-data`).inputs.availabilityZone;
    const managers = ["web-2", "nonprod"].map((name) => inputOf(platform, `${name}-joined`));
    expect(managers).toMatchObject([{ manages: true }, { manages: true }]);
    expect(new Set(["main", "web-2", "nonprod"].map(zone)).size).toBe(3);
  });
});

describe("a change that would lose what leads to the data", () => {
  it.each([
    [{ region: "eu-west-1" }, {}, /aws\.region[\s\S]*"eu-central-1", which the platform was made with/],
    [{ cidr: "10.50.0.0/16" }, {}, /aws\.cidr[\s\S]*"10\.40\.0\.0\/16", which/],
    [{ zones: ["eu-central-1b", "eu-central-1a"] }, {}, /aws\.zones[\s\S]*eu-central-1a, eu-central-1b, eu-central-1c/],
    [{ machines: { main: { data: "39 GB" } } }, {}, /aws\.machines, of main: data[\s\S]*at least "40 GB"/],
    [{}, { topology: "single-host" }, /the machine db among[\s\S]*unprotected: \[db\]/],
  ])("is refused, and the way out told: %j %j", async (aws, more, expected) => {
    const { outputs } = await split();
    await expect(declareOnAws(aws, { topology: "split-database", ...more }, outputs)).rejects.toThrow(expected);
  });

  it("may be made where that was said before", async () => {
    const unprotected = { unprotected: ["db", "nonprod"] };
    const { outputs } = await declareOnAws(unprotected, { topology: "split-database" });
    const smaller = await declareOnAws(unprotected, {}, outputs);
    expect(smaller.ofType(types.instance)).toHaveLength(1);
  });

  it("is none when a disk or a network gets larger", async () => {
    const zones = ["eu-central-1a", "eu-central-1b"];
    const { outputs } = await declareOnAws({ zones });
    const larger = await declareOnAws(
      { zones: [...zones, "eu-central-1c"], machines: { main: { data: "50 GB" } } },
      {},
      outputs,
    );
    expect(larger.ofType(types.subnet)).toHaveLength(6);
  });
});
