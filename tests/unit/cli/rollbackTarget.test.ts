import { describe, expect, it } from "vitest";
import { lossText, rollbackTarget } from "../../../infra/cli/rollbackTarget";
import { recordOf } from "./given";

const upgrade = ["sale_delivery_note"];

describe("where a rollback leads", () => {
  const [a, b, c] = [recordOf(0, "a"), recordOf(1, "b", { upgrade }), recordOf(2, "c", { upgrade })];
  const three = { history: [a, b, c], sets: [b.id, c.id] };

  it("is the version before, unless another one is named", () => {
    expect(rollbackTarget(three, undefined, false)).toEqual({ to: b });
    expect(rollbackTarget(three, a.id, false)).toEqual({ to: a });
    expect(rollbackTarget(three, a.id.slice(0, 13), false)).toEqual({ to: a });
  });

  it("passes over releases that failed, and over those of the version that runs", () => {
    const history = [a, b, recordOf(2, "c"), recordOf(3, "c", { upgrade }), recordOf(4, "d", { result: "failed" })];
    expect(rollbackTarget({ history, sets: [] }, undefined, false)).toEqual({ to: b });
  });

  it("after a rollback is the version before that: going back and forth", () => {
    expect(rollbackTarget({ history: [a, b, recordOf(2, "a")], sets: [] }, undefined, false)).toEqual({ to: b });
  });

  it("with data takes the set of the first release after it that changed the database", () => {
    expect(rollbackTarget(three, undefined, true)).toEqual({ to: b, set: c });
    expect(rollbackTarget(three, a.id, true)).toEqual({ to: a, set: b });
    const codeOnly = { history: [a, recordOf(1, "b"), c], sets: [c.id] };
    expect(rollbackTarget(codeOnly, a.id, true)).toEqual({ to: a, set: c });
  });

  it("with data may be the version that runs: its upgrade is undone", () => {
    const again = recordOf(2, "b", { upgrade });
    expect(rollbackTarget({ history: [a, b, again], sets: [again.id] }, b.id, true)).toEqual({ to: b, set: again });
  });

  it.each([
    ["nothing was released", { history: [], sets: [] }, undefined, false, /nothing was released/],
    ["there is only one version", { history: [a], sets: [] }, undefined, false, /only version that was released/],
    ["that version runs", three, c.id, false, /runs already/],
    ["there is no such release", three, "2025", false, /Which release\?[\s\S]*one of 20261123-180000-abc0/],
    ["several begin like that", three, "2026", false, /the beginning of several/],
    ["it failed", { history: [recordOf(0, "a", { result: "failed" }), b, c], sets: [] }, a.id, false, /Which release/],
    ["only code has changed since", { history: [a, recordOf(1, "b")], sets: [] }, undefined, true, /no earlier data/],
    ["its set is not kept any more", { history: [a, b, c], sets: [c.id] }, a.id, true, /not kept any more[\s\S]*abc2/],
  ])("is an error when %s", (_, overview, id, withData, message) => {
    expect(() => rollbackTarget(overview, id, withData)).toThrow(message);
  });
});

describe("what a rollback with data loses", () => {
  const record = recordOf(0, "a");
  const after = (minutes: number) => new Date(Date.parse(record.startedAt) + minutes * 60_000);
  it.each([
    [0.2, "1 minute"],
    [119, "119 minutes"],
    [150, "2 h 30 min"],
  ])("after %d minutes is said in full", (minutes, span) => {
    expect(lossText(record, after(minutes))).toMatch(
      new RegExp(`^ALL THAT WAS ENTERED SINCE 2026-11-2\\d \\d\\d:\\d\\d IS LOST: ${span}`),
    );
  });
});
