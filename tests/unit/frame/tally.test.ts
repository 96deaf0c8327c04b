import { describe, expect, it } from "vitest";
import { closingLine, exitCode, failuresOf, nothing, one, sum, tallyOf } from "../../support/tally";

const report = (passed: number, failed: number, pending = 0, files: { status: string; tests: string[] }[] = []) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: pending,
  numTodoTests: 0,
  testResults: files.map(({ status, tests }) => ({
    name: "a.test.ts",
    status,
    message: "no such module",
    assertionResults: tests.map((test, n) => ({
      status: test,
      fullName: `test ${n}`,
      failureMessages: ["expected 1\n\nfound 2"],
    })),
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

  it("tells what failed", () => {
    expect(failuresOf(report(1, 1, 0, [{ status: "failed", tests: ["passed", "failed"] }]))).toEqual([
      "a.test.ts: test 1\n    expected 1\n    found 2",
    ]);
    expect(failuresOf(report(1, 0, 0, [{ status: "failed", tests: [] }]))).toEqual(["a.test.ts\n    no such module"]);
    expect(failuresOf(report(1, 0, 0, [{ status: "passed", tests: ["passed"] }]))).toEqual([]);
    expect(failuresOf(undefined)).toHaveLength(1);
  });
});
