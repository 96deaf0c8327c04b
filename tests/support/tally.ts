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
    readonly name: string;
    readonly status: string;
    /** Why a file failed that has no failed test. */
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages?: readonly string[] | null;
    }[];
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

/** How much of each failure's message is told again at the end: all of it is where the test ran. */
const linesOfMessage = 12;

/**
 * What failed in a run of vitest, in words: told again at its end, because what a long run printed before is easily cut off.
 * @param report What it wrote; undefined when it ended before that.
 */
export function failuresOf(report: VitestReport | undefined): string[] {
  if (!report) return ["vitest ended before it wrote its report"];
  return report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === "failed");
    if (status === "failed" && failed.length === 0) return [told(name, message)];
    return failed.map((test) => told(`${name}: ${test.fullName}`, test.failureMessages?.join("\n")));
  });
}

function told(title: string, message = ""): string {
  const lines = message.split("\n").filter((line) => line.trim() !== "");
  return [title, ...lines.slice(0, linesOfMessage).map((line) => `    ${line.slice(0, 300)}`)].join("\n");
}
