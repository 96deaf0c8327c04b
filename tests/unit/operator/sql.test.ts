import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { announcementSql } from "../../../infra/operator/announce";
import { literal } from "../../../infra/operator/psql";

/** What the server makes of a literal. */
function unquote(text: string): string {
  expect(text).toMatch(/^E'(?:[^'\\]|''|\\\\)*'$/);
  return text.slice(2, -1).replaceAll("''", "'").replaceAll("\\\\", "\\");
}

describe("a literal", () => {
  it("is read back as it was, whatever is in it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(unquote(literal(text))).toBe(text);
      }),
    );
  });
});

describe("an announcement", () => {
  it("is one line of JSON in a literal, so that nothing in it is a command", () => {
    const message = "'); DROP TABLE bus_bus; --\n\\connect template1\n<script>alert(1)</script>";
    const sql = announcementSql({ title: "It's :channel", message });
    const lines = sql.split("\n");
    expect(lines.filter((line) => line.startsWith("\\connect"))).toEqual(["\\connect postgres"]);
    const json = unquote(/E'(?:[^'\\]|''|\\\\)*'/.exec(sql)?.[0] ?? "");
    expect(JSON.parse(json)).toEqual({
      type: "simple_notification",
      payload: { title: "It's :channel", message, sticky: false, type: "warning" },
    });
  });
});
