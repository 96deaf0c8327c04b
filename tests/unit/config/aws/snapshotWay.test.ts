import { describe, expect, it } from "vitest";
import { type SnapshotWish, snapshotWay } from "../../../../infra/config/aws/snapshotWay";

const here = { account: "111111111111", region: "eu-central-1" };
const wish: SnapshotWish = { source: here, here, moment: "now", refresh: "1", hasKey: false };
const otherAccount = { ...here, account: "222222222222" };
const otherRegion = { ...here, region: "eu-west-1" };

describe("the way of a snapshot", () => {
  it.each([
    ["here", {}, { share: "no", copy: false }],
    ["here, with a key", { hasKey: true }, { share: "no", copy: true }],
    ["from another region", { source: otherRegion, hasKey: true }, { share: "no", copy: true }],
    ["from another account", { source: otherAccount, hasKey: true }, { share: "itself", copy: true }],
    [
      "of an automated one from another account",
      { source: otherAccount, hasKey: true, moment: "automated" as const },
      { share: "copy", copy: true },
    ],
  ] satisfies [string, Partial<SnapshotWish>, object][])("%s", (_, more, way) => {
    expect(snapshotWay({ ...wish, ...more })).toEqual({ way, problems: [] });
  });

  it.each([
    [
      "another account and region at once",
      { source: { ...otherAccount, region: "eu-west-1" }, hasKey: true },
      "restore.source",
    ],
    ["another region without a key", { source: otherRegion }, "kmsKeyArn"],
    ["a name that AWS does not take", { refresh: "Monday morning" }, "refresh"],
  ] satisfies [string, Partial<SnapshotWish>, string][])("is refused: %s", (_, more, path) => {
    expect(snapshotWay({ ...wish, ...more }).problems.map((problem) => problem.path)).toEqual([path]);
  });
});
