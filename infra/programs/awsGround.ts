import { KeyPair } from "@pulumi/aws/ec2";
import { debianImage } from "../../components/aws/debianImage";
import { Instance } from "../../components/aws/instance";
import { InstanceProfile, type InstanceProfileArgs } from "../../components/aws/instanceProfile";
import { MachineSecurity } from "../../components/aws/machineSecurity";
import { Network } from "../../components/aws/network";
import { isProtected } from "../config/awsKept";
import { type AwsMachine, gigabytes, zonesIn } from "../config/awsMachines";
import { type AwsGround, type AwsPlatform, isBalanced, madeBy } from "./awsParts";
import { publicKeyOf } from "./publicKey";

/**
 * Makes the network, who may do and reach what in it, and the instances.
 * @param policies What the instances may do in AWS beside being reached.
 */
export function machinesIn(
  platform: AwsPlatform,
  servers: readonly AwsMachine[],
  policies: InstanceProfileArgs["policies"],
): AwsGround & Pick<InstanceProfile, "roleArn"> {
  const { stack, config, provider } = platform;
  const { aws } = config;
  const opts = madeBy(platform);
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
    { vpcId: network.vpcId, publicWeb: !isBalanced(config), sshFrom: aws.sshFrom },
    opts,
  );
  const sessionManager = aws.access === "ssm";
  const { profile, roleArn } = new InstanceProfile(`${stack}-instances`, { sessionManager, policies }, opts);
  const key = new KeyPair(`${stack}-key`, { publicKey: publicKeyOf(aws.publicKey) }, { provider });
  const [{ type }] = servers as [AwsMachine];
  const image = debianImage(type.architecture, { provider });
  const carried = servers.map((machine) => {
    const answers = machine.roles?.includes("production") ?? true;
    const instance = new Instance(
      `${stack}-${machine.name}-ec2`,
      {
        ...{ stack, region: aws.region, sessionManager, machine, image, profile, keyName: key.keyName },
        subnetId: network.subnetIds(machine.subnet)[zones.indexOf(machine.zone)] ?? "",
        securityGroups: [security.machines, ...(answers ? [security.web] : [])],
        rootGigabytes: gigabytes(aws.rootDisk),
        detailedMonitoring: aws.detailedMonitoring,
        protectData: isProtected(machine, aws),
      },
      // Its first start takes what comes from the internet.
      { ...opts, dependsOn: [network] },
    );
    return { machine, instance };
  });
  return { ...platform, network, security, carried, roleArn };
}
