import type * as pulumi from "@pulumi/pulumi";
import {
  agentDimensions,
  agentMetrics,
  containerLogGroup,
  metricNamespace,
} from "../../infra/commands/cloudwatchAgent";
import { logMetrics, type Monitored } from "./alarms";

/** The width of a dashboard, in columns. */
export const dashboardColumns = 24;

/** A part of a dashboard, with its place in columns and rows from the top left. */
export interface Widget {
  readonly type: "alarm" | "metric" | "log";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** A widget without a place: those of a row share its width. */
type Part = Pick<Widget, "type" | "properties">;

/** A line in a chart: namespace, metric, dimensions and how it is drawn. */
type Line = readonly (pulumi.Input<string> | object)[];

/** What a dashboard shows beside what is watched. */
export interface DashboardContent extends Monitored {
  readonly region: string;
  /** ARNs of the alarms whose state it shows. */
  readonly alarmArns: readonly pulumi.Input<string>[];
}

/**
 * The body of a dashboard: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 * It shows the state of all alarms first, then what users notice, then what that comes from.
 */
export function dashboardBody(content: DashboardContent): { readonly widgets: readonly Widget[] } {
  const { region } = content;
  const chart = (title: string, stat: string, metrics: readonly Line[]): Part => ({
    type: "metric",
    properties: { title, region, stat, period: 300, view: "timeSeries", metrics },
  });
  const rows: readonly { readonly height: number; readonly parts: readonly Part[] }[] = [
    { height: 4, parts: [{ type: "alarm", properties: { title: "Alarms", alarms: content.alarmArns } }] },
    { height: 6, parts: balancerParts(content, chart) },
    { height: 6, parts: machineParts(content, chart) },
    { height: 6, parts: databaseParts(content, chart) },
    { height: 8, parts: logParts(content, chart) },
  ];
  return { widgets: placed(rows.filter(({ parts }) => parts.length > 0)) };
}

type Chart = (title: string, stat: string, metrics: readonly Line[]) => Part;

/** Gives each part its place: rows one below the other, the width of each shared evenly. */
function placed(rows: readonly { readonly height: number; readonly parts: readonly Part[] }[]): Widget[] {
  let y = 0;
  return rows.flatMap(({ height, parts }) => {
    const width = Math.floor(dashboardColumns / parts.length);
    const row = parts.map((part, at) => ({ ...part, x: at * width, y, width, height }));
    y += height;
    return row;
  });
}

function balancerParts({ balancer }: Monitored, chart: Chart): Part[] {
  if (!balancer) return [];
  const of = (metric: string, how: object): Line => [
    ...["AWS/ApplicationELB", metric, "LoadBalancer", balancer.balancer],
    how,
  ];
  const hosts = (metric: string, label: string): Line => [
    ...["AWS/ApplicationELB", metric, "TargetGroup", balancer.targetGroup, "LoadBalancer", balancer.balancer],
    { label },
  ];
  return [
    chart("Requests and errors", "Sum", [
      of("RequestCount", { label: "requests" }),
      of("HTTPCode_Target_5XX_Count", { label: "errors of Odoo", yAxis: "right" }),
      of("HTTPCode_ELB_5XX_Count", { label: "errors of the load balancer", yAxis: "right" }),
    ]),
    chart("Time for an answer, in seconds", "p95", [
      of("TargetResponseTime", { label: "one in twenty takes longer" }),
      of("TargetResponseTime", { label: "half take longer", stat: "p50" }),
    ]),
    chart("Web machines", "Maximum", [hosts("HealthyHostCount", "healthy"), hosts("UnHealthyHostCount", "unhealthy")]),
  ];
}

function machineParts({ platform, machines }: Monitored, chart: Chart): Part[] {
  if (machines.length === 0) return [];
  const namespace = metricNamespace(platform);
  const { machine, disk } = agentDimensions;
  return [
    chart(
      "Processors, percent",
      "Average",
      machines.map(({ name, instanceId }) => ["AWS/EC2", "CPUUtilization", "InstanceId", instanceId, { label: name }]),
    ),
    chart(
      "Memory, percent",
      "Average",
      machines.map(({ name }) => [namespace, agentMetrics.memory, machine, name, { label: name }]),
    ),
    chart(
      "Disks, percent",
      "Maximum",
      machines.flatMap(({ name, disks }) =>
        disks.map((path) => [namespace, agentMetrics.disk, machine, name, disk, path, { label: `${name} ${path}` }]),
      ),
    ),
  ];
}

function databaseParts({ databases = [] }: Monitored, chart: Chart): Part[] {
  if (databases.length === 0) return [];
  const lines = (metric: string): Line[] =>
    databases.map(({ name, identifier }) => ["AWS/RDS", metric, "DBInstanceIdentifier", identifier, { label: name }]);
  return [
    chart("Databases: processors, percent", "Average", lines("CPUUtilization")),
    chart("Databases: connections", "Maximum", lines("DatabaseConnections")),
    chart("Databases: free storage, bytes", "Minimum", lines("FreeStorageSpace")),
    chart("Databases: freeable memory, bytes", "Average", lines("FreeableMemory")),
  ];
}

function logParts({ platform, region, logs }: DashboardContent, chart: Chart): Part[] {
  if (!logs) return [];
  const namespace = metricNamespace(platform);
  return [
    chart("In the logs", "Sum", [
      [namespace, logMetrics.critical, { label: "CRITICAL" }],
      [namespace, logMetrics.traceback, { label: "exceptions" }],
    ]),
    { type: "log", properties: { title: "Latest failures", region, view: "table", query: failuresQuery(platform) } },
  ];
}

/** The latest entries of level ERROR or CRITICAL, and whose they are. */
const failuresQuery = (platform: string) =>
  [
    `SOURCE '${containerLogGroup(platform)}'`,
    "fields @timestamp, `attrs.odoo-stacks.stack` as environment, log",
    String.raw`filter log like /^\d{4}-\d\d-\d\d \S+ \d+ (ERROR|CRITICAL) /`,
    "sort @timestamp desc",
    "limit 50",
  ].join(" | ");
