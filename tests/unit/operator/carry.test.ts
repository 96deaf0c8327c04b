import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Report } from "../../../infra/core/report";
import { carryFiles } from "../../../infra/operator/copy/carry";
import { folderWith } from "../../support/folders";

/** Names of files by their content, as a filestore has them. */
const [a, b] = ["a", "b"].map((digit) => `${digit.repeat(2)}/${digit.repeat(40)}`) as [string, string];
const id = "20261127-060000-aaaaaa";

/**
 * Stands for Docker on two machines: what is to be run in a container is run here, in folders instead of volumes, after a line about it was
 * written down. `FAILS`: a word by which a command is known that fails, after it has begun.
 */
const docker = String.raw`#!/bin/bash
# In one piece: sender and receiver begin at the same time.
line=$(tr '\n' ' ' <<<"$*"); printf '%s\n' "$line" >>"$WORLD/asked"
[ "$1" = --host ] || exit 90
machine=$2; shift 2
[ "$1" = run ] || exit 0
while [ "$1" != --entrypoint ]; do
  [ "$1" = --volume ] && volume=$2
  shift
done
program=$2; shift 3
IFS=: read -r name path mode <<<"$volume"
args=()
for arg; do args+=("$(sed "s#^$path#$WORLD/$machine/$name#" <<<"$arg")"); done
if [ -n "$FAILS" ] && [[ "$program $*" == *"$FAILS"* ]]; then head --bytes 100 >/dev/null; echo "broken pipe" >&2; exit 255; fi
exec "$program" "$${"{args[@]}"}"
`;

let world: string;
let said: string[];
const report: Report = (line) => void said.push(line);
const before = { ...process.env };
const plan = {
  ...{ id, stack: "staging", database: "odoo-2" },
  source: { stack: "prod", database: "live", volumes: { database: "prod-d", filestore: "prod-f" } },
  volumes: { database: "staging-d", filestore: "staging-f", releases: "staging-r" },
};
const carry = () =>
  carryFiles({ plan, from: { engine: "prod", image: "sha256:p" }, to: { engine: "test", image: "sha256:t" } }, report);
const asked = () => readFileSync(join(world, "asked"), "utf8").split("\n").filter(Boolean);
const here = (...names: string[]) => join(world, "test/staging-f", ...names);

beforeEach(() => {
  said = [];
  world = folderWith({
    [`prod/prod-f/filestore/live/${a}`]: "content of a",
    [`prod/prod-f/filestore/live/${b}`]: "content of b",
    "prod/prod-f/sessions/secret": "",
    [`test/staging-f/filestore/odoo-1/${a}`]: "content of a",
    "test/staging-f/.incoming/left/over": "",
    "bin/docker": docker,
  });
  chmodSync(join(world, "bin/docker"), 0o755);
  const PATH = [join(world, "bin"), before.PATH].join(delimiter);
  Object.assign(process.env, { PATH, WORLD: world, FAILS: "" });
});
afterEach(() => {
  Object.assign(process.env, { PATH: before.PATH, WORLD: "", FAILS: "" });
});

describe("files that are carried from another platform", () => {
  it("come whole to where they wait, but for those that the copy before has", async () => {
    expect(await carry()).toEqual({ here: 1, sent: 1 });
    const arrived = here(".incoming", id, "filestore/odoo-2");
    expect(readFileSync(join(arrived, a), "utf8")).toBe("content of a");
    expect(readFileSync(join(arrived, b), "utf8")).toBe("content of b");
    expect(readdirSync(here(".incoming"))).toEqual([id]);
    // Neither lists nor anything else beside them.
    expect(readdirSync(dirname(arrived))).toEqual(["odoo-2"]);
    expect(readdirSync(here()).sort()).toEqual([".incoming", "filestore"]);
  });

  it("are read by the source's image without a way to write, and written by the own one", async () => {
    await carry();
    const runs = asked().filter((line) => line.includes(" run "));
    const [there, own] = ["prod", "test"].map((machine) =>
      runs.filter((line) => line.startsWith(`--host ${machine} `)),
    );
    expect(there?.map((line) => / --entrypoint (\w+) sha256:p /.exec(line)?.[1])).toEqual(["sh", "find", "tar"]);
    expect(there?.every((line) => line.includes(" --volume prod-f:/source/files:ro "))).toBe(true);
    expect(own?.every((line) => line.includes(" --volume staging-f:/filestore --entrypoint"))).toBe(true);
    for (const line of runs) {
      expect(line).toMatch(/--rm --interactive --init --name staging-copy-(files|arriving) /);
      expect(line).toContain("--label odoo-stacks.stack=staging --label odoo-stacks.role=job --cpu-shares 128");
      expect(line).toContain("--network none --log-driver none");
    }
  });

  it("leave nothing behind on either machine when they don't come", async () => {
    const ended = ["--host prod rm --force staging-copy-files ", "--host test rm --force staging-copy-arriving "];
    for (const fails of ["find /source", "tar --create", "tar --extract", "sort"]) {
      process.env.FAILS = fails;
      await expect(carry()).rejects.toThrow(/broken pipe/);
      expect(existsSync(here(".incoming"))).toBe(false);
      expect(readdirSync(here("filestore"))).toEqual(["odoo-1"]);
      // Before it began, and after it had failed.
      for (const line of ended) expect(asked().filter((one) => one === line).length).toBeGreaterThanOrEqual(2);
    }
    process.env.FAILS = "";
    expect(await carry()).toEqual({ here: 1, sent: 1 });
    expect(said).toEqual([]);
  });

  it("are not begun with where they would not fit", async () => {
    const df = "#!/bin/sh\necho Avail; echo 1000\n";
    writeFileSync(join(world, "bin/df"), df, { mode: 0o755 });
    await expect(carry()).rejects.toThrow(/too little space[^]*the disk with the filestore's volume/);
    expect(asked().some((line) => line.includes("tar"))).toBe(false);
    expect(existsSync(here(".incoming"))).toBe(false);
  });

  it("are none where the source has no such folder", async () => {
    mkdirSync(join(world, "prod/empty/filestore"), { recursive: true });
    const source = { ...plan.source, volumes: { ...plan.source.volumes, filestore: "empty" } };
    const from = { engine: "prod", image: "sha256:p" };
    const way = { plan: { ...plan, source }, from, to: { engine: "test", image: "sha256:t" } };
    await expect(carryFiles(way, report)).rejects.toThrow(/No such file or directory/);
  });
});
