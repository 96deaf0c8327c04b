import type { TestRun } from "../operator/tests";
import { elapsed } from "./display";
import { localTime } from "./table";

/** How one test went, as `jobs/test_modules.py` tells it. */
export interface TestResult {
  readonly module: string;
  /** Its class, with the file that it is in: `odoo.addons.sale.tests.test_sale.TestSale`. */
  readonly suite: string;
  readonly name: string;
  readonly seconds: number;
  readonly outcome: "passed" | "failed" | "error" | "skipped";
  /** Why it failed or was skipped, on one line. */
  readonly message: string;
  /** Where it failed. */
  readonly details: string;
}

/** What the tests of some modules came to. */
export interface TestResults {
  readonly modules: readonly string[];
  /** Odoo's own; other than 0 also when modules could not be loaded. */
  readonly exitCode: number;
  readonly tests: readonly TestResult[];
}

/** Whether a test counts as failed. */
const isFailure = ({ outcome }: TestResult): boolean => outcome === "failed" || outcome === "error";

/** How many tests passed, failed and were skipped. */
export function counts(tests: readonly TestResult[]): { passed: number; failed: number; skipped: number } {
  const failed = tests.filter(isFailure).length;
  const skipped = tests.filter(({ outcome }) => outcome === "skipped").length;
  return { passed: tests.length - failed - skipped, failed, skipped };
}

/**
 * All results: Odoo that gave up without a failed test counts as one, with the last lines that it wrote.
 * @param log What Odoo wrote.
 */
export function allResults({ tests, exitCode }: TestResults, log: readonly string[]): readonly TestResult[] {
  if (exitCode === 0 || tests.some(isFailure)) return tests;
  const message = `Odoo ended with exit code ${exitCode}`;
  const suite = "odoo";
  const details = log.slice(-60).join("\n");
  return [...tests, { module: "", suite, name: "start", seconds: 0, outcome: "error", message, details }];
}

const sum = (tests: readonly TestResult[]): number => tests.reduce((total, { seconds }) => total + seconds, 0);

/** The results in JUnit's format, as Jenkins, GitLab and GitHub's actions read it: a suite for each module. */
export function junit({ startedAt }: TestRun, tests: readonly TestResult[]): string {
  const modules = [...new Set(tests.map(({ module }) => module))];
  const suites = modules.flatMap((module) =>
    suiteXml(
      module,
      startedAt,
      tests.filter((test) => test.module === module),
    ),
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${totals(tests)}>`,
    ...suites,
    "</testsuites>",
    "",
  ].join("\n");
}

function suiteXml(module: string, startedAt: string, tests: readonly TestResult[]): string[] {
  const attributes = `name="${xml(module || "odoo")}" timestamp="${xml(startedAt)}" ${totals(tests)}`;
  return [`  <testsuite ${attributes}>`, ...tests.flatMap(caseXml), "  </testsuite>"];
}

const totals = (tests: readonly TestResult[]): string => {
  const count = (outcome: TestResult["outcome"]) => tests.filter((test) => test.outcome === outcome).length;
  const numbers = `tests="${tests.length}" failures="${count("failed")}" errors="${count("error")}"`;
  return `${numbers} skipped="${count("skipped")}" time="${sum(tests).toFixed(3)}"`;
};

function caseXml({ suite, name, seconds, outcome, message, details }: TestResult): string[] {
  const open = `    <testcase classname="${xml(suite)}" name="${xml(name)}" time="${seconds.toFixed(3)}"`;
  if (outcome === "passed") return [`${open}/>`];
  const element = outcome === "failed" ? "failure" : outcome;
  return [`${open}>`, `      <${element} message="${xml(message)}">${xml(details)}</${element}>`, "    </testcase>"];
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** A text as XML has it; characters that XML can't have are left out: https://www.w3.org/TR/xml/#charsets */
const xml = (text: string): string =>
  text
    // eslint-disable-next-line no-control-regex -- these are the ones
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, "")
    .replaceAll(/[&<>"]/g, (character) => entities[character] ?? "");

/** The results for people: what was tested on what, each module's count, and what failed. */
export function markdown(stack: string, run: TestRun, tests: readonly TestResult[]): string {
  const { passed, failed, skipped } = counts(tests);
  const modules = [...new Set([...run.modules, ...tests.map(({ module }) => module).filter(Boolean)])];
  const rows = modules.map((module) => {
    const own = tests.filter((test) => test.module === module);
    const count = counts(own);
    return `| ${module} | ${count.passed} | ${count.failed} | ${count.skipped} | ${elapsed(sum(own))} |`;
  });
  const failures = tests
    .filter(isFailure)
    .flatMap((test) => [
      `### ${test.suite}.${test.name}`,
      "",
      ...[test.message, "", "```", test.details.trimEnd(), "```", ""],
    ]);
  const { user, host, commit } = run.author;
  return [
    `# Tests on a copy of ${stack}: ${failed > 0 ? "failed" : "passed"}`,
    "",
    `- Version: \`${run.image.tag}\` (${run.image.id})`,
    `- When: ${localTime(run.startedAt)} to ${localTime(run.endedAt)}`,
    `- By: ${user}@${host}${commit ? `, commit ${commit}` : ""}`,
    `- ${passed} passed, ${failed} failed, ${skipped} skipped`,
    "",
    "| module | passed | failed | skipped | time |",
    "|---|---:|---:|---:|---:|",
    ...rows,
    "",
    ...(failures.length > 0 ? ["## What failed", "", ...failures] : []),
  ].join("\n");
}
