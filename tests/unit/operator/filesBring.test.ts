import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { FilesRoute } from "../../../infra/operator/files/argv";
import { bring, type BringOptions } from "../../../infra/operator/files/bring";
import { mirroredFiles } from "../../../infra/operator/files/missing";
import { folderWith } from "../../support/folders";

/** Stands for Docker: a volume is a folder, and what a container would run runs in it. */
const fakeDocker = `#!/bin/bash
target=
while [ $# -gt 0 ]; do
  case $1 in
    --volume) case $2 in *:/files:ro) source=\${2%:/files:ro} ;; *:/to) target=\${2%:/to} ;; esac; shift 2 ;;
    --entrypoint) program=$2; shift 3; break ;;
    *) shift ;;
  esac
done
cd "$source" && exec "$program" "\${@//\\/to/$target}"
`;

const put = (path: string, content: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
};

/** Where Odoo has a file with this content, and as what it is in the filestore. */
const named = (content: string): string => {
  const sum = createHash("sha1").update(content).digest("hex");
  return `${sum.slice(0, 2)}/${sum}`;
};

describe.each(["another machine", "this machine"])("files from %s", (machine) => {
  let [old, here] = ["", ""];
  const lines: string[] = [];
  const run = (more: Partial<BringOptions> = {}) => {
    const from = { engine: machine === "this machine" ? undefined : "ssh://old", volume: old };
    const route: FilesRoute = {
      stack: "prod",
      image: "operator",
      gentle: true,
      from,
      to: { volume: here, folder: here },
    };
    const report = (line: string) => void lines.push(line);
    return bring(route, { mirrored: mirroredFiles, database: "odoo", report, last: false, ...more });
  };
  const [one, two] = ["one", "two, longer"];

  beforeEach(() => {
    const bin = folderWith({ docker: fakeDocker });
    chmodSync(join(bin, "docker"), 0o755);
    vi.stubEnv("PATH", `${bin}${delimiter}${process.env.PATH ?? ""}`);
    old = folderWith({
      [`filestore/odoo/${named(one)}`]: one,
      [`filestore/odoo/${named(two)}`]: two,
      "sessions/ab/abc": "session",
      ".incoming/copy/file": "half",
      "addons/19.0/odd\nname": "odd",
    });
    here = folderWith({});
    const set = join(old, ".sets/20261123", named(one));
    mkdirSync(dirname(set), { recursive: true });
    linkSync(join(old, "filestore/odoo", named(one)), set);
    chmodSync(join(old, "sessions/ab/abc"), 0o600);
    lines.length = 0;
  });
  afterEach(() => void vi.unstubAllEnvs());

  it("come with their modes and times; work under way does not, and nothing is a link to the old place", async () => {
    expect(await run()).toMatchObject({ files: 4, all: { files: 5 } });
    const text = (path: string) => readFileSync(join(here, path), "utf8");
    expect([text(`filestore/odoo/${named(two)}`), text("addons/19.0/odd\nname")]).toEqual([two, "odd"]);
    expect(existsSync(join(here, ".incoming"))).toBe(false);
    const [before, after] = [old, here].map((place) => statSync(join(place, "sessions/ab/abc")));
    expect(after).toMatchObject({ mode: before?.mode, mtimeMs: before?.mtimeMs });
    expect(statSync(join(here, ".sets/20261123", named(one))).size).toBe(one.length);
    expect(after?.ino).not.toBe(before?.ino);
  });

  it("come once; then only what is new, was cut off or has changed, and ended sessions go", async () => {
    await run();
    expect(await run()).toMatchObject({ files: 0, bytes: 0 });
    put(join(old, "filestore/odoo", named("new")), "new");
    truncateSync(join(here, "filestore/odoo", named(two)), 2);
    writeFileSync(join(old, "sessions/ab/abc"), "SESSION");
    utimesSync(join(old, "sessions/ab/abc"), 1, 2);
    put(join(here, "sessions/cd/cde"), "ended");
    put(join(here, "filestore/odoo/zz/own"), "of the new web containers");
    expect(await run({ last: true })).toMatchObject({ files: 3, bytes: 3 + two.length + 7, all: { files: 6 } });
    expect(readFileSync(join(here, "sessions/ab/abc"), "utf8")).toBe("SESSION");
    expect(readFileSync(join(here, "filestore/odoo", named(two)), "utf8")).toBe(two);
    expect(existsSync(join(here, "sessions/cd/cde"))).toBe(false);
    expect(existsSync(join(here, "filestore/odoo/zz/own"))).toBe(true);
  });

  it("are told of where their content was wrong before", async () => {
    put(join(old, "filestore/odoo", named("right")), "wrong");
    await run({ last: true });
    expect(lines.at(-1)).toMatch(new RegExp(`${named("right")} is not what its name says, at the old place as well`));
  });

  it("that can't be read are an error with its cause", async () => {
    rmSync(old, { recursive: true });
    await expect(run()).rejects.toThrow(/failed with exit code[^]*No such file or directory/);
    mkdirSync(old);
  });
});
