import type * as pulumi from "@pulumi/pulumi";
import { alarm, type Alarm, lasting } from "./alarm";
import { fewCredits } from "./machineAlarms";

/** A database of RDS that is watched. */
export interface MonitoredDatabase {
  /** Whose it is: the environment's stack. */
  readonly name: string;
  /** Its DB instance identifier. */
  readonly identifier: pulumi.Input<string>;
  /** Storage that it is given, in bytes; what it grows to by itself does not count. */
  readonly storageBytes: number;
  /** Memory of its class, in bytes. */
  readonly memoryBytes: number;
  /** Connections that it accepts (`max_connections`). */
  readonly maxConnections: number;
  /** Whether its class lives on CPU credits (T3, T4g). */
  readonly burstable: boolean;
  /** DB instance identifier of its read replica. @default none */
  readonly replica?: pulumi.Input<string>;
}

/**
 * What of a database is watched. Thresholds of transaction IDs and of the processor are those that AWS recommends:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html#RDS
 */
export function databaseAlarms(database: MonitoredDatabase): Alarm[] {
  const { name, identifier, storageBytes, memoryBytes, maxConnections, burstable, replica } = database;
  const of = (metric: string, instance = identifier) => ({
    namespace: "AWS/RDS",
    name: metric,
    dimensions: { DBInstanceIdentifier: instance },
  });
  const storage = { metric: of("FreeStorageSpace"), statistic: "Minimum", when: "below", missing: "missing" } as const;
  return [
    // RDS adds storage when a tenth or less has been free for five minutes: what lasts longer, it did not help.
    // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html
    alarm("database-storage", name, {
      ...{ ...storage, severity: "warning", threshold: part(storageBytes, 0.1), ...lasting.fiveMinutes(6) },
      description: `Less than a tenth of the storage of ${name} has been free for half an hour.`,
    }),
    alarm("database-storage-full", name, {
      ...{ ...storage, severity: "critical", threshold: part(storageBytes, 0.05), ...lasting.fiveMinutes(1) },
      description: `Less than 5 % of the storage of ${name} is free: RDS stops it when it is full.`,
    }),
    alarm("database-connections", name, {
      severity: "warning",
      metric: of("DatabaseConnections"),
      ...{ statistic: "Maximum", when: "above", ...lasting.fiveMinutes(2), missing: "missing" },
      threshold: { value: Math.floor(maxConnections * 0.8), unit: "count" },
      description: `More than 80 % of the ${maxConnections} connections that ${name} accepts are open.`,
    }),
    alarm("database-memory", name, {
      severity: "warning",
      metric: of("FreeableMemory"),
      ...{ statistic: "Average", when: "below", ...lasting.fiveMinutes(3), missing: "missing" },
      threshold: part(memoryBytes, 0.1),
      description: `Less than a tenth of the memory of ${name} could be made free.`,
    }),
    alarm("database-cpu", name, {
      severity: "warning",
      metric: of("CPUUtilization"),
      ...{ statistic: "Average", when: "above", threshold: { value: 90, unit: "percent" }, ...lasting.fiveMinutes(3) },
      missing: "missing",
      description: `The processors of ${name} have been busy for a quarter of an hour.`,
    }),
    ...(burstable
      ? [
          alarm("database-credits", name, {
            severity: "warning",
            metric: of("CPUCreditBalance"),
            ...{ statistic: "Minimum", when: "below", ...lasting.fiveMinutes(3), missing: "missing" },
            threshold: { value: fewCredits, unit: "credits" },
            description: `${name} has used up its CPU credits: it costs more for each hour above its share.`,
          }),
        ]
      : []),
    alarm("database-transactions", name, {
      severity: "critical",
      metric: of("MaximumUsedTransactionIDs"),
      ...{ statistic: "Average", when: "above", ...lasting.fiveMinutes(1), missing: "missing" },
      threshold: { value: 1_000_000_000, unit: "count" },
      description: `PostgreSQL of ${name} has not cleaned up old transactions: it stops accepting any at two billion.`,
    }),
    ...(replica ? [lag(name, of("ReplicaLag", replica))] : []),
  ];
}

const part = (bytes: number, share: number) => ({ value: Math.floor(bytes * share), unit: "bytes" }) as const;

/**
 * A replica of a database in which nothing happens is behind by up to five minutes:
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PostgreSQL.Replication.ReadReplicas.html
 */
const lag = (name: string, metric: Alarm["metric"]) =>
  alarm("database-replica-lag", name, {
    severity: "warning",
    metric,
    ...{ statistic: "Maximum", when: "above", threshold: { value: 600, unit: "seconds" }, ...lasting.minutes(10) },
    missing: "breaching",
    description: `The replica of ${name} is more than ten minutes behind, or says nothing.`,
  });
