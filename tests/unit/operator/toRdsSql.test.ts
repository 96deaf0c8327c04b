import { describe, expect, it } from "vitest";
import { closeSql, readParts, sumsSql } from "../../../infra/operator/move/toRdsSql";

describe("what a move to RDS has to bring", () => {
  it("is read as psql prints it, also where names have its separator", () => {
    expect(readParts('r|public.a\nS|public."odd|name"\nm|public.view\n')).toEqual([
      { kind: "r", name: "public.a" },
      { kind: "S", name: 'public."odd|name"' },
      { kind: "m", name: "public.view" },
    ]);
    expect(readParts("")).toEqual([]);
  });
});

describe("what two places are compared by", () => {
  const statements = (name: string, kind: "r" | "S" = "r") => sumsSql([{ kind, name }]).split("\n").slice(2);

  it("is one statement for each part: rows and their sum, or where a sequence is", () => {
    expect(statements("public.a")).toEqual([
      "SELECT E'public.a', count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM ONLY public.a t;",
    ]);
    expect(statements("public.a_seq", "S")).toEqual([
      "SELECT E'public.a_seq', last_value, is_called FROM public.a_seq;",
    ]);
    expect(
      sumsSql([
        { kind: "r", name: "a" },
        { kind: "S", name: "b" },
      ]).match(/^SELECT /gm),
    ).toHaveLength(2);
  });

  it("names a table as SQL has it, and quotes that where it is a text", () => {
    const [text = ""] = statements(String.raw`public."it's a \ table"`);
    expect(text).toContain(String.raw`SELECT E'public."it''s a \\ table"', count(*)`);
    expect(text).toContain(String.raw`FROM ONLY public."it's a \ table" t;`);
  });

  it("does not hang on how a server writes numbers, times and bytes", () => {
    const settings = sumsSql([]);
    for (const name of ["extra_float_digits", "datestyle", "intervalstyle", "timezone", "bytea_output"]) {
      expect(settings).toMatch(new RegExp(`SET ${name} = `));
    }
    expect(settings).not.toContain("SELECT");
  });
});

describe("shutting sessions out", () => {
  it("takes the database's name for a text, whatever is in it", () => {
    const sql = closeSql("it's");
    expect(sql).toContain("format('ALTER DATABASE %I CONNECTION LIMIT 0', E'it''s')");
    expect(sql).toContain("datname = E'it''s'");
  });
});
