import type * as pulumi from "@pulumi/pulumi";
import { metricNamespace } from "../../infra/commands/cloudwatchAgent";
import { alarm, type Alarm, lasting } from "./alarm";
import { backupAlarms, type MonitoredBackup } from "./backupAlarms";
import { balancerAlarms, type MonitoredBalancer } from "./balancerAlarms";
import { databaseAlarms, type MonitoredDatabase } from "./databaseAlarms";
import { machineAlarms, type MonitoredMachine } from "./machineAlarms";

/** What a platform has that can be watched. */
export interface Monitored {
  /** The platform's stack. */
  readonly platform: string;
  readonly machines: readonly MonitoredMachine[];
  readonly databases?: readonly MonitoredDatabase[];
  readonly balancer?: MonitoredBalancer;
  /** Certificates of AWS Certificate Manager. */
  readonly certificates?: readonly { readonly name: string; readonly arn: pulumi.Input<string> }[];
  readonly backups?: readonly MonitoredBackup[];
  /** Whether the containers' logs go to CloudWatch and are looked through there. */
  readonly logs?: boolean;
}

/** Metrics of what is found in the containers' logs. */
export const logMetrics = { critical: "CriticalLogEntries", traceback: "Tracebacks" } as const;

/** The alarms for what there is. */
export function alarmsFor(monitored: Monitored): Alarm[] {
  const { platform, machines, databases = [], balancer, certificates = [], backups = [], logs = false } = monitored;
  return [
    ...machines.flatMap((machine) => machineAlarms(platform, machine)),
    ...databases.flatMap(databaseAlarms),
    ...(balancer ? balancerAlarms(balancer) : []),
    ...certificates.map(({ name, arn }) => certificateAlarm(name, arn)),
    ...backups.flatMap(backupAlarms),
    ...(logs ? logAlarms(platform) : []),
  ];
}

/**
 * AWS renews a certificate 45 days before its end or earlier: https://docs.aws.amazon.com/acm/latest/userguide/dns-renewal-validation.html
 * The metric comes twice a day, and no more once it is too late: silence changes nothing.
 */
const certificateAlarm = (name: string, arn: pulumi.Input<string>) =>
  alarm("certificate-expiry", name, {
    severity: "critical",
    metric: { namespace: "AWS/CertificateManager", name: "DaysToExpiry", dimensions: { CertificateArn: arn } },
    ...{
      statistic: "Minimum",
      when: "below",
      threshold: { value: 30, unit: "days" },
      periodSeconds: 86_400,
      periods: 1,
    },
    missing: "ignore",
    description: `The certificate of ${name} ends in less than 30 days, and AWS has not renewed it.`,
  });

function logAlarms(platform: string): Alarm[] {
  const found = (name: string) => ({
    metric: { namespace: metricNamespace(platform), name, dimensions: {} },
    ...({ statistic: "Sum", when: "above", ...lasting.fiveMinutes(1), missing: "notBreaching" } as const),
  });
  return [
    alarm("log-critical", "", {
      ...{ ...found(logMetrics.critical), severity: "critical", threshold: { value: 0, unit: "count" } },
      description: "Odoo has logged an entry of level CRITICAL.",
    }),
    alarm("log-tracebacks", "", {
      ...{ ...found(logMetrics.traceback), severity: "warning", threshold: { value: 5, unit: "count" } },
      description: "More than five exceptions are in the containers' logs within five minutes.",
    }),
  ];
}
