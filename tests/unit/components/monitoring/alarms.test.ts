import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { alarmsFor, type Monitored } from "../../../../components/monitoring/alarms";
import { repositoryDir } from "../../../../infra/core/paths";
import { everything, singleMachine } from "./monitored";

const ids = (monitored: Monitored) => alarmsFor(monitored).map(({ id }) => id);
const named = (id: string, monitored: Monitored = everything) => alarmsFor(monitored).find((alarm) => alarm.id === id);

describe("alarms", () => {
  it("are for what there is, and nothing else", () => {
    expect(ids(singleMachine)).toEqual([
      ...["machine-status-main", "machine-cpu-main", "machine-credits-main", "machine-memory-main"],
      ...["machine-disk-main-root", "machine-disk-full-main-root"],
      ...["machine-disk-main-var-lib-docker", "machine-disk-full-main-var-lib-docker"],
    ]);
    expect(ids({ platform: "acme-platform", machines: [] })).toEqual([]);
    expect(ids(everything).filter((id) => !id.startsWith("machine"))).toEqual([
      ...["storage", "storage-full", "connections", "memory", "cpu", "credits", "transactions", "replica-lag"].map(
        (kind) => `database-${kind}-acme-prod`,
      ),
      ...["balancer-errors", "odoo-errors", "odoo-latency", "balancer-unhealthy", "balancer-no-machine"],
      ...["certificate-expiry-acme-platform", "backup-age-volumes", "backup-failed-volumes", "backup-age-files"],
      ...["log-critical", "log-tracebacks"],
    ]);
  });

  it("each have an ID of their own, and a runbook", () => {
    const all = alarmsFor(everything);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const headings = readFileSync(join(repositoryDir, "docs/runbooks.md"), "utf8").match(/^## .*$/gm) ?? [];
    const kinds = new Set(all.map(({ kind }) => kind));
    expect(headings.map((heading) => heading.slice(3)).sort()).toEqual([...kinds].sort());
  });

  it("watch no longer than CloudWatch does, in periods that it has", () => {
    for (const { id, periodSeconds, periods } of alarmsFor(everything)) {
      expect(periodSeconds % 60, id).toBe(0);
      expect(periodSeconds * periods, id).toBeLessThanOrEqual(periodSeconds < 3_600 ? 86_400 : 7 * 86_400);
    }
  });

  it("have thresholds that fit their units", () => {
    for (const { id, threshold } of alarmsFor(everything)) {
      if (threshold.unit === "percent") expect(threshold.value, id).toBeLessThan(100);
      if (threshold.unit === "bytes") expect(threshold.value, id).toBeGreaterThan(1024 ** 2);
      expect(Number.isInteger(threshold.value), id).toBe(true);
    }
  });

  it("take the silence of a machine, of its agent, of a replica and of backups for the worst", () => {
    const silent = alarmsFor(everything).filter(({ missing }) => missing === "breaching");
    expect(new Set(silent.map(({ kind }) => kind))).toEqual(
      new Set(["machine-status", "machine-memory", "database-replica-lag", "balancer-no-machine", "backup-age"]),
    );
  });

  it("of backups ring when every hour was without one for longer than a day, or than two where one may be missed", () => {
    expect(named("backup-age-volumes")).toMatchObject({
      metric: { namespace: "AWS/EBS", name: "SnapshotsCreateCompleted", dimensions: { DLMPolicyId: "policy-1" } },
      ...{ severity: "critical", statistic: "Sum", when: "below", threshold: { value: 1 }, withoutValue: 0 },
      ...{ periodSeconds: 3_600, periods: 30 },
    });
    expect(named("backup-age-files")).toMatchObject({ severity: "critical", periodSeconds: 3_600, periods: 60 });
  });

  it("tell of a volume alone whose snapshot failed, which the others' hide", () => {
    expect(named("backup-failed-volumes")).toMatchObject({
      metric: { namespace: "AWS/EBS", name: "SnapshotsCreateFailed", dimensions: { DLMPolicyId: "policy-1" } },
      ...{ severity: "warning", when: "at least", threshold: { value: 1 }, missing: "notBreaching" },
    });
  });

  it("watch the agent's metrics by the machine's name, so that another instance does not orphan them", () => {
    expect(named("machine-memory-main")?.metric).toEqual({
      ...{ namespace: "OdooStacks/acme-platform", name: "mem_used_percent", dimensions: { Machine: "main" } },
    });
    expect(named("machine-disk-full-main-root")).toMatchObject({
      metric: { name: "disk_used_percent", dimensions: { Machine: "main", path: "/" } },
      ...{ severity: "critical", threshold: { value: 90, unit: "percent" } },
    });
  });

  it("of a database follow from its storage, memory and connections", () => {
    expect(named("database-storage-acme-prod")?.threshold).toEqual({ value: 10 * 1024 ** 3, unit: "bytes" });
    expect(named("database-memory-acme-prod")?.threshold.value).toBe(Math.floor(0.4 * 1024 ** 3));
    expect(named("database-connections-acme-prod")?.threshold.value).toBe(160);
    expect(named("database-replica-lag-acme-prod")?.metric.dimensions).toEqual({
      DBInstanceIdentifier: "acme-prod-replica",
    });
  });

  it("are without credits where a machine has none, and without a replica where a database has none", () => {
    const machines = everything.machines.map((machine) => ({ ...machine, burstable: false }));
    const databases = everything.databases?.map((database) => ({ ...database, burstable: false, replica: undefined }));
    const fewer = ids({ ...everything, machines, databases });
    expect(fewer.filter((id) => /credits|replica/.test(id))).toEqual([]);
  });
});
