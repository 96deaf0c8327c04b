import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity";
import { Provider } from "@pulumi/aws/provider";
import * as pulumi from "@pulumi/pulumi";
import type { BackupBucket } from "../../components/aws/backupBucket";
import type { InstanceProfileArgs } from "../../components/aws/instanceProfile";
import { Snapshots } from "../../components/aws/snapshots";
import { agentPolicy, type LogGroups } from "../../components/monitoring/logGroups";
import { type MachineInstance, OwnMachines } from "../../components/topologies/ownMachines";
import { factsOf } from "../config/awsInstanceTypes";
import { keptOf } from "../config/awsKept";
import { awsMachinesOf } from "../config/awsMachines";
import type { AwsConfig } from "../config/awsSchema";
import { plannedMachine } from "../config/load";
import { awsVersion } from "../config/platformOutput";
import type { PlatformConfig } from "../config/schema";
import { requireKept, requireSameArchitecture } from "./awsChecks";
import { frontOf, zoneOf } from "./awsFront";
import { machinesIn } from "./awsGround";
import { logsOf, watch } from "./awsMonitoring";
import { type AwsGround, isBalanced, madeBy } from "./awsParts";
import { backupsOf, filesOf } from "./awsStores";
import { carriersOf, type DeclaredMachines, withEngine } from "./platformMachines";

/**
 * Machines that AWS has, with all that they need there; what a machine is to the platform is the same as on any other target.
 * @param here Instruction set of the computer that makes images, as Node names it. @default this one's
 */
export async function awsMachines(
  stack: string,
  config: PlatformConfig,
  here: string = process.arch,
): Promise<DeclaredMachines> {
  const { aws } = config;
  if (!aws) throw new Error("a configuration that was not checked");
  const checked = { ...config, aws };
  const servers = awsMachinesOf(stack, checked);
  const planned = servers.map(({ type }) => plannedMachine(config, factsOf(type)));
  const carriers = carriersOf(config, servers, planned);
  const kept = keptOf(aws, servers, isBalanced(config));
  requireSameArchitecture(servers, here);
  await requireKept(stack, kept);

  const provider = new Provider(`${stack}-aws`, {
    ...{ region: aws.region, profile: aws.profile, defaultTags: { tags: tagsOf(stack, aws) } },
  });
  const platform = { stack, config: checked, provider };
  const zone = await zoneOf(platform);
  const logs = logsOf(platform);
  const backups = backupsOf(platform);
  const ground = machinesIn(platform, servers, policiesOf(stack, logs, backups));
  const { keep, at } = aws.snapshots;
  const snapshots = new Snapshots(`${stack}-snapshots`, { stack, keep, at }, madeBy(platform));
  const own = new OwnMachines(stack, { stack, servers, instances: instancesOf(ground) });
  const { ready } = own;
  const front = frontOf(ground, zone);
  const files = filesOf(ground, ready);
  const topics = logs && watch(ground, front, { snapshots, files }, logs, ready);
  const { network, security, roleArn } = ground;
  const { accountId: account } = getCallerIdentityOutput({}, { provider });
  const subnets = { public: network.subnetIds("public"), private: network.subnetIds("private") };
  return {
    machines: carriers.map(withEngine(own)),
    aws: pulumi.output({
      ...{ version: awsVersion, region: aws.region, account, profile: aws.profile, vpcId: network.vpcId, subnets },
      ...{ machines: security.machines, tags: payersOf(aws), topics: topics ?? ("none" as const) },
    }),
    ...{ ready, proxyHost: front.host, limits: front.limits },
    outputs: {
      aws: {
        ...{ ...kept, profile: aws.profile, vpcId: network.vpcId, instanceRole: roleArn },
        subnets,
        securityGroups: { machines: security.machines, web: security.web },
        filestore: files && { path: aws.filestore.path, fileSystem: files.fileSystem.id },
        backups: backups && { bucket: backups.bucket.id, prefix: stack },
      },
    },
  };
}

/** What machines may do in AWS beside being reached. */
const policiesOf = (stack: string, logs?: LogGroups, backups?: BackupBucket): InstanceProfileArgs["policies"] => ({
  ...(logs ? { monitoring: agentPolicy(stack, logs.containersArn) } : {}),
  ...(backups ? { backups: backups.access({ prefix: stack, may: "write" }) } : {}),
});

const instancesOf = ({ carried }: AwsGround): ReadonlyMap<string, MachineInstance> =>
  new Map(
    carried.map(({ machine: { name, dataGigabytes }, instance }) => {
      const version = pulumi.interpolate`${instance.instanceId}, ${dataGigabytes} GB`;
      return [name, { version, dataDisk: instance.volumeId, resource: instance }];
    }),
  );

/** What everything that the stack makes in AWS is tagged with. */
const tagsOf = (stack: string, { tags }: AwsConfig): Record<string, string> => ({
  ...{ "odoo-stacks.stack": stack, environment: "platform" },
  ...payersOf({ tags }),
});

/** Who it is for and who pays, as tags have it. */
const payersOf = ({ tags }: Pick<AwsConfig, "tags">): Record<string, string> => ({
  ...(tags.owner === undefined ? {} : { owner: tags.owner }),
  ...(tags.costCentre === undefined ? {} : { "cost-centre": tags.costCentre }),
});
