import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { repositoryDir } from "../../../infra/core/paths";
import { estimate, total } from "../../../infra/cost/estimate";
import { recordedBill } from "../../support/awsPlatform";
import { type Shipped, shippedPlatform } from "../../support/shippedPlatforms";

const lines = async (topology: Shipped) => estimate(await recordedBill(shippedPlatform(topology)));
const docs = readFileSync(join(repositoryDir, "docs/aws.md"), "utf8");

describe("what the shipped platforms on AWS cost", () => {
  it("is under 60 USD a month for one machine, alarms and dashboard included", async () => {
    const cost = total(await lines("A"));
    expect(cost).toBeGreaterThan(40);
    expect(cost).toBeLessThan(60);
  });

  it.each(["A", "B", "C"] as const)(
    "is known of every resource of %s, and is what docs/aws.md says",
    async (topology) => {
      const all = await lines(topology);
      expect(all.filter(({ usd }) => usd === undefined).map(({ type, note }) => `${type} ${note ?? ""}`)).toEqual([]);
      const [, said] = new RegExp(`\\| ${topology} \\| (\\d+) USD \\|`).exec(docs) ?? [];
      expect(Number(said)).toBe(Math.round(total(all)));
    },
  );
});
