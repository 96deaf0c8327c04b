import { KeyPair } from "@pulumi/aws/ec2";
import { Provider } from "@pulumi/aws/provider";
import * as pulumi from "@pulumi/pulumi";
import { debianImage } from "../../components/aws/debianImage";
import { Instance } from "../../components/aws/instance";
import { InstanceProfile } from "../../components/aws/instanceProfile";
import { MachineSecurity } from "../../components/aws/machineSecurity";
import { Network } from "../../components/aws/network";
import { Snapshots } from "../../components/aws/snapshots";
import { OwnMachines } from "../../components/topologies/ownMachines";
import { factsOf } from "../config/awsInstanceTypes";
import { isProtected, keptOf } from "../config/awsKept";
import { type AwsMachine, awsMachinesOf, gigabytes, zonesIn } from "../config/awsMachines";
import type { AwsConfig } from "../config/awsSchema";
import { plannedMachine } from "../config/load";
import type { PlatformConfig } from "../config/schema";
import { requireKept, requireSameArchitecture } from "./awsChecks";
import { carriersOf, type DeclaredMachines, withEngine } from "./platformMachines";
import { publicKeyOf } from "./publicKey";

/**
 * Machines that AWS has, with all that they need there; what a machine is to the platform is the same as on any other target.
 * @param here Instruction set of the computer that makes images, as Node names it. @default this one's
 */
export async function awsMachines(
  stack: string,
  config: PlatformConfig,
  here: string = process.arch,
): Promise<DeclaredMachines> {
  const { aws, topology } = config;
  if (!aws) throw new Error("a configuration that was not checked");
  const servers = awsMachinesOf(stack, { ...config, aws });
  const planned = servers.map(({ type }) => plannedMachine(config, factsOf(type)));
  const carriers = carriersOf(config, servers, planned);
  const kept = keptOf(aws, servers);
  requireSameArchitecture(servers, here);
  await requireKept(stack, kept);

  const provider = new Provider(`${stack}-aws`, {
    ...{ region: aws.region, profile: aws.profile, defaultTags: { tags: tagsOf(stack, aws) } },
  });
  const opts = { providers: [provider] };
  const zones = zonesIn(aws);
  const network = new Network(
    `${stack}-network`,
    {
      ...{ region: aws.region, cidr: aws.cidr, zones },
      nat: servers.some(({ subnet }) => subnet === "private") ? aws.nat : "none",
      flowLogs: aws.flowLogs ? `/odoo-stacks-network/${stack}` : undefined,
    },
    opts,
  );
  const security = new MachineSecurity(
    `${stack}-security`,
    { vpcId: network.vpcId, publicWeb: topology !== "load-balanced-production", sshFrom: aws.sshFrom },
    opts,
  );
  const sessionManager = aws.access === "ssm";
  const access = { stack, region: aws.region, sessionManager };
  const { profile, roleArn } = new InstanceProfile(`${stack}-instances`, { sessionManager }, opts);
  const key = new KeyPair(`${stack}-key`, { publicKey: publicKeyOf(aws.publicKey) }, { provider });
  const [{ type }] = servers as [AwsMachine];
  const image = debianImage(type.architecture, { provider });
  const instances = servers.map((machine) => {
    const answers = machine.roles?.includes("production") ?? true;
    return new Instance(
      `${stack}-${machine.name}-ec2`,
      {
        ...{ ...access, machine, image, profile, keyName: key.keyName },
        subnetId: network.subnetIds(machine.subnet)[zones.indexOf(machine.zone)] ?? "",
        securityGroups: [security.machines, ...(answers ? [security.web] : [])],
        rootGigabytes: gigabytes(aws.rootDisk),
        detailedMonitoring: aws.detailedMonitoring,
        protectData: isProtected(machine, aws),
      },
      // Its first start takes what comes from the internet.
      { ...opts, dependsOn: [network] },
    );
  });
  new Snapshots(`${stack}-snapshots`, { stack, keep: aws.snapshots.keep, at: aws.snapshots.at }, opts);
  const own = new OwnMachines(stack, { stack, servers, instances: carriedBy(servers, instances) });
  return {
    machines: carriers.map(withEngine(own)),
    ready: own.ready,
    proxyHost: instances[0]?.publicAddress,
    outputs: {
      aws: {
        ...{ ...kept, profile: aws.profile, vpcId: network.vpcId, instanceRole: roleArn },
        subnets: { public: network.subnetIds("public"), private: network.subnetIds("private") },
        securityGroups: { machines: security.machines, web: security.web },
      },
    },
  };
}

const carriedBy = (servers: readonly AwsMachine[], instances: readonly Instance[]) =>
  new Map(
    instances.map((resource, at) => {
      const { name = "", dataGigabytes = 0 } = servers[at] ?? {};
      const version = pulumi.interpolate`${resource.instanceId}, ${dataGigabytes} GB`;
      return [name, { version, dataDisk: resource.volumeId, resource }];
    }),
  );

/** What everything that the stack makes in AWS is tagged with. */
const tagsOf = (stack: string, { tags }: AwsConfig): Record<string, string> => ({
  ...{ "odoo-stacks.stack": stack, environment: "platform" },
  ...(tags.owner === undefined ? {} : { owner: tags.owner }),
  ...(tags.costCentre === undefined ? {} : { "cost-centre": tags.costCentre }),
});
