import { describe, expect, it } from "vitest";
import { describeFailure, findFailures } from "../../../infra/operator/logs";

const line = (level: string, message: string, logger = "odoo.http") =>
  `2026-11-23 20:21:57,587 6 ${level} prod ${logger}: ${message} `;
const traceback = [
  "Traceback (most recent call last):",
  '  File "/usr/lib/python3/dist-packages/odoo/http.py", line 2143, in _transactioning',
  "    return service_model.retrying(func, env=self.env)",
  "           ~~~~~~~~~~~~~~~~~~~~~~^^^^^^^^^^^^^^^^^^^^",
  "ValueError: no such order",
];

describe("failures in a log", () => {
  it("are none in a quiet one", () => {
    const lines = [line("INFO", "Modules loaded."), line("WARNING", "CSRF validation failed"), "", "odoo: hello"];
    expect(findFailures(lines)).toEqual([]);
    expect(findFailures([])).toEqual([]);
  });

  it("are errors with all that belongs to them", () => {
    const error = [line("ERROR", "Exception during request handling."), ...traceback];
    const lines = [line("INFO", "before"), ...error, "", line("INFO", "after"), line("CRITICAL", "it is over")];
    expect(findFailures(lines)).toEqual([
      { level: "ERROR", lines: error },
      { level: "CRITICAL", lines: [line("CRITICAL", "it is over")] },
    ]);
  });

  it.each([
    ["in an entry of another level", [line("WARNING", "it went on"), ...traceback]],
    ["outside of any entry", traceback],
  ])("are tracebacks %s", (_, lines) => {
    expect(findFailures([...lines, line("INFO", "after")])).toEqual([{ level: "TRACEBACK", lines }]);
  });

  it("are told apart from words that look like them", () => {
    const talk = line("INFO", "2026-11-23 20:21:57,587 6 ERROR prod odoo.http: quoted");
    expect(findFailures([talk, "  Traceback (most recent call last): indented, in a text"])).toEqual([]);
  });

  it.each([
    ["its first line", "Exception during request"],
    ["a line of its traceback", "^ValueError: no such order$"],
  ])("are none where a pattern allows %s", (_, pattern) => {
    const lines = [line("ERROR", "Exception during request handling."), ...traceback];
    expect(findFailures(lines, [pattern])).toEqual([]);
    expect(findFailures([...lines, line("ERROR", "another one")], [pattern])).toHaveLength(1);
  });

  it("are none where two requests met and one of them was tried again", () => {
    const query = line("ERROR", "bad query: b'UPDATE stock_quant SET reserved = 1'", "odoo.sql_db");
    expect(findFailures([query, "ERROR: could not serialize access due to concurrent update", ""])).toEqual([]);
    expect(findFailures([query, 'ERROR: column "reserved" does not exist', ""])).toHaveLength(1);
    // Tried for the last time, it fails with a traceback.
    const last = [line("ERROR", "Exception during request handling."), ...traceback.slice(0, 4)];
    const reason = "psycopg2.errors.SerializationFailure: could not serialize access due to concurrent update";
    expect(findFailures([...last, reason])).toHaveLength(1);
  });
});

describe("a failure for people", () => {
  it("has its first line, and the end of the rest without Python's underlining", () => {
    const long = { level: "ERROR" as const, lines: [line("ERROR", "Oops"), ...traceback, ...traceback] };
    expect(describeFailure(long, 4).split("\n")).toEqual([
      line("ERROR", "Oops"),
      "  … 6 lines …",
      "    return service_model.retrying(func, env=self.env)",
      "ValueError: no such order",
    ]);
    expect(describeFailure({ level: "ERROR", lines: [line("ERROR", "Oops")] })).toBe(line("ERROR", "Oops"));
  });
});
