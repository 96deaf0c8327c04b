import { describe, expect, it } from "vitest";
import { agentConfig } from "../../../infra/commands/cloudwatchAgent";

interface AgentConfig {
  readonly agent: object;
  readonly metrics: object;
  readonly logs: { readonly logs_collected: { readonly files: { readonly collect_list: readonly object[] } } };
}

const config = agentConfig({
  ...{ platform: "acme-platform", machine: "main", region: "eu-central-1", disks: ["/", "/var/lib/docker"] },
  logGroup: "/odoo-stacks/acme-platform/containers",
}) as AgentConfig;

describe("the CloudWatch agent", () => {
  it("measures memory and disks, by the machine's name and not by what may be replaced", () => {
    const measured = { measurement: ["used_percent"], append_dimensions: { Machine: "main" } };
    expect(config.metrics).toEqual({
      namespace: "OdooStacks/acme-platform",
      aggregation_dimensions: [["Machine", "path"]],
      metrics_collected: {
        mem: measured,
        disk: { ...measured, resources: ["/", "/var/lib/docker"], drop_device: true },
      },
    });
    expect(config.agent).toMatchObject({
      omit_hostname: true,
      metrics_collection_interval: 60,
      region: "eu-central-1",
    });
  });

  it("sends every container's log from Docker's own file, as root, who alone may read it", () => {
    expect(config.agent).toMatchObject({ run_as_user: "root" });
    expect(config.logs.logs_collected.files.collect_list).toEqual([
      {
        file_path: "/var/lib/docker/containers/*/*-json.log",
        ...{
          log_group_name: "/odoo-stacks/acme-platform/containers",
          log_stream_name: "main",
          publish_multi_logs: true,
        },
      },
    ]);
  });
});
