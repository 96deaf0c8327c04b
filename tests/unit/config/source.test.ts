import { describe, expect, it } from "vitest";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { differences } from "../../../infra/commands/differences";
import { sourceName } from "../../../infra/config/inherit";
import { repositoryDir } from "../../../infra/core/paths";
import { parseSource, sourceVersion } from "../../../infra/config/sourceOutput";

const own = { stack: "acme-staging", platform: "acme-platform" };
const source = { version: sourceVersion, stack: "acme-prod", stage: "production", platform: "acme-platform" };

describe("the environment that another one is a copy of", () => {
  it("is what it exports", () => {
    expect(parseSource(source, "acme-prod", own)).toBe(source);
  });

  it("may be on another platform where its database is on RDS", () => {
    const onRds = { ...source, platform: "other", onRds: true, instance: "acme-prod" };
    expect(parseSource(onRds, "acme-prod", own)).toBe(onRds);
  });

  it.each([
    [undefined, /"acme-prod", which exports no data to copy[\s\S]*npx odoo-stacks up acme-prod/],
    [{ ...source, version: 0 }, /of this version[\s\S]*version 0/],
    [
      { ...source, platform: "other" },
      /an environment on acme-platform[\s\S]*acme-prod is on other, in a container[\s\S]*databases on RDS alone/,
    ],
  ])("is refused where it can't be copied: %s", (value, message) => {
    expect(() => parseSource(value, "acme-prod", own)).toThrow(message);
  });

  it("is found in the configuration before that is checked", () => {
    expect(sourceName({ restore: '{"source":"acme-prod"}' })).toBe("acme-prod");
    for (const restore of ["", "acme-prod", "[]", '{"source":7}', '{"source":"a b"}'])
      expect(sourceName({ restore })).toBeUndefined();
  });

  it("differs from its copies in what docs/staging.md says", () => {
    const docs = readFileSync(join(repositoryDir, "docs/staging.md"), "utf8");
    for (const { what, why } of differences()) expect(docs).toContain(`| ${what} | ${why} |`);
  });
});
