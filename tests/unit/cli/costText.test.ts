import { describe, expect, it } from "vitest";
import { costLines } from "../../../infra/cli/costText";
import { compare } from "../../../infra/cost/compare";
import { estimate, total } from "../../../infra/cost/estimate";
import { given, types } from "../cost/given";

const there = { region: "eu-central-1" };
const before = estimate([given(types.instance, { instanceType: "t4g.small" }, { name: "main" })]);
const after = estimate([
  given(
    types.instance,
    { instanceType: "t4g.medium", rootBlockDevice: { volumeSize: 20, volumeType: "gp3" } },
    { name: "main" },
  ),
  given(
    types.database,
    { instanceClass: "db.m7g.large", storageType: "gp3", allocatedStorage: 20 },
    { name: "db", ...there },
  ),
  given("aws:ec2/subnet:Subnet", {}, { name: "s1" }),
  given("aws:ec2/subnet:Subnet", {}, { name: "s2" }),
  given("aws:redshift/cluster:Cluster", {}, { name: "house" }),
]);

describe("the table", () => {
  it("shows each thing before and after, the total, what is free, what is not known and what was assumed", () => {
    const stack = { stack: "prod", before: total(before), after: total(after), rows: compare(before, after) };
    expect(costLines(stack)).toEqual([
      "prod, USD a month at list prices:",
      "  RESOURCE  WHAT                                 BEFORE   AFTER  DIFFERENCE",
      "  main      instance t4g.small                    12.26       -      -12.26",
      "  main      root volume gp3                        0.64    1.60       +0.96",
      "  main      instance t4g.medium                       -   24.53      +24.53",
      "  db        database db.m7g.large single zone ≈       -  147.02     +147.02",
      "  db        storage gp3                               -    2.74       +2.74",
      "  total                                           12.90  175.89     +162.99",
      "Free of charge: 2 ec2/subnet.",
      "Not estimated, and not in the total:",
      "  house, all of it: nothing is known of what this type costs",
      "Assumed:",
      "  instance t4g.small: no more CPU than the credits that it earns (main)",
      "  instance t4g.medium: no more CPU than the credits that it earns (main)",
      "  backups: free up to the size of the storage (db)",
      "≈ is derived from the price in another region.",
    ]);
  });

  it("says that nothing is billed where there is nothing of AWS's", () => {
    expect(costLines({ stack: "local-prod", before: 0, after: 0, rows: [] })).toEqual([
      "local-prod: nothing of it is billed by AWS.",
    ]);
  });

  it("shows no change as none", () => {
    const rows = compare(before, before);
    const lines = costLines({ stack: "prod", before: total(before), after: total(before), rows });
    expect(lines.filter((line) => line.endsWith(" 0.00"))).toHaveLength(3);
    expect(lines.join("\n")).not.toContain("-0.00");
  });
});
