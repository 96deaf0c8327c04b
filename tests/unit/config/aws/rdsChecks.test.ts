import { describe, expect, it } from "vitest";
import { checkRds, checkSnapshotFits, type RdsLimits } from "../../../../infra/config/aws/rdsChecks";

const good: RdsLimits = {
  ...{ identifier: "acme-prod", instanceClass: "db.t4g.medium", storage: "50 GB", maxStorage: "200 GB" },
  ...{ hasSnapshot: false, backupRetentionDays: 14, backupWindow: "02:00-03:00" },
  ...{ maintenanceWindow: "sun:03:30-sun:04:30", protect: true, masterPassword: "rds" },
};
const paths = (more: Partial<RdsLimits>) => checkRds({ ...good, ...more }).map(({ path }) => path);

describe("a database on RDS", () => {
  it("has nothing wrong", () => {
    expect(checkRds(good)).toEqual([]);
  });

  it.each([
    ["capitals", { identifier: "Acme" }, "identifier"],
    ["two hyphens", { identifier: "acme--prod" }, "identifier"],
    ["a hyphen at the end", { identifier: "acme-" }, "identifier"],
    ["a digit first", { identifier: "1acme" }, "identifier"],
    ["64 characters", { identifier: "a".repeat(64) }, "identifier"],
    [
      "56 characters, which leave the replica none",
      { identifier: "a".repeat(56), replica: {}, masterPassword: "stack" },
      "identifier",
    ],
    ["no such class", { instanceClass: "db.x9.large" }, "instanceClass"],
    ["less storage than RDS has", { storage: "19 GB" }, "storage"],
    ["more storage than RDS has", { storage: "70 TB", maxStorage: undefined }, "storage"],
    ["no storage", { storage: undefined, maxStorage: undefined }, "storage"],
    ["room to grow by less than a tenth", { storage: "100 GB", maxStorage: "105 GB" }, "maxStorage"],
    ["growth without a size", { hasSnapshot: true, storage: undefined }, "storage"],
    ["backups for longer than RDS keeps them", { backupRetentionDays: 36 }, "backupRetentionDays"],
    ["no backups though it is protected", { backupRetentionDays: 0 }, "backupRetentionDays"],
    ["half a day of backups", { backupRetentionDays: 1.5 }, "backupRetentionDays"],
    ["a short window", { backupWindow: "02:00-02:29" }, "backupWindow"],
    ["no such time", { backupWindow: "24:00-25:00" }, "backupWindow"],
    ["no such day", { maintenanceWindow: "son:03:30-son:04:30" }, "maintenanceWindow"],
    ["windows at once", { maintenanceWindow: "tue:02:30-tue:03:30" }, "maintenanceWindow"],
    [
      "windows at once over midnight",
      { backupWindow: "23:30-00:30", maintenanceWindow: "mon:00:00-mon:01:00" },
      "maintenanceWindow",
    ],
    ["a replica that RDS would not make", { replica: {} }, "masterPassword"],
    [
      "a replica's class",
      { replica: { instanceClass: "db.x9.large" }, masterPassword: "stack" as const },
      "replica.instanceClass",
    ],
  ] satisfies [string, Partial<RdsLimits>, string][])("has %s: that is told", (_, wrong, path) => {
    expect(paths(wrong)).toEqual([path]);
  });

  it.each([
    { storage: "20 GB" as const, maxStorage: "22 GB" as const },
    { backupWindow: "23:30-00:30", maintenanceWindow: "mon:00:30-mon:01:00" },
    { protect: false, backupRetentionDays: 0 },
    { hasSnapshot: true, storage: undefined, maxStorage: undefined },
    { replica: {}, masterPassword: "stack" as const },
    { identifier: "a".repeat(55), replica: {}, masterPassword: "stack" as const },
    { replica: { instanceClass: "db.r7g.large" }, masterPassword: "stack" as const },
  ])("may have %j", (more) => {
    expect(paths(more)).toEqual([]);
  });

  it("is told of everything at once", () => {
    expect(paths({ identifier: "A", instanceClass: "b", storage: "1 GB" })).toHaveLength(3);
  });
});

describe("a snapshot", () => {
  it("needs as much storage as the instance had", () => {
    expect(checkSnapshotFits("50 GB", 50)).toBeUndefined();
    expect(checkSnapshotFits("49 GB", 50)).toMatchObject({ path: "storage", found: "49 GB" });
    expect(checkSnapshotFits("49 GB", 50)?.expected).toContain("50 GB");
  });
});
