import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity";
import type * as pulumi from "@pulumi/pulumi";
import type { SharedFilestore } from "../../components/aws/sharedFilestore";
import type { Snapshots } from "../../components/aws/snapshots";
import type { TopicArns } from "../../components/monitoring/alarmTopics";
import { alarmsFor, type Monitored } from "../../components/monitoring/alarms";
import { AlarmSet } from "../../components/monitoring/alarmSet";
import { type MonitoredBackup, toldBackups, volumeBackups } from "../../components/monitoring/backupAlarms";
import { BackupEvents, filesBackedUp } from "../../components/monitoring/backupEvents";
import { Dashboard } from "../../components/monitoring/dashboard";
import { LogGroups } from "../../components/monitoring/logGroups";
import { MachineMonitoring } from "../../components/monitoring/machineMonitoring";
import { reached } from "../config/machines";
import type { AwsFront } from "./awsFront";
import { type AwsGround, type AwsPlatform, madeBy } from "./awsParts";

/** Folders that a machine's two volumes are mounted on: the operating system, and Docker's data. */
const disks = ["/", "/var/lib/docker"];

/** Where the containers' logs go; undefined where a platform is not watched. */
export function logsOf(platform: AwsPlatform): LogGroups | undefined {
  const { stack, config } = platform;
  const { alarms } = config.aws;
  if (!alarms) return undefined;
  return new LogGroups(`${stack}-logs`, { platform: stack, retentionDays: alarms.logDays }, madeBy(platform));
}

/** What a platform has that AWS backs up every day. */
export interface BackedUp {
  readonly snapshots: Snapshots;
  /** The files that web machines have in common, where there are several. */
  readonly files?: SharedFilestore;
}

/**
 * Watches a platform: its machines, their containers' logs, its load balancer, and the backups of its volumes and files.
 * @param ready What has to be there before a machine is reached.
 * @returns whom alarms tell, also those of environments; undefined where nobody is to be told.
 */
export function watch(
  ground: AwsGround,
  front: AwsFront,
  backedUp: BackedUp,
  logs: LogGroups,
  ready: readonly pulumi.Resource[],
): TopicArns | undefined {
  const { stack, config, provider, carried } = ground;
  const { alarms, region } = config.aws;
  if (!alarms) return undefined;
  const { accountId } = getCallerIdentityOutput({}, { provider });
  for (const { machine } of carried) {
    new MachineMonitoring(
      `${stack}-${machine.name}-monitoring`,
      { machine: reached(machine), name: machine.name, platform: stack, region, disks, logGroup: logs.containers },
      { dependsOn: [...ready] },
    );
  }
  const monitored = { ...monitoredOf(ground, front), backups: backupsOf(ground, backedUp) };
  const email = { critical: alarms.email, warning: alarms.warningEmail ?? alarms.email };
  const { alarmArns, topics } = new AlarmSet(
    `${stack}-alarms`,
    { stack, alarms: alarmsFor(monitored), tells: { email, accountId } },
    madeBy(ground),
  );
  if (alarms.dashboard) new Dashboard(`${stack}-dashboard`, { ...monitored, region, alarmArns }, madeBy(ground));
  return topics;
}

function backupsOf(ground: AwsGround, { snapshots, files }: BackedUp): readonly MonitoredBackup[] {
  const volumes = volumeBackups(snapshots.policyId);
  if (!files || !ground.config.aws.filestore.backup) return [volumes];
  const of = "the files on EFS";
  const pattern = filesBackedUp(files.fileSystem.arn);
  const { finished } = new BackupEvents(`${ground.stack}-files-backups`, { of, pattern }, madeBy(ground));
  return [volumes, toldBackups("files", of, finished)];
}

const monitoredOf = ({ stack, carried }: AwsGround, { balancer }: AwsFront): Monitored => ({
  platform: stack,
  machines: carried.map(({ machine: { name, type }, instance: { instanceId } }) => ({
    ...{ name, instanceId, burstable: type.burstable, disks },
  })),
  balancer: balancer?.metrics,
  certificates: balancer && [{ name: stack, arn: balancer.certificateArn }],
  logs: true,
});
