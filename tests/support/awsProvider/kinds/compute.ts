import { blockOf } from "../addresses";
import { hexOf, type Properties, text } from "../values";
import { attachment, type Kind, type Kinds, type Made } from "./kind";
import { address, wrongZone } from "./network";

const instance: Kind = {
  id: "i-",
  arn: "ec2:{region}:{account}:instance/{id}",
  replaces: [
    ...["ami", "subnetId", "privateIp", "availabilityZone", "keyName", "associatePublicIpAddress", "placementGroup"],
    ...["ephemeralBlockDevices", "ebsBlockDevices", "networkInterfaces", "secondaryPrivateIps", "hostId", "cpuOptions"],
    ...["rootBlockDevice.encrypted", "rootBlockDevice.kmsKeyId", "rootBlockDevice.deviceName"],
  ],
  action: "ec2:RunInstances",
  protectedBy: "disableApiTermination",
  outputs: instanceOutputs,
  refuses: (inputs, { world }) => {
    const subnetId = text(inputs, "subnetId");
    return world.kept && subnetId && !world.find("aws:ec2/subnet:Subnet", subnetId)
      ? `InvalidSubnetID.NotFound: The subnet ID '${subnetId}' does not exist`
      : undefined;
  },
};

function instanceOutputs({ inputs, id, region, world }: Made): Properties {
  const subnet = world.find("aws:ec2/subnet:Subnet", text(inputs, "subnetId"));
  const open = inputs.associatePublicIpAddress ?? subnet?.inputs.mapPublicIpOnLaunch ?? false;
  const privateIp = text(inputs, "privateIp") || addressIn(text(subnet?.inputs ?? {}, "cidrBlock"), id);
  const publicIp = open === true ? address(id) : "";
  return {
    instanceState: "running",
    availabilityZone: subnet?.outputs.availabilityZone ?? `${region}a`,
    primaryNetworkInterfaceId: `eni-${hexOf(id, 17)}`,
    privateIp,
    privateDns: `ip-${privateIp.replaceAll(".", "-")}.${region}.compute.internal`,
    associatePublicIpAddress: open,
    publicIp,
    publicDns: publicIp && `ec2-${publicIp.replaceAll(".", "-")}.${region}.compute.amazonaws.com`,
    rootBlockDevice: { volumeId: `vol-${hexOf(id, 17)}`, ...(inputs.rootBlockDevice as Properties | undefined) },
  };
}

/** An address of a subnet that follows from an ID; AWS keeps the first four. */
function addressIn(cidr: string, id: string): string {
  const block = blockOf(cidr) ?? { first: 10 * 256 ** 3, last: 10 * 256 ** 3 + 255 };
  const number = block.first + 4 + (Number.parseInt(hexOf(id, 8), 16) % Math.max(1, block.last - block.first - 5));
  return [24, 16, 8, 0].map((bits) => Math.floor(number / 2 ** bits) % 256).join(".");
}

/** How AWS treats machines, their disks, and the rights of machines and people. */
export const compute: Kinds = {
  "ec2/instance": instance,
  "ec2/keyPair": {
    id: (inputs) => text(inputs, "keyName"),
    arn: "ec2:{region}:{account}:key-pair/{name}",
    named: "keyName",
    replaces: ["keyName", "publicKey"],
    taken: "InvalidKeyPair.Duplicate",
    action: "ec2:ImportKeyPair",
    outputs: ({ arn }) => ({ keyPairId: `key-${hexOf(arn, 17)}` }),
  },
  "ec2/launchTemplate": {
    id: "lt-",
    arn: "ec2:{region}:{account}:launch-template/{id}",
    replaces: ["name", "namePrefix"],
    outputs: () => ({ latestVersion: 1, defaultVersion: 1 }),
  },
  "ec2/networkInterface": { id: "eni-", arn: "ec2:{region}:{account}:network-interface/{id}", replaces: ["subnetId"] },
  "ec2/placementGroup": { ...attachment("pg-"), unique: "region" },
  "ec2/volumeAttachment": attachment("vai-", "ec2:AttachVolume"),
  "ebs/volume": {
    id: "vol-",
    arn: "ec2:{region}:{account}:volume/{id}",
    replaces: ["availabilityZone", "encrypted", "kmsKeyId", "snapshotId", "outpostArn"],
    grows: ["size"],
    action: "ec2:CreateVolume",
    refuses: wrongZone,
  },
  "ebs/snapshot": { ...attachment("snap-", "ec2:CreateSnapshot"), arn: "ec2:{region}::snapshot/{id}" },
  "ebs/encryptionByDefault": { id: "uuid", action: "ec2:EnableEbsEncryptionByDefault" },
  "dlm/lifecyclePolicy": {
    id: "policy-",
    arn: "dlm:{region}:{account}:policy/{id}",
    action: "dlm:CreateLifecyclePolicy",
  },
  "iam/role": {
    id: "name",
    arn: "iam::{account}:role/{name}",
    replaces: ["name", "namePrefix", "path"],
    longest: 64,
    unique: "account",
    outputs: ({ arn }) => ({ uniqueId: `AROA${hexOf(arn, 17).toUpperCase()}`, createDate: "2026-01-01T00:00:00Z" }),
  },
  "iam/rolePolicy": {
    id: (inputs) => `${text(inputs, "role")}:${text(inputs, "name")}`,
    replaces: ["name", "namePrefix", "role"],
    unique: "no",
    action: "iam:PutRolePolicy",
  },
  "iam/rolePolicyAttachment": attachment(
    (inputs) => `${text(inputs, "role")}/${text(inputs, "policyArn")}`,
    "iam:AttachRolePolicy",
  ),
  "iam/policy": {
    id: "arn",
    arn: "iam::{account}:policy/{name}",
    replaces: ["name", "namePrefix", "path", "description"],
    unique: "account",
    held: true,
  },
  "iam/instanceProfile": {
    id: "name",
    arn: "iam::{account}:instance-profile/{name}",
    replaces: ["name", "namePrefix", "path"],
    unique: "account",
  },
  "kms/key": {
    id: "uuid",
    arn: "kms:{region}:{account}:key/{id}",
    replaces: ["customKeyStoreId", "keyUsage", "customerMasterKeySpec", "multiRegion"],
    outputs: ({ id }) => ({ keyId: id }),
  },
  "kms/alias": {
    id: "name",
    arn: "kms:{region}:{account}:{name}",
    replaces: ["name", "namePrefix"],
    taken: "AlreadyExistsException",
    outputs: ({ inputs }) => ({ targetKeyArn: inputs.targetKeyId }),
  },
};
