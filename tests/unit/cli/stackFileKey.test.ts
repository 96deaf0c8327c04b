import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { databaseKind, keyIn, releaseImage, restoreRefresh, withKey } from "../../../infra/cli/stackFileKey";

const imageIn = (text: string) => keyIn(text, releaseImage);
const withReleaseImage = (text: string, image: string | undefined) => withKey(text, releaseImage, image);

const tag = "odoo-stacks/odoo:19.0-1a2b3c4d5e6f";
const old = "odoo-stacks/odoo:19.0-000000000000";

const before = `# Production.
config:
  odoo-stacks:kind: environment   # an Odoo
  odoo-stacks:domains:
    - odoo.example.com
`;
const after = `  # In quotes, as Pulumi writes it back.
  odoo-stacks:protectData: "false"
`;

describe("setting release.image in a stack's file", () => {
  it.each([
    ["where there is no release", "", `  odoo-stacks:release:\n    image: ${tag}\n`, "end"],
    [
      "beside other keys",
      "  odoo-stacks:release:\n    # Ask first.\n    maxHold: 10 seconds\n",
      `  odoo-stacks:release:\n    # Ask first.\n    image: ${tag}\n    maxHold: 10 seconds\n`,
      "here",
    ],
    [
      "over another image",
      `  odoo-stacks:release:\n    image: "${old}" # pinned\n    keepSets: 3\n`,
      `  odoo-stacks:release:\n    image: ${tag} # pinned\n    keepSets: 3\n`,
      "here",
    ],
    [
      "in a map on one line",
      "  odoo-stacks:release: { keepSets: 3 } # few\n",
      `  odoo-stacks:release: { image: ${tag}, keepSets: 3 } # few\n`,
      "here",
    ],
    ["in an empty map", "  odoo-stacks:release: {}\n", `  odoo-stacks:release: { image: ${tag} }\n`, "here"],
    ["under a key without a value", "  odoo-stacks:release:\n", `  odoo-stacks:release:\n    image: ${tag}\n`, "here"],
    [
      "deeper indented",
      "  odoo-stacks:release:\n      keepSets: 3\n",
      `  odoo-stacks:release:\n      image: ${tag}\n      keepSets: 3\n`,
      "here",
    ],
  ])("%s changes nothing else", (_, given, wanted, place) => {
    const expected = place === "end" ? before + after + wanted : before + wanted + after;
    expect(withReleaseImage(before + given + after, tag)).toBe(expected);
  });

  it("changes nothing where it is set already", () => {
    const text = `${before}  odoo-stacks:release: {image: ${tag}}`;
    expect(withReleaseImage(text, tag)).toBe(text);
  });

  it("gives a last line without its end one", () => {
    expect(withReleaseImage("config:\n  odoo-stacks:kind: environment", tag)).toBe(
      `config:\n  odoo-stacks:kind: environment\n  odoo-stacks:release:\n    image: ${tag}\n`,
    );
  });

  it("leaves what comes after the configuration where it is", () => {
    const text = "config:\n  odoo-stacks:kind: environment\n\n# Written by Pulumi.\nencryptionsalt: v1:abc\n";
    expect(withReleaseImage(text, tag)).toBe(
      `config:\n  odoo-stacks:kind: environment\n  odoo-stacks:release:\n    image: ${tag}\n\n# Written by Pulumi.\nencryptionsalt: v1:abc\n`,
    );
  });

  it.each(["", "config: {}\n", "config: { odoo-stacks:kind: environment }\n"])(
    "refuses a file that it could only write anew: %j",
    (text) => expect(() => withReleaseImage(text, tag)).toThrow(/can't be edited safely[\s\S]*by hand/),
  );

  const keys = fc.constantFrom("maxHold", "keepSets", "requires", "image");
  const release = fc.option(fc.dictionary(keys, fc.constantFrom("a b", "x: y", "# no", "ü", old)), { nil: undefined });
  it("says afterwards what it was asked to, and all that it said before", () => {
    fc.assert(
      fc.property(release, fc.constantFrom("first", "last"), fc.nat(2), (map, place, style) => {
        const others = { "odoo-stacks:kind": "environment", "odoo-stacks:modules": ["sale"] };
        const own = map ? { "odoo-stacks:release": map } : {};
        const config = place === "first" ? { ...own, ...others } : { ...others, ...own };
        const text = stringify({ config, salt: "v1" }, { indent: [1, 2, 4][style], collectionStyle: "block" });
        const set = withReleaseImage(text, tag);
        expect(parse(set)).toEqual({
          config: { ...config, "odoo-stacks:release": { ...map, image: tag } },
          salt: "v1",
        });
        expect(imageIn(withReleaseImage(set, undefined))).toBeUndefined();
      }),
    );
  });
});

describe("taking release.image out again", () => {
  it.each([
    ["with its key, where it is alone", `  odoo-stacks:release:\n    image: ${old}\n`, ""],
    ["alone on one line", `  odoo-stacks:release: { image: ${old} }\n`, ""],
    [
      "from among others",
      `  odoo-stacks:release:\n    keepSets: 3 # few\n    image: ${old} # pinned\n`,
      "  odoo-stacks:release:\n    keepSets: 3 # few\n",
    ],
    [
      "from a map on one line",
      `  odoo-stacks:release: { image: ${old}, keepSets: 3 }\n`,
      "  odoo-stacks:release: { keepSets: 3 }\n",
    ],
  ])("%s", (_, given, wanted) => {
    expect(withReleaseImage(before + given + after, undefined)).toBe(before + wanted + after);
  });

  it("changes nothing where it is not set", () => {
    expect(withReleaseImage(before, undefined)).toBe(before);
  });
});

describe("setting restore.refresh in a stack's file", () => {
  it("quotes what YAML would take for a time", () => {
    const given = "config:\n  odoo-stacks:restore:\n    source: prod # ours\n";
    const edited = withKey(given, restoreRefresh, "2026-11-25T13:30:00Z");
    expect(edited).toBe(
      'config:\n  odoo-stacks:restore:\n    refresh: "2026-11-25T13:30:00Z"\n    source: prod # ours\n',
    );
    expect(keyIn(edited, restoreRefresh)).toBe("2026-11-25T13:30:00Z");
  });
});

describe("setting database.kind in a stack's file", () => {
  const withRds = (kind = "") =>
    `${before}  odoo-stacks:database:\n${kind}    rds: # to be\n      class: db.t4g.medium\n    settings:\n      jit: off\n${after}`;

  it.each([
    ["where it has an instance alone", ""],
    ["over the container", "    kind: container\n"],
  ])("%s changes nothing else", (_, kind) => {
    const edited = withKey(withRds(kind), databaseKind, "rds");
    expect(edited).toBe(withRds("    kind: rds\n"));
    expect(keyIn(edited, databaseKind)).toBe("rds");
    expect(withKey(edited, databaseKind, "rds")).toBe(edited);
  });

  it("does the same in a map on one line", () => {
    const given = "config:\n  odoo-stacks:database: { rds: { class: db.t4g.medium } } # to be\n";
    expect(withKey(given, databaseKind, "rds")).toBe(
      "config:\n  odoo-stacks:database: { kind: rds, rds: { class: db.t4g.medium } } # to be\n",
    );
  });
});
