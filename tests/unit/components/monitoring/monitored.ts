import type { Monitored } from "../../../../components/monitoring/alarms";
import { toldBackups, volumeBackups } from "../../../../components/monitoring/backupAlarms";

const machine = (name: string, instanceId: string) => ({
  ...{ name, instanceId, burstable: true, disks: ["/", "/var/lib/docker"] },
});

/** The platform of one machine. */
export const singleMachine: Monitored = { platform: "acme-platform", machines: [machine("main", "i-1")] };

/** A platform with everything that can be watched. */
export const everything: Monitored = {
  platform: "acme-platform",
  machines: [machine("main", "i-1"), machine("web-2", "i-2")],
  databases: [
    {
      ...{ name: "acme-prod", identifier: "acme-prod-db", replica: "acme-prod-replica", burstable: true },
      ...{ storageBytes: 100 * 1024 ** 3, memoryBytes: 4 * 1024 ** 3, maxConnections: 200 },
    },
  ],
  balancer: { balancer: "app/acme/1", targetGroup: "targetgroup/acme/1" },
  certificates: [{ name: "acme-platform", arn: "arn:aws:acm:::certificate/1" }],
  backups: [
    volumeBackups("policy-1"),
    toldBackups("files", "the files", {
      namespace: "AWS/Events",
      name: "Invocations",
      dimensions: { RuleName: "files" },
    }),
  ],
  logs: true,
};
