import { describe, expect, it } from "vitest";
import { instanceHour, otherInstanceHour } from "../../../infra/cost/prices/compute";
import { databaseHour, databaseStorage } from "../../../infra/cost/prices/database";
import * as services from "../../../infra/cost/prices/services";
import { find, isPriced, priceOf, type Prices, type Region, regions } from "../../../infra/cost/prices/table";

const tables: Readonly<Record<string, Prices>> = {
  instanceHour,
  otherInstanceHour,
  databaseHour,
  databaseStorage,
  ...services,
};

const machines = [...Object.keys(instanceHour.usd), ...Object.keys(otherInstanceHour.usd)];
/** What a type of machine costs an hour. */
const machine = (name: string, region: Region): number | undefined =>
  (find(instanceHour, name, region) ?? find(otherInstanceHour, name, region))?.usd;

describe("the table of prices", () => {
  it.each(Object.entries(tables))("%s names a page of AWS's and a date for every region", (_, { source, asOf }) => {
    expect(source).toMatch(/^https:\/\/aws\.amazon\.com\/.*pricing\//);
    for (const region of regions) expect(asOf[region], region).toMatch(/^20\d\d(-\d\d){0,2}$/);
  });

  it.each(Object.entries(tables))("%s has a price above 0 for every region, Europe's never lower", (_, table) => {
    for (const name of Object.keys(table.usd)) {
      const [us, ...europe] = regions.map((region) => find(table, name, region)?.usd ?? 0);
      expect(us, name).toBeGreaterThan(0);
      for (const price of europe) expect(price, name).toBeGreaterThanOrEqual(us ?? 0);
    }
  });

  it("has families whose price doubles with their size, as AWS prices them", () => {
    const sizes = ["nano", "micro", "small", "medium", "large", "xlarge", "2xlarge", "4xlarge"];
    for (const name of machines) {
      const [family = "", size = ""] = name.split(".");
      const next = `${family}.${sizes[sizes.indexOf(size) + 1] ?? ""}`;
      for (const region of regions) {
        const [one, two] = [machine(name, region), machine(next, region)];
        if (one && two) expect(two / one, `${next} ${region}`).toBeCloseTo(2, 1);
      }
    }
  });

  it("derives databases' prices from what EC2's of the same family and size are in the region", () => {
    for (const name of Object.keys(databaseHour.usd)) {
      const like = name.slice("db.".length);
      const own = find(databaseHour, name, "us-east-1")?.usd ?? 0;
      for (const region of regions) {
        const price = find(databaseHour, name, region);
        if (!price?.derived) continue;
        const ratio = (machine(like, region) ?? 0) / (machine(like, "us-east-1") ?? 1);
        expect(Math.abs(price.usd / (own * ratio) - 1), `${name} ${region}`).toBeLessThan(0.004);
      }
    }
  });
});

describe("a price", () => {
  it("comes with its page, its date and whether it is derived", () => {
    expect(priceOf(databaseHour, "db.t4g.small", "eu-central-1")).toEqual({
      usd: 0.037,
      source: databaseHour.source,
      asOf: "2026-09",
      derived: false,
    });
    expect(priceOf(databaseHour, "db.m7g.large", "eu-central-1").derived).toBe(true);
  });

  it("that the table does not have is none", () => {
    for (const name of ["t2.micro", "toString"]) expect(find(instanceHour, name, "us-east-1")).toBeUndefined();
    expect(isPriced("eu-west-1")).toBe(true);
    expect(isPriced("ap-south-1")).toBe(false);
  });
});
