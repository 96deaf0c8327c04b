import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkRdsClass, rdsClasses, usableMemory } from "../../../../infra/config/aws/rdsClasses";
import { bytes } from "../../../../infra/core/units";

const gb = bytes("1 GB");

describe("instance classes", () => {
  it.each([
    ["db.t4g.micro", 2, 1, "arm64"],
    ["db.t4g.medium", 2, 4, "arm64"],
    ["db.m7g.large", 2, 8, "arm64"],
    ["db.m7g.xlarge", 4, 16, "arm64"],
    ["db.r7g.2xlarge", 8, 64, "arm64"],
    ["db.m6i.32xlarge", 128, 512, "x86_64"],
    ["db.r6i.24xlarge", 96, 768, "x86_64"],
    ["db.r8g.48xlarge", 192, 1536, "arm64"],
  ])("%s has %d vCPUs and %d GB", (name, cores, memoryGb, architecture) => {
    expect(rdsClasses.get(name)).toMatchObject({ name, cores, memoryBytes: memoryGb * gb, architecture });
  });

  it("live on CPU credits where they are of the families t", () => {
    const families = [...rdsClasses.values()]
      .filter(({ burstable }) => burstable)
      .map(({ name }) => name.split(".")[1]);
    expect([...new Set(families)]).toEqual(["t4g", "t3"]);
  });

  it("are accepted by their names", () => {
    fc.assert(
      fc.property(fc.constantFrom(...rdsClasses.keys()), (name) => {
        expect(checkRdsClass("instanceClass", name)).toBeUndefined();
      }),
    );
  });

  it("leave something to RDS, and always most of it to PostgreSQL", () => {
    for (const instance of rdsClasses.values()) {
      expect(usableMemory(instance)).toBeLessThanOrEqual(instance.memoryBytes - bytes("256 MB"));
      expect(usableMemory(instance)).toBeGreaterThanOrEqual(instance.memoryBytes * 0.75);
    }
  });
});

describe("a name that is no instance class", () => {
  it.each([
    ["without db", "m7g.large", ["db.m7g.large"]],
    ["a misspelt size", "db.m7g.lagre", ["db.m7g.large"]],
    ["a size that the family has not", "db.r7g.medium", ["db.r7g.large", "db.r7g.xlarge", "db.r7g.2xlarge"]],
    ["a family that RDS has not", "db.m7gd.large", ["db.m7g.large", "db.m8g.large", "db.m6g.large"]],
    ["an older family", "db.r5.large", ["db.r7g.large", "db.r8g.large", "db.r6g.large"]],
  ])("%s: names near ones", (_, name, near) => {
    const problem = checkRdsClass("database.rds.instanceClass", name);
    expect(problem).toMatchObject({ path: "database.rds.instanceClass", found: name });
    for (const other of near) expect(problem?.hint).toContain(`"${other}"`);
    expect(near.every((other) => rdsClasses.has(other))).toBe(true);
  });

  it("names families where nothing is near", () => {
    expect(checkRdsClass("instanceClass", "enormous")?.hint).toContain("t4g, m7g, r7g");
  });
});
