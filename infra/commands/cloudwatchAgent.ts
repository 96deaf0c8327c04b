/**
 * Configuration of the CloudWatch agent:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Agent-Configuration-File-Details.html
 */

/** What a machine is to send. */
export interface AgentSettings {
  /** The platform's stack. */
  readonly platform: string;
  /** What the platform calls the machine; stays the same when its instance is replaced, and the alarms with it. */
  readonly machine: string;
  readonly region: string;
  /** Folders that its disks are mounted on. */
  readonly disks: readonly string[];
  /** Log group that its containers' logs go to. */
  readonly logGroup: string;
}

/** The namespace in CloudWatch of what a platform's machines and logs are measured by. */
export const metricNamespace = (platform: string): string => `OdooStacks/${platform}`;

/** The log group that a platform's containers' logs go to. */
export const containerLogGroup = (platform: string): string => `/odoo-stacks/${platform}/containers`;

/** Names that the agent gives its metrics. */
export const agentMetrics = { memory: "mem_used_percent", disk: "disk_used_percent" } as const;

/** The dimension that tells machines apart, and the one that tells a machine's disks apart. */
export const agentDimensions = { machine: "Machine", disk: "path" } as const;

/** Seconds between measurements. */
const intervalSeconds = 60;

/**
 * The agent's configuration. Logs are read from Docker's own files, so that `docker logs` stays as it is, and a log that can't be sent
 * stops no container, as Docker's driver for CloudWatch would.
 */
export function agentConfig({ platform, machine, region, disks, logGroup }: AgentSettings): object {
  const dimensions = { [agentDimensions.machine]: machine };
  const measured = { measurement: ["used_percent"], append_dimensions: dimensions };
  return {
    agent: {
      metrics_collection_interval: intervalSeconds,
      region,
      // Docker's files are root's.
      run_as_user: "root",
      omit_hostname: true,
    },
    metrics: {
      namespace: metricNamespace(platform),
      // Without the file system's type, which alarms don't know.
      aggregation_dimensions: [[agentDimensions.machine, agentDimensions.disk]],
      metrics_collected: { mem: measured, disk: { ...measured, resources: [...disks], drop_device: true } },
    },
    logs: {
      logs_collected: {
        files: {
          collect_list: [
            {
              file_path: "/var/lib/docker/containers/*/*-json.log",
              log_group_name: logGroup,
              log_stream_name: machine,
              // All files that match, each in a stream of its own; otherwise it would be the one that changed last, and no other.
              publish_multi_logs: true,
            },
          ],
        },
      },
    },
  };
}
