import { createHash } from "node:crypto";
import { inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { forms, masked } from "../../../infra/operator/copy/leftovers";
import { describeSecured, type Secured } from "../../../infra/operator/copy/securedReport";
import { placeholders } from "../../../infra/operator/copy/securing/placeholders";

const secured: Secured = {
  at: "2026-03-01T10:20:30.000Z",
  neutralised: {
    off: { "scheduled jobs": 21, "outgoing mail servers": 2 },
    scripts: ["base", "mail"],
    withoutScript: ["my_shop"],
    notInImage: [],
    mail: "mail:1025",
  },
  obfuscated: [
    { table: "res_partner", column: "name", kind: "partnerName", rows: 12_345 },
    { table: "res_partner", column: "email", kind: "emails", rows: 12_000 },
    { table: "sale_order", column: "access_token", kind: "token", rows: 7 },
  ],
  removed: [{ table: "res_users_apikeys", rows: 3 }],
  parameters: 2,
  attachments: { replaced: 40, files: 38, indexed: 0 },
  identity: { baseUrl: "https://staging.example.com", admin: "admin", testers: ["tess"] },
  unknown: ["x_gone.name"],
  seconds: { neutralise: 1.234, "personal data": 20 },
};

describe("the report", () => {
  it("says what was done, and what to look at", () => {
    expect(describeSecured(secured).split("\n")).toEqual([
      "Secured 2026-03-01 10:20 UTC: https://staging.example.com, administrator admin, testers tess",
      "Switched off",
      "         21  scheduled jobs",
      "          2  outgoing mail servers",
      "  mail goes to mail:1025",
      "Personal data replaced",
      "     12,345  res_partner (name, email)",
      "Emptied, or new",
      "          7  sale_order (access_token)",
      "          2  ir_config_parameter (value)",
      "Removed",
      "          3  res_users_apikeys",
      "Attachments",
      "         40  with a placeholder's content",
      "         38  files removed",
      "Took neutralise 1.2 s, personal data 20.0 s",
      "Look at these modules of yours, which have no data/neutralize.sql: my_shop",
      "Named in the configuration, but not in the database: x_gone.name",
    ]);
  });

  it("can be kept as JSON", () => {
    expect(JSON.parse(JSON.stringify(secured))).toEqual(secured);
  });
});

describe("a search for what was left", () => {
  it.each([
    ["email", "Ada@Firm.BE", ["ada@firm.be"]],
    ["email", "info@yourcompany.com", []],
    ["email", "x@mail.example.com", []],
    ["iban", "be31 7342 9876 5431", ["BE31734298765431"]],
    ["phone", "0032 (470) 11.22.33", ["32470112233"]],
    ["phone", "1.234-56", []],
  ] as const)("compares the %s %s as %j", (kind, value, expected) => {
    expect(forms(kind, value)).toEqual(expected);
  });

  it.each([
    ["ada@firm.be", "a…@f…"],
    ["BE31734298765431", "BE…31"],
  ])("shows %s as %s", (value, shown) => {
    expect(masked(value)).toBe(shown);
  });
});

describe("placeholders", () => {
  it("are named by their content, and the last one does for everything", () => {
    for (const { content, checksum } of placeholders) {
      expect(createHash("sha1").update(content).digest("hex")).toBe(checksum);
      expect(content.length).toBeLessThan(2000);
    }
    expect(placeholders.at(-1)?.when).toBe("true");
  });

  it("are what they say they are", () => {
    const [png, pdf] = placeholders.map(({ content }) => content);
    expect(png?.subarray(1, 4).toString()).toBe("PNG");
    const data = png?.subarray(png.indexOf("IDAT") + 4);
    expect(inflateSync(data ?? Buffer.alloc(0))).toHaveLength(64 * 65);
    const text = pdf?.toString() ?? "";
    const start = Number(/startxref\n(\d+)/.exec(text)?.[1]);
    expect(text.slice(start, start + 4)).toBe("xref");
  });
});
