import type * as pulumi from "@pulumi/pulumi";
import { BackupBucket } from "../../components/aws/backupBucket";
import { SharedFilestore } from "../../components/aws/sharedFilestore";
import { sharedMount } from "../../components/aws/sharedMount";
import { isStoreProtected } from "../config/awsKept";
import { zonesIn } from "../config/awsMachines";
import { reached } from "../config/machines";
import { type AwsGround, type AwsPlatform, isBalanced, madeBy, webMachines } from "./awsParts";

/** The bucket for a platform's backups; undefined where its configuration asks for none. */
export function backupsOf(platform: AwsPlatform): BackupBucket | undefined {
  const { stack, config } = platform;
  const { backups } = config.aws;
  if (!backups) return undefined;
  return new BackupBucket(
    `${stack}-backups`,
    {
      ...{ coldAfterDays: backups.coldAfter, keepVersionsDays: backups.keepVersions, lock: backups.lock },
      protect: isStoreProtected("backups", config.aws),
    },
    madeBy(platform),
  );
}

/**
 * The files that web machines have in common, where there are several, mounted on each of them.
 * @param ready What has to be there before a machine is reached.
 */
export function filesOf(ground: AwsGround, ready: readonly pulumi.Resource[]): SharedFilestore | undefined {
  const { stack, config, network, security } = ground;
  if (!isBalanced(config)) return undefined;
  const { path, folders, throughput, backup } = config.aws.filestore;
  const addresses = network.subnetIds("private");
  const files = new SharedFilestore(
    `${stack}-files`,
    {
      vpcId: network.vpcId,
      subnets: Object.fromEntries(zonesIn(config.aws).map((zone, at) => [zone, addresses[at] ?? ""])),
      clients: { web: security.web },
      ...{ throughput, backup, protect: isStoreProtected("filestore", config.aws) },
    },
    madeBy(ground),
  );
  for (const { machine } of webMachines(ground)) {
    sharedMount(
      `${stack}-${machine.name}-files`,
      { machine: reached(machine), address: files.address, path, folders },
      { parent: files, dependsOn: [...ready] },
    );
  }
  return files;
}
