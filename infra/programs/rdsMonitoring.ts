import type { Provider } from "@pulumi/aws/provider";
import * as pulumi from "@pulumi/pulumi";
import type { RdsDatabase } from "../../components/database/rdsDatabase";
import { AlarmSet } from "../../components/monitoring/alarmSet";
import { backupAlarms, type MonitoredBackup, toldBackups } from "../../components/monitoring/backupAlarms";
import { BackupEvents, databaseBackedUp } from "../../components/monitoring/backupEvents";
import { databaseAlarms } from "../../components/monitoring/databaseAlarms";
import { rdsClasses } from "../config/aws/rdsClasses";
import { type OnRds, rdsWishes } from "../config/aws/rdsWishes";
import { bytes } from "../core/units";
import type { EnvironmentDatabaseArgs } from "./environmentDatabase";

/**
 * Watches an environment's database on RDS, and its backups, which a copy has none of: alarms that are called after its stack, and tell
 * whom the platform's tell. None where the platform has nobody told; a warning where an earlier version brought it up, and it does not
 * say.
 */
export function watchDatabase(
  { stack, platform }: Pick<EnvironmentDatabaseArgs, "stack" | "platform">,
  config: OnRds,
  { instance, provider }: { readonly instance: RdsDatabase; readonly provider: Provider },
): void {
  const topics = platform.aws?.topics;
  if (topics === undefined) void pulumi.log.warn(notWatched(stack, platform.stack));
  if (topics === undefined || topics === "none") return;
  // A copy without a wish has what its snapshot has, which is known to AWS alone: the threshold is of the least that there is.
  const { identifier, instanceClass, storage = "20 GB" } = rdsWishes(config, stack);
  const found = rdsClasses.get(instanceClass);
  if (!found) throw new Error("a configuration that was not checked");
  const alarms = databaseAlarms({
    ...{ name: stack, identifier: instance.instance.identifier, replica: instance.replica?.identifier },
    ...{ storageBytes: bytes(storage), memoryBytes: found.memoryBytes, burstable: found.burstable },
    maxConnections: instance.maxConnections,
  });
  const opts = { providers: [provider] };
  const backups = config.restore ? [] : backupAlarms(backupsOf(stack, identifier, opts));
  new AlarmSet(
    `${stack}-alarms`,
    // There is one database: the stack and the kind tell an alarm from all others of the account.
    { stack, alarms: [...alarms, ...backups].map((alarm) => ({ ...alarm, id: alarm.kind })), tells: topics },
    // That of backups too: before RDS has made the instance and its first backup, it could only ring.
    { ...opts, dependsOn: [instance.instance] },
  );
}

function backupsOf(stack: string, identifier: string, opts: pulumi.ComponentResourceOptions): MonitoredBackup {
  const of = `the database of ${stack}`;
  const pattern = databaseBackedUp(identifier);
  return toldBackups(stack, of, new BackupEvents(`${stack}-rds-backups`, { of, pattern }, opts).finished);
}

const notWatched = (stack: string, platform: string): string =>
  `No alarm watches the database of ${stack}: ${platform} was brought up by an earlier version and does not say who is told. ` +
  `npx odoo-stacks up ${platform}, then npx odoo-stacks up ${stack}.`;
