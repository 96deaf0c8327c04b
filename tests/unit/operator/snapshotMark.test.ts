import { describe, expect, it } from "vitest";
import { isLeftChanged, markOf, requireWayBack } from "../../../infra/operator/snapshotMark";

describe("a change of modules of a database on RDS", () => {
  it("is refused unless somebody has chosen how it could be taken back", () => {
    for (const snapshot of ["pitr", "rds"] as const) expect(() => requireWayBack({ snapshot })).not.toThrow();
    expect(() => requireWayBack({ snapshot: "auto" })).toThrow(/release\.snapshot[^]*pitr[^]*release\.upgrade: none/);
  });

  it("says before that nothing brings it back, and makes no copy", async () => {
    const lines: string[] = [];
    const mark = markOf(undefined);
    await mark.prepare((line) => lines.push(line));
    await Promise.all([mark.settle(), mark.freeze(), mark.keep("a"), mark.discard()]);
    expect(lines).toEqual([expect.stringContaining("users see the maintenance page")]);
  });

  it("tells the moment to go back to when it failed, also after a crash", async () => {
    await expect(markOf("2026-11-26T10:00:00.000Z").undo()).rejects.toThrow(/as it was at 2026-11-26T10:00:00\.000Z/);
    await expect(markOf(undefined).undo()).rejects.toThrow("when requests were held");
  });

  it("leaves users out once it has begun, and only then", () => {
    expect(isLeftChanged({ touched: true, snapshot: "mark" })).toBe(true);
    expect(isLeftChanged({ touched: false, snapshot: "mark" })).toBe(false);
    expect(isLeftChanged({ touched: true, snapshot: "replica" })).toBe(false);
  });
});
