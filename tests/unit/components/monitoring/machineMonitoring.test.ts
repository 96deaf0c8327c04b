import { expect, it } from "vitest";
import { MachineMonitoring } from "../../../../components/monitoring/machineMonitoring";
import { agentConfig } from "../../../../infra/commands/cloudwatchAgent";
import type { MonitoringInput } from "../../../../infra/commands/steps/monitoring";
import { record } from "../../../support/mocks";

it("a machine that is watched gets the agent, with what it is to send", async () => {
  const machine = { name: "main", address: "203.0.113.10", user: "admin", port: 22 };
  const settings = {
    platform: "acme-platform",
    region: "eu-central-1",
    disks: ["/"],
    logGroup: "/odoo-stacks/acme-platform/containers",
  };
  const recording = await record(
    () =>
      Promise.resolve({
        agent: new MachineMonitoring("acme-platform-main-monitoring", { ...settings, machine, name: "main" }).agent,
      }),
    { stack: "acme-platform" },
  );
  const { inputs } = recording.named("acme-platform-main-monitoring-agent");
  const input = JSON.parse(inputs.stdin as string) as MonitoringInput;
  expect(inputs.create).toBe("node commands/run.cjs monitoring create");
  expect(input).toMatchObject({ machine, region: "eu-central-1" });
  expect(input.script).toMatch(/^[0-9a-f]{12}$/);
  expect(JSON.parse(input.config)).toEqual(agentConfig({ ...settings, machine: "main" }));
  expect(recording.outputs.agent).toBe("1.300064.0b1337");
});
