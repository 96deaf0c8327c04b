import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { silent } from "../../../infra/core/report";
import { type CacheEntry, ensureCached, isComplete } from "../../../infra/engine/cache";
import { withLock } from "../../../infra/engine/lock";

let root: string;
let made: number;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "odoo-stacks-cache-"));
  made = 0;
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** An entry whose one file counts how often it was made. */
function entry(key = "one"): CacheEntry {
  return {
    directory: join(root, "tools", "engine"),
    key,
    title: "Engine",
    make: (directory) => {
      made += 1;
      mkdirSync(join(directory, "bin"));
      writeFileSync(join(directory, "bin", "pulumi"), `made ${made} times`);
      return Promise.resolve(["bin/pulumi"]);
    },
  };
}

const executable = () => join(entry().directory, "bin", "pulumi");

/** A process number that belonged to a process which has ended. */
const deadProcess = () => spawnSync(process.execPath, ["--version"]).pid;

describe("the cache", () => {
  it("makes what is missing, once, with nothing left beside it", async () => {
    expect(isComplete(entry())).toBe(false);
    expect(await ensureCached(entry(), silent)).toBe(entry().directory);
    await ensureCached(entry(), silent);
    expect(made).toBe(1);
    expect(readdirSync(join(root, "tools"))).toEqual(["engine"]);
  });

  it.each<[string, () => void]>([
    ["truncated", () => truncateSync(executable(), 3)],
    ["overwritten", () => writeFileSync(executable(), "made 9 times")],
    ["touched", () => utimesSync(executable(), new Date(0), new Date(0))],
    ["missing", () => rmSync(executable())],
    ["without a manifest", () => rmSync(join(entry().directory, "manifest.json"))],
    ["with half a manifest", () => truncateSync(join(entry().directory, "manifest.json"), 20)],
    ["with an empty manifest", () => truncateSync(join(entry().directory, "manifest.json"), 0)],
  ])("makes again what is %s", async (_, damage) => {
    await ensureCached(entry(), silent);
    damage();
    expect(isComplete(entry())).toBe(false);
    await ensureCached(entry(), silent);
    expect(made).toBe(2);
    expect(readFileSync(executable(), "utf8")).toBe("made 2 times");
    expect(isComplete(entry())).toBe(true);
  });

  it("makes again what was made from something else", async () => {
    await ensureCached(entry("one"), silent);
    await ensureCached(entry("two"), silent);
    expect(made).toBe(2);
    expect(isComplete(entry("two"))).toBe(true);
    expect(isComplete(entry("one"))).toBe(false);
  });

  it("keeps what was there when making it anew fails, and can be asked again", async () => {
    await ensureCached(entry("one"), silent);
    const failing = { ...entry("two"), make: () => Promise.reject(new Error("no network")) };
    await expect(ensureCached(failing, silent)).rejects.toThrow("no network");
    expect(isComplete(entry("one"))).toBe(true);
    expect(readdirSync(join(root, "tools"))).toEqual(["engine"]);
    await ensureCached(entry("two"), silent);
    expect(isComplete(entry("two"))).toBe(true);
  });

  it("refuses an entry whose maker promises a file and does not bring it", async () => {
    const lying = { ...entry(), make: () => Promise.resolve(["bin/pulumi"]) };
    await expect(ensureCached(lying, silent)).rejects.toThrow("ENOENT");
    expect(existsSync(entry().directory)).toBe(false);
  });

  it("removes what a killed process left behind", async () => {
    mkdirSync(join(root, "tools", "engine.making-1"), { recursive: true });
    mkdirSync(join(root, "tools", "engine.old-1"), { recursive: true });
    await ensureCached(entry(), silent);
    expect(readdirSync(join(root, "tools"))).toEqual(["engine"]);
  });

  it("does the work once when two ask at the same time", async () => {
    const lines: string[] = [];
    await Promise.all([ensureCached(entry(), silent), ensureCached(entry(), (line) => lines.push(line))]);
    expect(made).toBe(1);
    expect(lines).toEqual([`Engine: waiting for process ${process.pid}, which is at it already`]);
  });
});

describe("the lock", () => {
  const file = () => join(root, "lock");

  it("is taken over from a process that is gone", async () => {
    writeFileSync(file(), String(deadProcess()));
    expect(await withLock(file(), "Engine", silent, () => Promise.resolve("done"))).toBe("done");
    expect(existsSync(file())).toBe(false);
  });

  it("is taken over when its holder has shown no sign of life, even if its number is in use again", async () => {
    writeFileSync(file(), String(process.pid));
    const longAgo = new Date(Date.now() - 120_000);
    utimesSync(file(), longAgo, longAgo);
    expect(await withLock(file(), "Engine", silent, () => Promise.resolve("done"))).toBe("done");
  });

  it("is waited for while its holder is alive", async () => {
    writeFileSync(file(), String(process.ppid));
    const lines: string[] = [];
    const waiting = withLock(
      file(),
      "Engine",
      (line) => {
        lines.push(line);
        rmSync(file()); // The holder lets go as soon as it is seen that someone waits for it.
      },
      () => Promise.resolve("done"),
    );
    expect(await waiting).toBe("done");
    expect(lines).toEqual([`Engine: waiting for process ${process.ppid}, which is at it already`]);
  });

  it("is released when the work fails", async () => {
    await expect(withLock(file(), "Engine", silent, () => Promise.reject(new Error("broken")))).rejects.toThrow(
      "broken",
    );
    expect(existsSync(file())).toBe(false);
  });
});
