/** How many checks ran and how they ended. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Nothing ran. */
export const nothing: Tally = { passed: 0, failed: 0, skipped: 0 };

/** The tally of one check. */
export const one = (passed: boolean): Tally => ({ passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 });

/** Adds tallies up. */
export function sum(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (total, { passed, failed, skipped }) => ({
      passed: total.passed + passed,
      failed: total.failed + failed,
      skipped: total.skipped + skipped,
    }),
    nothing,
  );
}

/** The one line that a run of tests ends with: `12 passed, 0 failed`, and `, 1 skipped` where something was. */
export function closingLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** 0 only when something ran and all of it passed: what was skipped was not tested, whatever the reason. */
export function exitCode({ passed, failed, skipped }: Tally): number {
  return passed > 0 && failed === 0 && skipped === 0 ? 0 : 1;
}

/** What is read of the report that vitest writes with its reporter `json`. */
export interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  /** One for each file. */
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/**
 * The tally of a run of vitest.
 * @param report What it wrote; undefined when it ended before that.
 * @param code Its exit code.
 */
export function tallyOf(report: VitestReport | undefined, code: number): Tally {
  if (!report) return one(false);
  // A file that could not be loaded, or whose hooks failed, has failed without any test that says so.
  const files = report.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  ).length;
  const failed = report.numFailedTests + files;
  return {
    passed: report.numPassedTests,
    // Errors outside of tests show in the exit code alone.
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
