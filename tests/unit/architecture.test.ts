import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { repositoryDir } from "../../infra/core/paths";

/**
 * The parts of the code, and which others each may import: from what knows nothing of the rest to what knows all of it.
 * Types count like values: a part that needs a type of another one depends on it.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  "infra/core": [],
  "infra/engine": ["infra/core"],
  "infra/docker": ["infra/core"],
  // Machines of the user's own.
  "infra/ssh": ["infra/core"],
  // Several machines in one Swarm.
  "infra/swarm": ["infra/core", "infra/commands"],
  "infra/images": ["infra/core", "infra/engine", "infra/docker", "infra/commands"],
  "infra/commands": ["infra/core"],
  "infra/config": ["infra/core", "infra/commands"],
  // The operations that Pulumi runs: what builders of argument lists are for.
  "infra/commands/steps": [
    ...["infra/core", "infra/commands", "infra/docker", "infra/images", "infra/ssh", "infra/swarm", "infra/operator"],
  ],
  // What carries a release out on the machine itself.
  "infra/operator": ["infra/core", "infra/commands", "infra/swarm", "infra/trial"],
  "infra/targets": ["infra/core", "infra/commands", "infra/config", "infra/ssh", "infra/swarm"],
  components: [
    ...[
      "infra/core",
      "infra/commands",
      "infra/commands/steps",
      "infra/config",
      "infra/images",
      "infra/ssh",
      "infra/swarm",
    ],
  ],
  "infra/programs": ["infra/core", "infra/commands", "infra/config", "infra/swarm", "infra/targets", "components"],
  infra: ["infra/core", "infra/config", "infra/programs"],
  // What AWS bills.
  "infra/cost": [],
  // A copy of an environment's data to try things on.
  "infra/trial": ["infra/core", "infra/commands"],
  "infra/cli": [
    ...["infra/core", "infra/engine", "infra/docker", "infra/images", "infra/ssh", "infra/swarm"],
    ...["infra/commands", "infra/commands/steps", "infra/config", "infra/operator", "infra/trial"],
    "infra/cost",
  ],
};
const parts = Object.keys(mayImport).sort((a, b) => b.length - a.length);

/** The files that git knows or would take in. */
const files = execFileSync(
  "git",
  ["-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard"],
  { cwd: repositoryDir, encoding: "utf8" },
)
  .split("\n")
  .filter(Boolean);
/** Content by path; files that are gone from the folder but still known to git are left out. */
const read = (file: string): string | undefined => {
  try {
    return readFileSync(join(repositoryDir, file), "utf8");
  } catch {
    return undefined;
  }
};
const sources = files.filter((file) => /^(infra|components)\/.*\.ts$/.test(file));

const partOf = (file: string) => parts.find((part) => file.startsWith(`${part}/`)) ?? "";

/** Paths of the project's own files that a file imports, in whatever way. */
function importsOf(file: string): string[] {
  const found = (read(file) ?? "").matchAll(
    /(?:\bfrom\s+|\bimport\s*\(\s*|\bimport\s+|\brequire\s*\(\s*)["'`](\.[^"'`$]+)["'`]/g,
  );
  return [...found].map(([, path = ""]) => normalize(join(dirname(file), path)));
}

describe("the code's parts", () => {
  it("are all known here", () => {
    expect(sources.length).toBeGreaterThan(50);
    expect(sources.filter((file) => partOf(file) === "")).toEqual([]);
  });

  it("import each other in one direction", () => {
    const wrong = sources.flatMap((file) => {
      const from = partOf(file);
      const allowed = [from, ...(mayImport[from] ?? [])];
      // A folder is imported by its own name, a file by its path without ending.
      const bad = importsOf(file).filter((path) => !allowed.includes(partOf(`${path}/`)));
      return bad.map((path) => `${file} imports ${path}`);
    });
    expect(wrong).toEqual([]);
  });

  it("form no circle", () => {
    const reaches = (part: string, seen: ReadonlySet<string> = new Set()): ReadonlySet<string> =>
      (mayImport[part] ?? []).reduce(
        (all, next) => (all.has(next) ? all : reaches(next, new Set([...all, next]))),
        seen,
      );
    expect(parts.filter((part) => reaches(part).has(part))).toEqual([]);
  });

  it("are used: an import that the list allows and nobody makes is taken off it", () => {
    const made = new Set(
      sources.flatMap((file) => importsOf(file).map((path) => `${partOf(file)} → ${partOf(`${path}/`)}`)),
    );
    const allowed = parts.flatMap((part) => (mayImport[part] ?? []).map((other) => `${part} → ${other}`));
    expect(allowed.filter((pair) => !made.has(pair))).toEqual([]);
  });
});

describe("files", () => {
  it("hold one idea each, in 250 lines at most; tests and scripts, which list cases, in 450", () => {
    const code = files.filter((file) => /\.(ts|mts|cjs|mjs|py|sh|go)$/.test(file));
    const most = (file: string) => (sources.includes(file) ? 250 : 450);
    const long = code.filter((file) => (read(file) ?? "").trimEnd().split("\n").length > most(file));
    expect(code.length).toBeGreaterThan(60);
    expect(long).toEqual([]);
  });

  it("name no package registry's host: which one is used is the machine's matter", () => {
    // In parts, so that this file does not name them either.
    const hosts = [
      ["registry", "npmjs", "org"],
      ["registry", "yarnpkg", "com"],
      ["pypi", "org"],
      ["files", "pythonhosted", "org"],
      ["proxy", "golang", "org"],
      ["deb", "debian", "org"],
      ["registry-1", "docker", "io"],
    ].map((labels) => labels.join("."));
    const named = files.flatMap((file) =>
      hosts.filter((host) => read(file)?.includes(host)).map((host) => `${file}: ${host}`),
    );
    expect(named).toEqual([]);
  });

  it("leave nothing to be done later", () => {
    const marks = new RegExp(["TO", "DO|FIX", "ME|X", "XX"].join(""));
    const code = files.filter((file) => /\.(ts|mts|cjs|mjs|py|sh)$/.test(file) || file.endsWith("Dockerfile"));
    expect(code.filter((file) => marks.test((read(file) ?? "").replaceAll(/X{4,}/g, "")))).toEqual([]);
  });
});
