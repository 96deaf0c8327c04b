import { beforeAll, describe, expect, it } from "vitest";
import type { MonitoringInput } from "../../../infra/commands/steps/monitoring";
import type { SharedMountInput } from "../../../infra/commands/steps/sharedMount";
import type { Platform } from "../../../infra/config/platformOutput";
import { awsStack, declareOnAws, dns } from "../../support/awsPlatform";
import { type Recording, tree } from "../../support/mocks";

const types = {
  record: "aws:route53/record:Record",
  target: "aws:lb/targetGroupAttachment:TargetGroupAttachment",
  letIn: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  alarm: "aws:cloudwatch/metricAlarm:MetricAlarm",
  subscription: "aws:sns/topicSubscription:TopicSubscription",
} as const;
const named = (platform: Recording, name: string) => platform.named(`${awsStack}-${name}`);
const names = (platform: Recording) => platform.resources.map(({ name }) => name);
const stdinOf = (platform: Recording, step: string): unknown =>
  JSON.parse(named(platform, step).inputs.stdin as string);
const platformOf = ({ outputs }: Recording) => outputs.platform as Platform;

const balanced = { topology: "load-balanced-production", webMachines: 3 };
const email = ["erp@example.com"];
const everything = { dns, backups: {}, alarms: { email } };

describe("a platform with all that AWS has around machines", () => {
  let single: Recording;
  let several: Recording;
  beforeAll(async () => {
    single = await declareOnAws(everything);
    several = await declareOnAws({ ...everything, balancer: { waf: true, accessLogs: true } }, balanced);
    // The first of a file loads Pulumi's package for AWS.
  }, 60_000);

  it("declares what the golden files list, and nothing else", async () => {
    await expect(tree(single.resources)).toMatchFileSnapshot("golden/aws-single-host-full.txt");
    await expect(tree(several.resources)).toMatchFileSnapshot("golden/aws-load-balanced-production-full.txt");
  });

  it("has all of it made in the region that is written", () => {
    const others = [...single.resources, ...several.resources].filter(
      ({ type, provider: by }) => /^aws:/.test(type) && by !== `${awsStack}-aws`,
    );
    expect(others).toEqual([]);
  });

  it("tells nothing secret", () => {
    expect([...single.resources, ...several.resources].flatMap(({ secretInputs }) => secretInputs)).toEqual([]);
  });
});

describe("the load balancer of load-balanced production", () => {
  let platform: Recording;
  beforeAll(async () => {
    platform = await declareOnAws({ balancer: { maxHold: "5 minutes" } }, balanced);
  });

  it("stands in front of a proxy on each web machine, in all zones", () => {
    const targets = platform.ofType(types.target).map(({ inputs }) => [inputs.targetId, inputs.port]);
    expect(targets.sort()).toEqual(
      ["main", "web-2", "web-3"].map((name) => [`${awsStack}-${name}-ec2-instance-id`, 80]),
    );
    expect(platformOf(platform).proxy.containers.map(({ machine }) => machine)).toEqual(["main", "web-2", "web-3"]);
    expect(named(platform, "balancer-balancer").inputs.subnets).toEqual(
      ["a", "b", "c"].map((zone) => `${awsStack}-network-public-eu-central-1${zone}-id`),
    );
  });

  it("is the only thing that everybody reaches, and that reaches the proxies", () => {
    const web = `${awsStack}-security-web-id`;
    const open = platform.ofType(types.letIn).filter(({ inputs }) => inputs.cidrIpv4 === "0.0.0.0/0");
    expect(open.map(({ inputs }) => inputs.securityGroupId)).toEqual(Array(2).fill(`${awsStack}-balancer-group-id`));
    const toWeb = platform.ofType(types.letIn).filter(({ inputs }) => inputs.securityGroupId === web);
    expect(toWeb.map(({ inputs }) => inputs)).toEqual([
      expect.objectContaining({ referencedSecurityGroupId: `${awsStack}-balancer-group-id`, fromPort: 80, toPort: 80 }),
    ]);
  });

  it("waits as long as a release may hold requests, and tells environments how long that is", () => {
    expect(named(platform, "balancer-balancer").inputs.idleTimeout).toBe(300 + 150 + 10);
    expect(platformOf(platform).proxy).toMatchObject({
      ...{ balancer: "https", address: "https://odoo.example.com" },
      limits: { domains: dns.domains, maxHoldSeconds: 300 },
    });
  });

  it("has neither firewall nor logs unless that is asked for", () => {
    expect(names(platform).filter((name) => /-(firewall|balancer-logs)/.test(name))).toEqual([]);
  });
});

describe("names", () => {
  it("lead to the one address, and to the balancer when the platform has grown, by the same records", async () => {
    const single = await declareOnAws({ dns });
    const several = await declareOnAws({}, balanced);
    for (const { name, inputs } of single.ofType(types.record)) {
      expect(inputs).toMatchObject({ zoneId: "Z1", type: "A", records: ["203.0.113.80"] });
      expect(several.named(name).inputs).toMatchObject({
        ...{ zoneId: "Z1", name: inputs.name, type: "A" },
        aliases: [{ name: `${awsStack}-balancer-balancer.elb.amazonaws.com`, zoneId: "Z-balancers" }],
      });
    }
    expect(single.ofType(types.record).map(({ inputs }) => inputs.name)).toEqual(dns.domains);
    expect(platformOf(single).proxy.limits).toBeUndefined();
  });

  it("are refused outside the zone that an ID stands for, before anything is made", async () => {
    const elsewhere = { zone: "Z0123456789", domains: ["odoo.example.org"] };
    await expect(declareOnAws({ dns: elsewhere })).rejects.toThrow(/aws\.dns\.domains\[0\][\s\S]*odoo\.example\.org/);
  });
});

describe("files that web machines have in common", () => {
  let platform: Recording;
  beforeAll(async () => {
    platform = await declareOnAws({ filestore: { folders: ["prod", "shop"] } }, balanced);
  });

  it("have an address in each zone, which web machines alone reach", () => {
    expect(named(platform, "files-files").protect).toBe(true);
    expect(names(platform).filter((name) => name.startsWith(`${awsStack}-files-mount-`))).toHaveLength(3);
    expect(named(platform, "files-access-from-web").inputs.referencedSecurityGroupId).toBe(
      `${awsStack}-security-web-id`,
    );
  });

  it("are mounted on each web machine once it is prepared, with a folder for each environment", () => {
    for (const machine of ["main", "web-2", "web-3"]) {
      expect(stdinOf(platform, `${machine}-files`) as SharedMountInput).toMatchObject({
        machine: { name: machine, address: `${machine}.${awsStack}.aws` },
        ...{ address: `${awsStack}-files-files.example.amazonaws.com`, path: "/mnt/odoo", folders: ["prod", "shop"] },
      });
      expect(platform.before(`${awsStack}-${machine}-files`)).toContain(`${awsStack}-${machine}-prepared`);
    }
    expect(names(platform)).not.toContain(`${awsStack}-db-files`);
    expect(names(platform)).not.toContain(`${awsStack}-nonprod-files`);
  });

  it("don't go with the topology, unless that was said before", async () => {
    const smaller = { topology: "split-database" };
    await expect(declareOnAws({}, smaller, platform.outputs)).rejects.toThrow(
      /topology[\s\S]*unprotected: \[balancer\][\s\S]*the platform's filestore[\s\S]*unprotected: \[filestore\]/,
    );
    const free = { unprotected: ["filestore", "balancer"] };
    const open = await declareOnAws(free, balanced);
    expect(named(open, "files-files").protect).toBe(false);
    expect(named(open, "balancer-balancer").inputs.enableDeletionProtection).toBe(false);
    expect(names(await declareOnAws(free, smaller, open.outputs))).not.toContain(`${awsStack}-files`);
  });
});

describe("the bucket for backups", () => {
  it("is protected, and may be written to by the machines, in the platform's folder", async () => {
    const platform = await declareOnAws({ backups: { coldAfter: 0, lock: { mode: "governance", days: 30 } } });
    expect(named(platform, "backups-bucket").protect).toBe(true);
    expect(named(platform, "backups-lock").inputs.rule).toEqual({ defaultRetention: { mode: "GOVERNANCE", days: 30 } });
    expect(named(platform, "instances-backups").inputs.policy).toContain(`${awsStack}/*`);
    expect(platform.outputs.aws).toMatchObject({
      backups: { bucket: `${awsStack}-backups-bucket-id`, prefix: awsStack },
    });
    await expect(declareOnAws({}, {}, platform.outputs)).rejects.toThrow(/aws\.backups[\s\S]*unprotected: \[backups\]/);
  });
});

describe("alarms", () => {
  let platform: Recording;
  beforeAll(async () => {
    platform = await declareOnAws({ alarms: { email, warningEmail: ["team@example.com"], logDays: 90 } }, balanced);
  });

  it("are there for each machine, the balancer, its certificate, the logs and backups", () => {
    const alarms = platform.ofType(types.alarm).map(({ inputs }) => inputs.name as string);
    for (const what of ["machine-status-main", "machine-status-db", "balancer-no-machine", "certificate-expiry"]) {
      expect(alarms.join()).toContain(what);
    }
    expect(alarms.filter((name) => name.includes("log-"))).toHaveLength(2);
    const backups = ["backup-age-files", "backup-age-volumes", "backup-failed-volumes"];
    expect(alarms.filter((name) => name.includes("backup")).sort()).toEqual(backups.map((id) => `${awsStack}-${id}`));
  });

  it("of backups watch the policy that makes snapshots, and what AWS Backup tells of the file system", () => {
    const [volumes, files] = ["volumes", "files"].map(
      (what) => named(platform, `alarms-backup-age-${what}`).inputs.metricQueries as [{ metric: object }],
    );
    expect(volumes?.[0].metric).toMatchObject({ dimensions: { DLMPolicyId: `${awsStack}-snapshots-policy-id` } });
    expect(files?.[0].metric).toMatchObject({ namespace: "AWS/Events", metricName: "Invocations" });
    expect(named(platform, "files-backups-rule").inputs.eventPattern).toContain(
      `"resourceArn":["arn:aws:test:::${awsStack}-files-files"]`,
    );
  });

  it("of files are none where AWS Backup does not copy them, or there are none", async () => {
    const uncopied = await declareOnAws({ alarms: { email }, filestore: { backup: false } }, balanced);
    for (const without of [uncopied, await declareOnAws({ alarms: { email } })]) {
      const ids = without.ofType(types.alarm).map(({ inputs }) => inputs.name as string);
      expect(ids).toContain(`${awsStack}-backup-age-volumes`);
      expect(ids).not.toContain(`${awsStack}-backup-age-files`);
      expect(names(without).filter((name) => name.includes("files-backups"))).toEqual([]);
    }
  });

  it("tell whom they should", () => {
    const told = platform.ofType(types.subscription).map(({ inputs }) => [inputs.topic, inputs.endpoint]);
    expect(told.sort()).toEqual([
      [`arn:aws:test:::${awsStack}-alarms-topic-critical`, "erp@example.com"],
      [`arn:aws:test:::${awsStack}-alarms-topic-warning`, "team@example.com"],
    ]);
  });

  it("tell environments of the topics, whose databases are watched too", () => {
    expect(platformOf(platform).aws?.topics).toEqual({
      critical: `arn:aws:test:::${awsStack}-alarms-topic-critical`,
      warning: `arn:aws:test:::${awsStack}-alarms-topic-warning`,
    });
  });

  it("have a machine's own figures, which its role may send, once it is prepared", () => {
    for (const machine of ["main", "web-2", "web-3", "nonprod", "db"]) {
      const { config, region } = stdinOf(platform, `${machine}-monitoring-agent`) as MonitoringInput;
      expect(region).toBe("eu-central-1");
      expect(config).toContain(`"log_group_name":"/odoo-stacks/${awsStack}/containers"`);
      expect(config).toContain('"resources":["/","/var/lib/docker"]');
      expect(platform.before(`${awsStack}-${machine}-monitoring-agent`)).toContain(`${awsStack}-${machine}-prepared`);
    }
    expect(named(platform, "logs-containers").inputs.retentionInDays).toBe(90);
    expect(named(platform, "instances-monitoring").inputs.policy).toContain("cloudwatch:PutMetricData");
  });

  it("are on a dashboard, unless there is to be none", async () => {
    expect(names(platform)).toContain(`${awsStack}-dashboard-dashboard`);
    const plain = await declareOnAws({ alarms: { email, dashboard: false } });
    expect(names(plain)).not.toContain(`${awsStack}-dashboard-dashboard`);
  });

  it("are none where nobody is to be told", async () => {
    const plain = await declareOnAws();
    expect(plain.ofType(types.alarm)).toEqual([]);
    expect(platformOf(plain).aws?.topics).toBe("none");
    expect(names(plain)).not.toContain(`${awsStack}-instances-monitoring`);
  });
});
