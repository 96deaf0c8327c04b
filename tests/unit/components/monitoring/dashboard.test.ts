import { describe, expect, it } from "vitest";
import { Dashboard } from "../../../../components/monitoring/dashboard";
import {
  dashboardBody,
  dashboardColumns,
  type DashboardContent,
  type Widget,
} from "../../../../components/monitoring/dashboardBody";
import { record } from "../../../support/mocks";
import { everything, singleMachine } from "./monitored";

const content = (monitored = everything): DashboardContent => ({
  ...{ ...monitored, region: "eu-central-1", alarmArns: ["arn:1", "arn:2"] },
});
const titles = (widgets: readonly Widget[]) => widgets.map(({ properties }) => properties.title);
const covers = (one: Widget, other: Widget) =>
  one.x < other.x + other.width &&
  other.x < one.x + one.width &&
  one.y < other.y + other.height &&
  other.y < one.y + one.height;

describe("a dashboard", () => {
  it("shows the alarms first, then what users notice, then what that comes from", () => {
    expect(titles(dashboardBody(content()).widgets)).toEqual([
      ...["Alarms", "Requests and errors", "Time for an answer, in seconds", "Web machines"],
      ...["Processors, percent", "Memory, percent", "Disks, percent"],
      ...["processors, percent", "connections", "free storage, bytes", "freeable memory, bytes"].map(
        (t) => `Databases: ${t}`,
      ),
      ...["In the logs", "Latest failures"],
    ]);
  });

  it("shows nothing of what there is not", () => {
    expect(titles(dashboardBody(content(singleMachine)).widgets)).toEqual([
      ...["Alarms", "Processors, percent", "Memory, percent", "Disks, percent"],
    ]);
  });

  it.each([
    ["one machine", content(singleMachine)],
    ["everything", content()],
  ])("fills its width in every row and covers nothing, with %s", (_what, shown) => {
    const { widgets } = dashboardBody(shown);
    for (const [at, one] of widgets.entries()) {
      expect(one.x + one.width).toBeLessThanOrEqual(dashboardColumns);
      expect(widgets.slice(at + 1).filter((other) => covers(one, other))).toEqual([]);
    }
    for (const y of new Set(widgets.map((widget) => widget.y))) {
      const row = widgets.filter((widget) => widget.y === y);
      expect(row.reduce((sum, { width }) => sum + width, 0)).toBe(dashboardColumns);
    }
    // Rows follow each other without a gap.
    expect(Math.max(...widgets.map(({ y, height }) => y + height))).toBe(
      [...new Map(widgets.map(({ y, height }) => [y, height])).values()].reduce((sum, height) => sum + height, 0),
    );
  });

  it("draws a line for each machine and each of its disks", () => {
    const lines = (title: string) =>
      dashboardBody(content()).widgets.find(({ properties }) => properties.title === title)?.properties.metrics;
    expect(lines("Memory, percent")).toEqual([
      ["OdooStacks/acme-platform", "mem_used_percent", "Machine", "main", { label: "main" }],
      ["OdooStacks/acme-platform", "mem_used_percent", "Machine", "web-2", { label: "web-2" }],
    ]);
    expect(lines("Disks, percent")).toHaveLength(4);
  });

  it("is called after the platform, and shows what is only known once it is made", async () => {
    const recording = await record(
      () => Promise.resolve({ name: new Dashboard("acme-platform-dashboard", content()).dashboardName }),
      { stack: "acme-platform" },
    );
    const { inputs } = recording.named("acme-platform-dashboard-dashboard");
    expect(inputs.dashboardName).toBe("acme-platform");
    expect((JSON.parse(inputs.dashboardBody as string) as { widgets: Widget[] }).widgets[0]).toEqual({
      ...{ type: "alarm", x: 0, y: 0, width: 24, height: 4 },
      properties: { title: "Alarms", alarms: ["arn:1", "arn:2"] },
    });
  });
});
