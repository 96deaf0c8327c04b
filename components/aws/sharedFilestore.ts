import * as efs from "@pulumi/aws/efs";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../infra/core/component";
import { admission } from "./admission";
import { dataKey } from "./dataKey";

/** What a file system that machines have in common is made with. */
export interface SharedFilestoreArgs {
  /** ID of the VPC. */
  readonly vpcId: pulumi.Input<string>;
  /** ID of a private subnet in each zone with machines, by zone: each gets an address of the file system. */
  readonly subnets: Readonly<Record<string, pulumi.Input<string>>>;
  /** IDs of the security groups whose machines may mount it, by what they are. Nobody else can. */
  readonly clients: Readonly<Record<string, pulumi.Input<string>>>;
  /** ARN of the key that encrypts it; it can't be changed. @default one of its own */
  readonly kmsKeyArn?: pulumi.Input<string>;
  /**
   * `elastic` is as fast as it is asked to be, for a price by the GB read and written; `bursting` costs nothing, and is slow where
   * little is stored: 50 KB/s for each GB, more for a while. @default "elastic"
   */
  readonly throughput?: "elastic" | "bursting";
  /** Days after which files that nobody reads cost less to keep, and more to read; 0 for never. @default 30 */
  readonly coldAfterDays?: 0 | 1 | 7 | 14 | 30 | 60 | 90 | 180 | 270 | 365;
  /** Whether AWS Backup copies it every day, and keeps each copy for 35 days. @default true */
  readonly backup?: boolean;
  /** Whether Pulumi refuses to delete it. @default true */
  readonly protect?: boolean;
  /**
   * Folders that others may mount as if they were all of it, with the user that they write as, by what they are. Machines of the
   * platform mount the whole. @default none
   */
  readonly accessPoints?: Readonly<
    Record<string, { readonly path: string; readonly uid: number; readonly gid: number }>
  >;
}

/** What would make another file system, without the files. */
const unchanged = ["creationToken", "encrypted", "kmsKeyId", "performanceMode", "availabilityZoneName"];

/**
 * A file system that machines in all zones have in common, on Amazon EFS: encrypted at rest, mounted from some security groups alone
 * and with TLS alone. The step `sharedMount` mounts it on a machine.
 *
 * Cost in us-east-1: 0.30 USD a month for each GB, 0.016 USD for what nobody reads; with `elastic` 0.03 USD for each GB read and 0.06
 * USD for each written; backups 0.05 USD for each GB; 1 USD for the key (https://aws.amazon.com/efs/pricing/).
 */
export class SharedFilestore extends Component {
  readonly fileSystem: efs.FileSystem;
  /** The name that machines mount it by: in each zone it resolves to the address there. Known when all addresses are there. */
  readonly address: pulumi.Output<string>;
  /** ID of its own security group. */
  readonly securityGroupId: pulumi.Output<string>;

  constructor(name: string, args: SharedFilestoreArgs, opts?: pulumi.ComponentResourceOptions) {
    super("aws:SharedFilestore", name, opts);
    const { protect = true, backup = true, throughput = "elastic", coldAfterDays = 30 } = args;
    const kmsKeyId =
      args.kmsKeyArn ?? dataKey(this.childName("key"), { purpose: `The files of ${name}`, protect }, this.child()).arn;
    this.fileSystem = new efs.FileSystem(
      this.childName("files"),
      {
        ...{ encrypted: true, kmsKeyId, performanceMode: "generalPurpose", throughputMode: throughput },
        lifecyclePolicies: lifecycle(coldAfterDays),
        tags: { Name: this.childName("files") },
      },
      this.child({ protect, ignoreChanges: unchanged }),
    );
    const fileSystemId = this.fileSystem.id;
    const group = admission(
      this.childName("access"),
      { vpcId: args.vpcId, purpose: "Files on EFS", port: 2049, clients: args.clients },
      this.child(),
    );
    const policy = new efs.FileSystemPolicy(
      this.childName("policy"),
      { fileSystemId, policy: this.fileSystem.arn.apply(tlsOnlyPolicy) },
      this.child(),
    );
    new efs.BackupPolicy(
      this.childName("backup"),
      { fileSystemId, backupPolicy: { status: backup ? "ENABLED" : "DISABLED" } },
      this.child(),
    );
    const targets = Object.entries(args.subnets).map(
      ([zone, subnetId]) =>
        new efs.MountTarget(
          this.childName(`mount-${zone}`),
          { fileSystemId, subnetId, securityGroups: [group.id] },
          // Never open without its policy.
          this.child({ dependsOn: [policy] }),
        ),
    );
    for (const [role, { path, uid, gid }] of Object.entries(args.accessPoints ?? {})) {
      new efs.AccessPoint(
        this.childName(`folder-${role}`),
        {
          ...{ fileSystemId, posixUser: { uid, gid } },
          rootDirectory: { path, creationInfo: { ownerUid: uid, ownerGid: gid, permissions: "0750" } },
          tags: { Name: this.childName(`folder-${role}`) },
        },
        this.child(),
      );
    }
    this.securityGroupId = group.id;
    this.address = pulumi
      .all([this.fileSystem.dnsName, pulumi.all(targets.map(({ id }) => id))])
      .apply(([dnsName]) => dnsName);
    this.registerOutputs({ address: this.address });
  }
}

/** Each policy has one transition: https://docs.aws.amazon.com/efs/latest/ug/lifecycle-management-efs.html */
function lifecycle(coldAfterDays: number) {
  if (coldAfterDays === 0) return [];
  const after = coldAfterDays === 1 ? "AFTER_1_DAY" : `AFTER_${coldAfterDays}_DAYS`;
  return [{ transitionToIa: after }, { transitionToPrimaryStorageClass: "AFTER_1_ACCESS" }];
}

/**
 * Lets in whoever the security group lets reach an address of it, and with TLS alone. A policy takes the place of one that lets in
 * everybody: https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
 */
export function tlsOnlyPolicy(arn: string): string {
  const everybody = { Principal: { AWS: "*" }, Resource: arn };
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        ...{ Sid: "FromTheNetwork", Effect: "Allow", ...everybody },
        Action: [
          "elasticfilesystem:ClientMount",
          "elasticfilesystem:ClientWrite",
          // Containers begin as root, and give files to their own user.
          "elasticfilesystem:ClientRootAccess",
        ],
        Condition: { Bool: { "elasticfilesystem:AccessedViaMountTarget": "true" } },
      },
      {
        ...{ Sid: "NotWithoutTls", Effect: "Deny", ...everybody, Action: "*" },
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  });
}
