import type * as pulumi from "@pulumi/pulumi";
import { agentDimensions, agentMetrics, metricNamespace } from "../../infra/commands/cloudwatchAgent";
import { alarm, type Alarm, lasting } from "./alarm";

/** A machine that is watched. */
export interface MonitoredMachine {
  /** What the platform calls it. */
  readonly name: string;
  readonly instanceId: pulumi.Input<string>;
  /** Whether its class lives on CPU credits (T3, T4g). */
  readonly burstable: boolean;
  /** Folders that its disks are mounted on. */
  readonly disks: readonly string[];
}

/** So many credits are twenty minutes of one core: time to act. Its metric has a value every five minutes. */
export const fewCredits = 20;

/** What of a machine is watched. */
export function machineAlarms(platform: string, machine: MonitoredMachine): Alarm[] {
  const { name, instanceId, burstable, disks } = machine;
  const ofInstance = (metric: string) => ({
    namespace: "AWS/EC2",
    name: metric,
    dimensions: { InstanceId: instanceId },
  });
  return [
    alarm("machine-status", name, {
      severity: "critical",
      metric: ofInstance("StatusCheckFailed"),
      ...{ statistic: "Maximum", when: "at least", threshold: { value: 1, unit: "count" }, ...lasting.minutes(5) },
      missing: "breaching",
      description: `The machine ${name} does not run, or fails AWS's status checks.`,
    }),
    alarm("machine-cpu", name, {
      severity: "warning",
      metric: ofInstance("CPUUtilization"),
      ...{ statistic: "Average", when: "above", threshold: { value: 90, unit: "percent" }, ...lasting.fiveMinutes(3) },
      missing: "missing",
      description: `The processors of ${name} have been busy for a quarter of an hour.`,
    }),
    ...(burstable ? [credits(name, ofInstance("CPUCreditBalance"))] : []),
    alarm("machine-memory", name, {
      severity: "warning",
      metric: ofAgent(platform, agentMetrics.memory, { [agentDimensions.machine]: name }),
      ...{ statistic: "Average", when: "above", threshold: { value: 90, unit: "percent" }, ...lasting.fiveMinutes(3) },
      missing: "breaching",
      description: `Memory of ${name} is nearly used up, or the CloudWatch agent there is silent.`,
    }),
    ...disks.flatMap((disk) => diskAlarms(platform, name, disk)),
  ];
}

const ofAgent = (platform: string, name: string, dimensions: Record<string, string>) => ({
  namespace: metricNamespace(platform),
  name,
  dimensions,
});

const credits = (name: string, metric: Alarm["metric"]) =>
  alarm("machine-credits", name, {
    severity: "warning",
    metric,
    ...{
      statistic: "Minimum",
      when: "below",
      threshold: { value: fewCredits, unit: "credits" },
      ...lasting.fiveMinutes(3),
    },
    missing: "missing",
    description: `${name} has used up its CPU credits: it becomes slow, or costs more for each hour above its share.`,
  });

function diskAlarms(platform: string, name: string, disk: string): Alarm[] {
  const about = `${name}-${disk === "/" ? "root" : disk.replaceAll(/[^a-z0-9]+/gi, "-").replaceAll(/^-|-$/g, "")}`;
  const dimensions = { [agentDimensions.machine]: name, [agentDimensions.disk]: disk };
  const common = {
    metric: ofAgent(platform, agentMetrics.disk, dimensions),
    statistic: "Maximum",
    when: "above",
    missing: "missing",
    ...lasting.fiveMinutes(2),
  } as const;
  return [
    alarm("machine-disk", about, {
      ...{ ...common, severity: "warning", threshold: { value: 80, unit: "percent" } },
      description: `The disk at ${disk} of ${name} is over 80 % full.`,
    }),
    alarm("machine-disk-full", about, {
      ...{ ...common, severity: "critical", threshold: { value: 90, unit: "percent" } },
      description: `The disk at ${disk} of ${name} is over 90 % full: PostgreSQL stops when it is full.`,
    }),
  ];
}
