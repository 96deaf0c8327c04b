import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { restingCheck, restSeconds, timeoutSeconds, wellFile } from "../../../components/core/health";
import { attempt } from "../../../infra/core/exec";

describe("a check of a container", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "odoo-stacks-test-"));
    // Says that it was asked to rest, instead of doing it.
    writeFileSync(join(dir, "sleep"), '#!/bin/sh\necho "rested $1"\n');
    chmodSync(join(dir, "sleep"), 0o755);
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const check = async (command: string) => {
    const script = restingCheck(command).replaceAll(wellFile, join(dir, "well"));
    const env = { PATH: `${dir}:${process.env.PATH}` };
    const { exitCode, stdout } = await attempt(["sh", "-c", script], { timeoutSeconds: 10, env });
    return { exitCode, stdout: stdout.trim() };
  };

  it("ends at once when it fails, and the first time that it succeeds; later ones rest", async () => {
    expect(await check("false")).toEqual({ exitCode: 1, stdout: "" });
    expect(await check("true")).toEqual({ exitCode: 0, stdout: "" });
    expect(await check("true")).toEqual({ exitCode: 0, stdout: `rested ${restSeconds}` });
    expect(await check("true")).toEqual({ exitCode: 0, stdout: `rested ${restSeconds}` });
  });

  it("does not rest after a failure, which Docker counts at the interval", async () => {
    await check("true");
    expect(await check("exit 3")).toEqual({ exitCode: 1, stdout: "" });
    expect(await check("false")).toEqual({ exitCode: 1, stdout: "" });
    expect(existsSync(join(dir, "well"))).toBe(false);
    expect(await check("true")).toEqual({ exitCode: 0, stdout: "" });
  });

  it("takes a command of several parts as one", async () => {
    expect(await check("true; false")).toMatchObject({ exitCode: 1 });
    expect(await check("false || true")).toMatchObject({ exitCode: 0 });
    expect(await check("test $(echo 2) -ge 2")).toMatchObject({ exitCode: 0 });
  });

  it("has more time than its rest takes", () => {
    expect(timeoutSeconds).toBeGreaterThanOrEqual(restSeconds + 10);
  });
});
