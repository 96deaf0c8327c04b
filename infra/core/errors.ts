import { RunError } from "@pulumi/pulumi/errors";

/** One thing that is wrong, in the words of whoever has to put it right. */
export interface Problem {
  /** Where it is: a config key (`database.memory`), a file, or an address. */
  readonly path: string;
  /** What would have been accepted. */
  readonly expected: string;
  /** What was there instead; never a secret's value. */
  readonly found: string;
  /** What to do about it, as a sentence or a command. */
  readonly hint?: string;
}

/**
 * The one error that users see. It carries every problem found, so that they are put right in one go, and extends
 * Pulumi's `RunError`, which the engine prints without a stack trace.
 */
export class UserError extends RunError {
  /** Everything found, in the order found. */
  readonly problems: readonly Problem[];

  /**
   * @param summary One sentence that says what can't go on.
   * @param problems What stands in the way; may be empty where the summary says it all.
   */
  constructor(
    readonly summary: string,
    problems: readonly Problem[] = [],
  ) {
    super([summary, ...problems.map(formatProblem)].join("\n"));
    this.name = "UserError";
    this.problems = problems;
  }
}

/** Formats a problem over a few indented lines: path, expected, found, hint. */
export function formatProblem(problem: Problem): string {
  const lines = [`  ${problem.path}`, `    expected: ${problem.expected}`, `    found:    ${problem.found}`];
  if (problem.hint) lines.push(`    hint:     ${problem.hint}`);
  return lines.join("\n");
}
