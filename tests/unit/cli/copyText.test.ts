import { describe, expect, it } from "vitest";
import { leftLines } from "../../../infra/cli/checkSecured";
import { ageText } from "../../../infra/cli/copyText";

describe("how old data is", () => {
  it.each([
    ["2026-11-25T11:59:45Z", "0 minutes"],
    ["2026-11-25T11:59:00Z", "1 minute"],
    ["2026-11-25T10:30:00Z", "90 minutes"],
    ["2026-11-25T09:00:00Z", "3 hours"],
    ["2026-11-18T12:00:00Z", "7 days"],
  ])("%s is %s at noon", (from, text) => {
    expect(ageText(from, new Date("2026-11-25T12:00:00Z"))).toBe(text);
  });
});

describe("what check-secured says", () => {
  const stack = { name: "staging", source: "prod" };

  it("names each column with a masked example, and what to do", () => {
    const left = [{ table: "res_partner", column: "x_note", kind: "email" as const, count: 3, example: "a…@f…" }];
    const lines = leftLines(stack, left);
    expect(lines.join("\n")).toMatch(/res_partner +x_note +email +3 +a…@f…/);
    expect(lines.at(-1)).toContain("restore.obfuscate.add");
  });

  it("says that nothing was found", () => {
    expect(leftLines(stack, [])).toEqual([
      "Nothing of prod was found in staging: no e-mail address, IBAN or phone number.",
    ]);
  });
});
