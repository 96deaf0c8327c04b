import type * as pulumi from "@pulumi/pulumi";
import { alarm, type Alarm, type Metric } from "./alarm";

/** Daily backups that AWS makes, and by which of its figures they are watched. */
export interface MonitoredBackup {
  /** Tells them from others of the same stack. */
  readonly name: string;
  /** What is backed up, in words. */
  readonly of: string;
  /** Counts backups when they are finished; where none is, it says nothing. */
  readonly finished: Metric;
  /** Counts those that failed. @default nobody does */
  readonly failed?: Metric;
  /** How old the newest one may be, in whole hours: 168 at most, which is as far as CloudWatch looks back. */
  readonly maxAgeHours: number;
}

/**
 * How old a daily backup may be, in hours, by who counts it. A service's own figure has a day, the hour in which it begins, an hour of
 * retries, and some for the work. Of backups that events tell, one event may get lost, and AWS Backup begins within eight hours, with EFS
 * from 5:00 UTC on: two days, and twelve hours. https://docs.aws.amazon.com/efs/latest/ug/automatic-backups.html
 */
const maxAgeHours = { counted: 30, told: 60 } as const;

const hour = 3_600;

/**
 * Snapshots by a policy of Data Lifecycle Manager, of all volumes that it is for. Its figures are EBS's:
 * https://docs.aws.amazon.com/ebs/latest/userguide/monitor-dlm-cw-metrics.html
 */
export function volumeBackups(policyId: pulumi.Input<string>): MonitoredBackup {
  const of = (name: string) => ({ namespace: "AWS/EBS", name, dimensions: { DLMPolicyId: policyId } });
  return {
    ...{ name: "volumes", of: "the volumes with data", maxAgeHours: maxAgeHours.counted },
    ...{ finished: of("SnapshotsCreateCompleted"), failed: of("SnapshotsCreateFailed") },
  };
}

/**
 * Backups that AWS tells of, and has no figure for.
 * @param finished Counts what it tells: `BackupEvents`.
 */
export const toldBackups = (name: string, of: string, finished: Metric): MonitoredBackup => ({
  ...{ name, of, finished, maxAgeHours: maxAgeHours.told },
});

/** What of backups is watched: that there is a new one, and that none failed, where somebody counts that. */
export function backupAlarms({ name, of, finished, failed, maxAgeHours: hours }: MonitoredBackup): Alarm[] {
  return [
    alarm("backup-age", name, {
      severity: "critical",
      metric: finished,
      ...{ statistic: "Sum", when: "below", threshold: { value: 1, unit: "count" } },
      ...{ periodSeconds: hour, periods: hours, withoutValue: 0, missing: "breaching" },
      description: `No backup of ${of} was finished in ${hours} hours.`,
    }),
    ...(failed
      ? [
          // For a day: until the next one is due.
          alarm("backup-failed", name, {
            severity: "warning",
            metric: failed,
            ...{ statistic: "Sum", when: "at least", threshold: { value: 1, unit: "count" } },
            ...{ periodSeconds: 24 * hour, periods: 1, missing: "notBreaching" },
            description: `A backup of one of ${of} failed.`,
          }),
        ]
      : []),
  ];
}
