import { describe, expect, it } from "vitest";
import { allResults, counts, junit, markdown, type TestResult } from "../../../infra/cli/testReport";
import type { TestRun } from "../../../infra/operator/tests";
import { imageOf } from "./given";

const passed: TestResult = {
  module: "sale_delivery_note",
  suite: "odoo.addons.sale_delivery_note.tests.test_note.TestNote",
  name: "test_note",
  seconds: 0.25,
  outcome: "passed",
  message: "",
  details: "",
};
const failed: TestResult = {
  ...passed,
  name: "test_<&>",
  outcome: "failed",
  message: "AssertionError: \"a\" != 'b'",
  details: "Traceback:\n  \u001b[31mred\u0000 & <b>]]>",
};
const broken: TestResult = {
  ...passed,
  module: "other",
  name: "setUpClass",
  seconds: 0,
  outcome: "error",
  message: "no",
};
const skipped: TestResult = {
  ...passed,
  name: "test_tour",
  seconds: 0,
  outcome: "skipped",
  message: "Chrome not found",
};
const all = [passed, failed, broken, skipped];
const run: TestRun = {
  id: "20261123-180000-abc",
  image: imageOf("a"),
  modules: ["sale_delivery_note"],
  startedAt: "2026-11-23T18:00:00.000Z",
  endedAt: "2026-11-23T18:01:00.000Z",
  ...counts(all),
  author: { user: "anna", host: "laptop", commit: "3f2a1b9" },
};

describe("the results of tests", () => {
  it("are counted: an error is a failure", () => expect(counts(all)).toEqual({ passed: 1, failed: 2, skipped: 1 }));

  it("are Odoo's own where it ended well, or where a test says why not", () => {
    expect(allResults({ modules: [], exitCode: 0, tests: [passed] }, [])).toEqual([passed]);
    expect(allResults({ modules: [], exitCode: 1, tests: [failed] }, [])).toEqual([failed]);
  });

  it("have one more when Odoo gave up without a failed test: modules that can't be loaded", () => {
    const [, more] = allResults({ modules: [], exitCode: 255, tests: [passed] }, ["a", "ParseError: b"]);
    expect(more).toMatchObject({
      outcome: "error",
      message: "Odoo ended with exit code 255",
      details: "a\nParseError: b",
    });
  });
});

describe("the report in JUnit's format", () => {
  it("has a suite for each module, with counts and times", () => {
    expect(junit(run, all)).toBe(
      `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="4" failures="1" errors="1" skipped="1" time="0.500">
  <testsuite name="sale_delivery_note" timestamp="2026-11-23T18:00:00.000Z" tests="3" failures="1" errors="0" skipped="1" time="0.500">
    <testcase classname="${passed.suite}" name="test_note" time="0.250"/>
    <testcase classname="${passed.suite}" name="test_&lt;&amp;&gt;" time="0.250">
      <failure message="AssertionError: &quot;a&quot; != 'b'">Traceback:
  [31mred &amp; &lt;b&gt;]]&gt;</failure>
    </testcase>
    <testcase classname="${passed.suite}" name="test_tour" time="0.000">
      <skipped message="Chrome not found"></skipped>
    </testcase>
  </testsuite>
  <testsuite name="other" timestamp="2026-11-23T18:00:00.000Z" tests="1" failures="0" errors="1" skipped="0" time="0.000">
    <testcase classname="${passed.suite}" name="setUpClass" time="0.000">
      <error message="no"></error>
    </testcase>
  </testsuite>
</testsuites>
`,
    );
  });
});

describe("the report for people", () => {
  const text = markdown("prod", run, all);
  it("says what was tested, on what, by whom, and how it went", () => {
    expect(text).toContain("# Tests on a copy of prod: failed");
    expect(text).toContain("- Version: `odoo-stacks/odoo:19.0-aaaaaaaa`");
    expect(text).toContain("- By: anna@laptop, commit 3f2a1b9");
    expect(text).toContain("- 1 passed, 2 failed, 1 skipped");
    expect(text).toContain("| sale_delivery_note | 1 | 1 | 1 | 0.5 s |");
    expect(text).toContain("| other | 0 | 1 | 0 | 0.0 s |");
  });
  it("shows what failed, and where", () => {
    expect(text).toContain(`### ${passed.suite}.test_<&>\n\n${failed.message}\n\n\`\`\`\nTraceback:`);
    expect(markdown("prod", run, [passed])).not.toContain("## What failed");
  });
});
