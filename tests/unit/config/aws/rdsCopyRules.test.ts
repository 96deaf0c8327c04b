import { describe, expect, it } from "vitest";
import { longestCopied, rdsCopyName } from "../../../../infra/config/aws/rdsCopyName";
import { isOnRds, rdsWishes } from "../../../../infra/config/aws/rdsWishes";
import type { Problem } from "../../../../infra/core/errors";
import { awsPlatform } from "../../../support/platform";
import { environment, environmentProblems } from "../given";

const copy = (restore: object = {}, rds: object = {}, database: object = {}) => ({
  stage: "staging",
  database: { kind: "rds", rds: { class: "db.t4g.small", ...rds }, ...database },
  restore: { source: "prod", ...restore },
});
const paths = (problems: readonly Problem[]) => problems.map(({ path }) => path);

describe("a copy on RDS", () => {
  it("is free of problems with a class and a source alone, from a snapshot taken now or an automated one", () => {
    expect(environmentProblems(copy(), awsPlatform)).toEqual([]);
    expect(environmentProblems(copy({ snapshot: "automated", refresh: "1" }), awsPlatform)).toEqual([]);
  });

  it("has as much storage as its snapshot, unless it is written", () => {
    const config = environment(copy());
    if (!isOnRds(config) || !config.restore) throw new Error("not a copy on RDS");
    const { name } = rdsCopyName(config.restore, "odoo");
    expect(rdsWishes(config, "acme_staging")).toMatchObject({ identifier: `acme-staging-${name}`, storage: undefined });
    expect(paths(environmentProblems(copy({}, { storage: "10 GB" })))).toEqual(["database.rds.storage"]);
    expect(paths(environmentProblems(copy({}, { maxStorage: "100 GB" })))).toEqual(["database.rds.storage"]);
  });

  it.each(["20261123-191500-1a2b3c", "2026-11-23T19:15:00Z"])(
    "is never of a set, which RDS has none of: %s",
    (snapshot) => {
      expect(environmentProblems(copy({ snapshot }))).toMatchObject([
        { path: "restore.snapshot", expected: "latest or automated where database.kind is rds" },
      ]);
    },
  );

  it("has nothing that only copies in containers have, or only instances with data of their own", () => {
    const written = {
      ...copy(
        { method: "basebackup", keepFormer: 1 },
        { identifier: "x", multiAz: true, logicalReplication: true, sharing: ["222222222222"] },
      ),
      release: { snapshot: "pitr" },
    };
    expect(paths(environmentProblems(written))).toEqual([
      ...["restore.method", "restore.keepFormer"],
      ...["database.rds.identifier", "database.rds.multiAz", "database.rds.logicalReplication"],
      ...["database.rds.sharing", "release.snapshot"],
    ]);
  });

  it("leaves room in the database's name", () => {
    expect(environmentProblems(copy({}, {}, { name: "o".repeat(longestCopied) }))).toEqual([]);
    expect(paths(environmentProblems(copy({}, {}, { name: "o".repeat(longestCopied + 1) })))).toEqual([
      "database.name",
    ]);
  });

  it("is the only one that an automated snapshot can be of", () => {
    const written = { stage: "staging", restore: { source: "prod", snapshot: "automated" } };
    expect(paths(environmentProblems(written))).toEqual(["restore.snapshot"]);
  });
});

describe("the name of a copy on RDS", () => {
  const wish = { source: "prod", snapshot: "latest" };

  it("has of what was written what AWS takes, and is another one for each wish", () => {
    expect(rdsCopyName({ ...wish, refresh: "2026-05-03" }, "odoo")).toEqual({
      ...{ name: "2026-05-03-f9682a", database: "odoo-f9682a" },
    });
    const texts = [
      undefined,
      "1",
      "2",
      "It's urgent!",
      "It's urgent?",
      "2026-11-27T05:44:39.123Z",
      "…",
      "x".repeat(100),
    ];
    const names = texts.map((refresh) => rdsCopyName({ ...wish, refresh }, "odoo").name);
    expect(new Set(names).size).toBe(texts.length);
    for (const name of names) expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(Math.max(...names.map(({ length }) => length))).toBeLessThanOrEqual(27);
  });
});
