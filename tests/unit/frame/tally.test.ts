import { describe, expect, it } from "vitest";
import { closingLine, exitCode, nothing, one, sum, tallyOf } from "../../support/tally";

const report = (passed: number, failed: number, pending = 0, files: { status: string; tests: string[] }[] = []) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: pending,
  numTodoTests: 0,
  testResults: files.map(({ status, tests }) => ({
    status,
    assertionResults: tests.map((test) => ({ status: test })),
  })),
});

describe("the tally of a run", () => {
  it("ends with one plain line", () => {
    expect(closingLine(sum([one(true), one(true), one(false)]))).toBe("2 passed, 1 failed");
    expect(closingLine({ passed: 3, failed: 0, skipped: 2 })).toBe("3 passed, 0 failed, 2 skipped");
  });

  it("is good only when something ran, and all of it passed", () => {
    expect(exitCode(one(true))).toBe(0);
    expect(exitCode(nothing)).toBe(1);
    expect(exitCode(one(false))).toBe(1);
    expect(exitCode({ passed: 5, failed: 0, skipped: 1 })).toBe(1);
  });

  it("counts what vitest counted", () => {
    expect(tallyOf(report(4, 0), 0)).toEqual({ passed: 4, failed: 0, skipped: 0 });
    expect(tallyOf(report(4, 2, 1, [{ status: "failed", tests: ["failed", "failed"] }]), 1)).toEqual({
      ...{ passed: 4, failed: 2, skipped: 1 },
    });
  });

  it("counts files that could not be loaded, errors outside of tests, and a run without a report as failed", () => {
    expect(tallyOf(report(4, 0, 0, [{ status: "failed", tests: [] }]), 1).failed).toBe(1);
    expect(tallyOf(report(4, 0), 1).failed).toBe(1);
    expect(tallyOf(undefined, 0)).toEqual(one(false));
  });
});
