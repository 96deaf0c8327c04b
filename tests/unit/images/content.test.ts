import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { repositoryDir } from "../../../infra/core/paths";
import { expectedTag, proxyVersion } from "../../../infra/images/content";
import { folderWith } from "../../support/folders";

const files = {
  "sale_gift/__manifest__.py": '{"name": "Gift", "version": "19.0.1.2.0"}',
  "sale_gift/__init__.py": "from . import models\n",
  "sale_gift/static/icon.svg": "<svg/>",
};
const tagOf = (addons: string, version = "19.0") => expectedTag("odoo", { addons, version });

/** An addons folder, and what its tag is after something was done to it. */
function changed(change: (folder: string) => void): { before: string; after: string } {
  const folder = folderWith(files);
  const before = tagOf(folder);
  change(folder);
  return { before, after: tagOf(folder) };
}

describe("the tag of an Odoo image", () => {
  it("names the version and twelve digits of the content", () => {
    expect(tagOf(folderWith(files))).toMatch(/^odoo-stacks\/odoo:19\.0-[0-9a-f]{12}$/);
  });

  it("is the same for two checkouts of the same files", () => {
    const first = folderWith(files);
    const second = folderWith(files);
    utimesSync(join(second, "sale_gift/__init__.py"), 1, 1);
    expect(tagOf(first)).toBe(tagOf(second));
  });

  it.each([
    ["a byte of a file", (dir: string) => writeFileSync(join(dir, "sale_gift/static/icon.svg"), "<svg />")],
    [
      "the name of a file",
      (dir: string) => renameSync(join(dir, "sale_gift/static/icon.svg"), join(dir, "sale_gift/static/i.svg")),
    ],
    ["whether a file can be executed", (dir: string) => chmodSync(join(dir, "sale_gift/__init__.py"), 0o755)],
    ["a new file", (dir: string) => writeFileSync(join(dir, "sale_gift/models.py"), "")],
    ["a file less", (dir: string) => rmSync(join(dir, "sale_gift/static/icon.svg"))],
    [
      "a Python package that is needed",
      (dir: string) => writeFileSync(join(dir, "requirements.txt"), "phonenumbers\n"),
    ],
    ["a Debian package that is needed", (dir: string) => writeFileSync(join(dir, "packages.txt"), "ghostscript\n")],
  ])("changes with %s", (_, change) => {
    const { before, after } = changed(change);
    expect(after).not.toBe(before);
  });

  it.each([
    "sale_gift/__init__.pyc",
    "sale_gift/.vscode",
    "sale_gift/models.py~",
    "sale_gift/.models.py.swp",
    ".gitignore",
    "README.md",
  ])("does not change with %s", (path) => {
    const { before, after } = changed((dir) => writeFileSync(join(dir, path), "something"));
    expect(after).toBe(before);
  });

  it("does not change with compiled Python and version control", () => {
    const bare = folderWith(files);
    const used = folderWith({
      ...files,
      "sale_gift/__pycache__/a.pyc": "x",
      ".git/HEAD": "ref",
      "sale_gift/.git/HEAD": "ref",
    });
    expect(tagOf(used)).toBe(tagOf(bare));
  });

  it("differs by version", () => {
    const folder = folderWith(files);
    expect(tagOf(folder, "19.0-20260901").replace("19.0-20260901", "19.0")).not.toBe(tagOf(folder));
  });

  it("follows links to what they point to", () => {
    const elsewhere = folderWith(files);
    const linked = folderWith({});
    symlinkSync(join(elsewhere, "sale_gift"), join(linked, "sale_gift"));
    expect(tagOf(linked)).toBe(tagOf(elsewhere));
  });

  it.each([
    ["a link that leads nowhere", "gone", /does not exist/],
    ["a link to the folder that it is in", ".", /a folder that it is in/],
  ])("is refused for %s", (_, target, message) => {
    const folder = folderWith(files);
    symlinkSync(join(folder, target), join(folder, "sale_gift/link"));
    expect(() => tagOf(folder)).toThrow(message);
  });

  it("tells any two contents apart, also where names and contents run into each other", () => {
    const text = fc.string({ maxLength: 4 });
    fc.assert(
      fc.property(text, text, text, text, (a, b, c, d) => {
        fc.pre(a !== c || b !== d);
        const dir = folderWith({ "m/__manifest__.py": "{}", "m/a": a, "m/b": b });
        const first = tagOf(dir);
        writeFileSync(join(dir, "m/a"), c);
        writeFileSync(join(dir, "m/b"), d);
        expect(tagOf(dir)).not.toBe(first);
      }),
      { numRuns: 40 },
    );
  });

  it("is there within 30 ms for 300 files", () => {
    const many = Object.fromEntries(
      Array.from({ length: 300 }, (_, i) => [`m/models/model_${i}.py`, "x = 1\n".repeat(500)]),
    );
    const folder = folderWith({ "m/__manifest__.py": "{}", ...many });
    const times = Array.from({ length: 10 }, () => {
      const start = performance.now();
      tagOf(folder);
      return performance.now() - start;
    });
    expect(Math.min(...times)).toBeLessThan(30);
  });
});

describe("the tags of the other images", () => {
  it("name their versions", () => {
    expect(expectedTag("postgres")).toMatch(/^odoo-stacks\/postgres:17-[0-9a-f]{12}$/);
    expect(expectedTag("proxy")).toMatch(/^odoo-stacks\/proxy:0\.9\.2-[0-9a-f]{12}$/);
    expect(expectedTag("mail")).toMatch(/^odoo-stacks\/mail:1-[0-9a-f]{12}$/);
  });

  it("name the version of kamal-proxy that is built where there is no registry", () => {
    const module = readFileSync(join(repositoryDir, "infra/engine/proxy/go.mod"), "utf8");
    expect(module).toContain(`github.com/basecamp/kamal-proxy v${proxyVersion}`);
  });
});

it("telling a tag loads none of the heavy packages that making an image takes", () => {
  const program = `
    require("tsx/cjs");
    require("./infra/images/content.ts").expectedTag("proxy");
    console.log(JSON.stringify(Object.keys(require.cache)));`;
  const output = execFileSync(process.execPath, ["--eval", program], { cwd: repositoryDir, encoding: "utf8" });
  const loaded = JSON.parse(output) as string[];
  expect(loaded).toContain(join(repositoryDir, "infra/images/files.ts"));
  const heavy = /node_modules\/(execa|dockerode|listr2|zod|yaml|@pulumi\/(docker|command|random))\//;
  expect(loaded.filter((id) => heavy.test(id))).toEqual([]);
  expect(loaded.filter((id) => id.includes("/infra/images/")).length).toBeLessThan(5);
});
