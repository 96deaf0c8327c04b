import { describe, expect, it } from "vitest";
import { historyLines, modulesText } from "../../../infra/cli/history";
import { outcomeLines } from "../../../infra/cli/releaseOutcome";
import { columns } from "../../../infra/cli/table";
import type { ReleaseRecord } from "../../../infra/operator/plan";
import type { TestRun } from "../../../infra/operator/tests";
import { imageOf, recordOf } from "./given";

describe("the history of releases", () => {
  const upgraded = recordOf(1, "b", {
    upgrade: ["sale_delivery_note"],
    override: "Security fix, agreed",
    rehearsedSeconds: 3.21,
    pageSeconds: 40,
    watched: {
      since: "2026-11-23T18:10:00Z",
      until: "2026-11-23T18:20:12Z",
      readAt: "2026-11-23T18:20:12Z",
      errors: 1,
      failures: ["18:12 ERROR odoo.http: Exception.\nZeroDivisionError"],
    },
  });
  const failed = recordOf(2, "c", { result: "failed", reason: "It broke.\nNot undone: nothing." });
  const tested: TestRun = {
    id: "20261123-180500-fff",
    image: imageOf("b"),
    modules: ["sale_delivery_note"],
    startedAt: "2026-11-23T18:05:00Z",
    endedAt: "2026-11-23T18:06:00Z",
    passed: 3,
    failed: 0,
    skipped: 1,
    author: upgraded.author,
  };
  const other: TestRun = { ...tested, image: imageOf("d"), failed: 2, skipped: 0 };
  const lines = historyLines({
    history: [recordOf(0, "a"), upgraded, failed],
    sets: [upgraded.id],
    tests: [tested, other],
  });
  const text = lines.join("\n").replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, "2026-11-23 19:00");

  it("is a table, the newest last, with what else there is to say under each release", () => {
    expect(text).toBe(
      [
        "RELEASE               WHEN              VERSION        RESULT    TOOK    HELD   SET   WHO",
        "20261123-180000-abc0  2026-11-23 19:00  19.0-aaaaaaaa  released  12.0 s  -      -     anna@laptop 3f2a1b9+",
        "20261123-181000-abc1  2026-11-23 19:00  19.0-bbbbbbbb  released  12.0 s  4.0 s  kept  anna@laptop 3f2a1b9+",
        "    modules: upgraded sale_delivery_note",
        "    page shown for: 40.0 s",
        "    rehearsed: 3.2 s",
        "    let through the gate: Security fix, agreed",
        "    watched for 10 minutes: 1 error",
        "        18:12 ERROR odoo.http: Exception.",
        "        ZeroDivisionError",
        "    tested 2026-11-23 19:00: 3 passed, 0 failed, 1 skipped (sale_delivery_note)",
        "20261123-182000-abc2  2026-11-23 19:00  19.0-cccccccc  failed    12.0 s  -      -     anna@laptop 3f2a1b9+",
        "    reason: It broke.",
        "    Not undone: nothing.",
        "never released: 19.0-dddddddd, tested 2026-11-23 19:00: 3 passed, 2 failed (sale_delivery_note)",
      ].join("\n"),
    );
  });

  it("names what was installed, upgraded and uninstalled", () => {
    expect(modulesText({ install: ["a"], upgrade: ["b", "c"], uninstall: ["d"] })).toBe(
      "installed a; upgraded b, c; uninstalled d",
    );
    expect(modulesText({ install: [], upgrade: [], uninstall: [] })).toBe("");
  });
});

describe("how a release went", () => {
  const seconds = { release: 6.2, total: 9.1 };
  it("says the version before and after, what changed, how long, and the way back", () => {
    const release = recordOf(1, "b", { upgrade: ["sale_delivery_note"] });
    expect(outcomeLines({ stack: "prod", before: imageOf("a").tag, release, seconds })).toEqual([
      "prod: 19.0-aaaaaaaa → 19.0-bbbbbbbb (release 20261123-181000-abc1)",
      "  modules   upgraded sale_delivery_note",
      "  requests  held for 4.0 s",
      "  took      6.2 s, 9.1 s with all preparations",
      "  back      npx odoo-stacks rollback -s prod",
      "  with data npx odoo-stacks rollback -s prod --with-data (a set with the data from before is kept)",
    ]);
  });
  it("says when users saw the maintenance page", () => {
    const requests = (more: Partial<ReleaseRecord>) =>
      outcomeLines({ stack: "prod", release: recordOf(1, "b", more), seconds }).find((line) => /requests/.test(line));
    expect(requests({ heldSeconds: 28, pageSeconds: 12 })).toBe(
      "  requests  held for 28.0 s, then answered by the maintenance page for 12.0 s",
    );
    expect(requests({ pageSeconds: 12 })).toBe("  requests  answered by the maintenance page for 12.0 s");
    expect(requests({})).toBe("  requests  never held");
  });
  it("offers no way back from the first version", () => {
    const lines = outcomeLines({ stack: "prod", release: recordOf(0, "a"), seconds });
    expect(lines).toHaveLength(4);
    expect(lines[0]).toBe("prod: 19.0-aaaaaaaa (release 20261123-180000-abc0)");
  });
  it("says so when there was nothing to release", () => {
    expect(outcomeLines({ stack: "prod", seconds })).toEqual([expect.stringContaining("nothing to release")]);
  });
});

describe("columns", () => {
  it("are as wide as their widest cell, and end without spaces", () => {
    expect(
      columns([
        ["a", "bb", ""],
        ["aaa", "b", ""],
      ]),
    ).toEqual(["a    bb", "aaa  b"]);
  });
});
