import * as ebs from "@pulumi/aws/ebs";
import * as ec2 from "@pulumi/aws/ec2";
import * as pulumi from "@pulumi/pulumi";
import { userData } from "../../infra/commands/machine/script";
import type { AwsMachine } from "../../infra/config/awsMachines";
import { Component } from "../../infra/core/component";
import { snapshotTag } from "./snapshots";

/** What an instance that carries a machine is made with. */
export interface InstanceArgs {
  readonly stack: string;
  readonly machine: AwsMachine;
  readonly region: string;
  /** ID of the image that it starts from the first time. Another one later changes nothing. */
  readonly image: pulumi.Input<string>;
  /** Name of the key that it lets people in with. Another one later changes nothing. */
  readonly keyName: pulumi.Input<string>;
  /** Name of the instance profile: what it may do in AWS. */
  readonly profile: pulumi.Input<string>;
  /** ID of its subnet. Another one replaces the instance; the volume with its data stays. */
  readonly subnetId: pulumi.Input<string>;
  /** IDs of its security groups. */
  readonly securityGroups: readonly pulumi.Input<string>[];
  /** Whether it is reached through Session Manager. */
  readonly sessionManager: boolean;
  /** Size of the volume with the operating system, in GiB. */
  readonly rootGigabytes: number;
  /** Whether CloudWatch gets figures every minute and not every five. */
  readonly detailedMonitoring: boolean;
  /** Whether Pulumi refuses to delete the volume with its data. */
  readonly protectData: boolean;
}

/** Nitro instances see it as an NVMe disk with a name of its own: https://docs.aws.amazon.com/ebs/latest/userguide/nvme-ebs-volumes.html */
const deviceName = "/dev/sdf";

/**
 * An instance of EC2 that carries a machine of a platform, and the volume with the machine's data. The volume is one of its own: an
 * instance in the place of another one finds it, with the address in the network that the other one had, and is the same machine to
 * the others. In a public subnet it has a public address, which stays as well.
 *
 * Neither a newer image nor another script replaces an instance: Debian's updates come by unattended upgrades. Containers can't reach
 * its metadata, where its credentials are.
 *
 * Cost: the instance by the hour, its two volumes by the GB, a public address 3.65 USD a month.
 */
export class Instance extends Component {
  /** ID of the instance that carries the machine now. */
  readonly instanceId: pulumi.Output<string>;
  /** ID of the volume with the machine's data. */
  readonly volumeId: pulumi.Output<string>;
  /** The public address that stays; undefined in a private subnet. */
  readonly publicAddress?: pulumi.Output<string>;

  constructor(name: string, args: InstanceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("aws:Instance", name, opts);
    const { machine } = args;
    const volume = this.makeVolume(args);
    const isPublic = machine.subnet === "public";
    const instance = new ec2.Instance(
      this.childName("instance"),
      {
        ami: args.image,
        instanceType: machine.type.name,
        ...{
          subnetId: args.subnetId,
          privateIp: machine.privateAddress,
          vpcSecurityGroupIds: [...args.securityGroups],
        },
        // For the time until it has the address that stays.
        associatePublicIpAddress: isPublic,
        ...{ keyName: args.keyName, iamInstanceProfile: args.profile },
        userData: volume.id.apply((id) => userData({ region: args.region, agent: args.sessionManager, volume: id })),
        // Version 2 of the metadata service alone, one hop away: a container is two.
        metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
        rootBlockDevice: {
          ...{ volumeType: "gp3", volumeSize: args.rootGigabytes, encrypted: true, deleteOnTermination: true },
          tags: { Name: this.childName("root") },
        },
        maintenanceOptions: { autoRecovery: "default" },
        monitoring: args.detailedMonitoring,
        ...(machine.type.burstable ? { creditSpecification: { cpuCredits: "unlimited" } } : {}),
        // Nobody ends it by accident in the console or by a script; what Pulumi shows in a preview may.
        ...{ disableApiTermination: machine.production, forceDestroy: true },
        tags: { Name: `${args.stack}-${machine.name}`, "odoo-stacks.machine": machine.name },
      },
      this.child({
        ignoreChanges: ["ami", "userData", "keyName", "associatePublicIpAddress"],
        // Its address can't be had twice at a time.
        deleteBeforeReplace: true,
      }),
    );
    const attachment = { deviceName, volumeId: volume.id, instanceId: instance.id, stopInstanceBeforeDetaching: true };
    new ec2.VolumeAttachment(this.childName("attachment"), attachment, this.child({ deleteBeforeReplace: true }));
    this.instanceId = instance.id;
    this.volumeId = volume.id;
    if (isPublic) this.publicAddress = this.makeAddress(instance);
    const { instanceId, volumeId, publicAddress } = this;
    this.registerOutputs({ instanceId, volumeId, publicAddress });
  }

  private makeVolume({ machine, stack, protectData }: InstanceArgs): ebs.Volume {
    return new ebs.Volume(
      this.childName("data"),
      {
        ...{ availabilityZone: machine.zone, size: machine.dataGigabytes, type: "gp3", encrypted: true },
        finalSnapshot: machine.keepsData,
        tags: { Name: this.childName("data"), ...(machine.keepsData ? { [snapshotTag]: stack } : {}) },
      },
      this.child({ protect: protectData }),
    );
  }

  private makeAddress(instance: ec2.Instance): pulumi.Output<string> {
    const tags = { Name: this.childName("address") };
    const address = new ec2.Eip(this.childName("address"), { domain: "vpc", tags }, this.child());
    new ec2.EipAssociation(
      this.childName("address-use"),
      { allocationId: address.allocationId, instanceId: instance.id },
      this.child({ deleteBeforeReplace: true }),
    );
    return address.publicIp;
  }
}
