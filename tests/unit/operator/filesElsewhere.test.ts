import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Argv } from "../../../infra/commands/docker";
import { silent } from "../../../infra/core/report";
import { bringFiles } from "../../../infra/operator/copy/filesElsewhere";

/** Names of files by their content, as a filestore has them. */
const [a, b, c] = ["a", "b", "c"].map((digit) => `${digit.repeat(2)}/${digit.repeat(40)}`) as [string, string, string];
const whole = {
  "checklist/aa/note": "",
  "odd name": "odd",
  [a]: "content of a",
  [b]: "content of b",
  [c]: "content of c",
};

let folder: string;
const at = (...names: string[]): string => join(folder, ...names);
const write = (root: string, files: Readonly<Record<string, string>>) => {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(at(root, name)), { recursive: true });
    writeFileSync(at(root, name), content);
  }
};
/** Stands for another machine: the same commands, noted. */
let asked: Argv[];
const bring = (change: (command: Argv) => Argv = (command) => command) => {
  const reach = (command: Argv) => {
    asked.push(command);
    return change(command);
  };
  return bringFiles({ path: at("source"), reach }, { to: at("to"), like: at("own") }, silent);
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "odoo-stacks-test-"));
  asked = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const expectWhole = () => {
  for (const [name, content] of Object.entries(whole)) expect(readFileSync(at("to", name), "utf8")).toBe(content);
};

describe("files from another machine", () => {
  it("all come from there where there are none here", async () => {
    write("source", whole);
    mkdirSync(at("source", "empty"), { mode: 0o750 });
    utimesSync(at("source", a), 1_000_000, 1_000_000);
    expect(await bring()).toEqual({ here: 0, sent: 5 });
    expectWhole();
    expect(statSync(at("to", "empty")).mode & 0o777).toBe(0o750);
    expect(statSync(at("to", a)).mtimeMs).toBe(1_000_000_000);
    expect(asked.map(([program]) => program)).toEqual(["find", "tar"]);
    expect(readdirSync(folder).sort()).toEqual(["source", "to"]);
  });

  it("are taken from here where content tells that they are the same", async () => {
    write("source", whole);
    // One was cut off when it was written, one is named by a person, one is of no use.
    write("own/former", { [a]: "content of a", [b]: "content", "odd name": "own", "dd/eeee": "" });
    write("own/older copy", { [c]: "content of c" });
    expect(await bring()).toEqual({ here: 2, sent: 3 });
    expectWhole();
    expect(existsSync(at("to", "dd"))).toBe(false);
    // Nobody who writes to one changes the other.
    expect(statSync(at("to", a)).nlink).toBe(1);
    expect(statSync(at("to", a)).ino).not.toBe(statSync(at("own/former", a)).ino);
  });

  it("may vanish meanwhile", async () => {
    write("source", whole);
    const removing = (command: Argv) =>
      command[0] === "tar" ? ["sh", "-c", 'rm "$0" && "$@"', at("source", a), ...command] : command;
    await bring(removing);
    expect(existsSync(at("to", a))).toBe(false);
    expect(readFileSync(at("to", b), "utf8")).toBe("content of b");
  });

  it("are all asked for: one that has not come, and is there, is missed", async () => {
    write("source", whole);
    const forgetting = (command: Argv) =>
      command[0] === "tar" ? ["sh", "-c", `grep -z -v ${a} | "$@"`, "sh", ...command] : command;
    await expect(bring(forgetting)).rejects.toThrow(/Not all files have come[^]*1 of them are missing, such as .*aaaa/);
    expect(readdirSync(folder).sort()).toEqual(["source", "to"]);
  });

  it("are not whole where the connection breaks off", async () => {
    write("source", whole);
    const breaking = (program: string) => (command: Argv) =>
      command[0] === program ? ["sh", "-c", '"$@"; exit 255', "sh", ...command] : command;
    await expect(bring(breaking("tar"))).rejects.toThrow(/exit code 255/);
    await expect(bring(breaking("find"))).rejects.toThrow(/exit code 255/);
  });

  it("must have their folder", async () => {
    await expect(bring()).rejects.toThrow(/No such file or directory/);
  });
});
