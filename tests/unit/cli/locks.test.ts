import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { clearStaleLock } from "../../../infra/cli/locks";
import type { Workspace } from "../../../infra/cli/workspace";
import { folderWith } from "../../support/folders";
import { until } from "../../support/until";

const path = ".pulumi/locks/organization/odoo-stacks/acme/1.json";
const lockOf = (pid: number, host = hostname()) =>
  JSON.stringify({ pid, username: "ada", hostname: host, timestamp: "2026-01-31T12:00:00Z" });
const workspaceIn = (dir: string, scheme = "file://"): Workspace =>
  ({ project: dir, env: { PULUMI_BACKEND_URL: `${scheme}${dir}` } }) as unknown as Workspace;

/** The number of a process that has ended. */
const endedProcess = (): number => spawnSync(process.execPath, ["-e", ""]).pid;

/** What was reported while a lock was looked at, and whether it is still there. */
function clear(lock: string): { said: string[]; left: boolean } {
  const dir = folderWith({ [path]: lock, [`${path}.attrs`]: '{"user.content_type":"application/json"}' });
  const said: string[] = [];
  clearStaleLock(workspaceIn(dir), "acme", (line) => said.push(line));
  return { said, left: readdirSync(dirname(join(dir, path))).length > 0 };
}

describe("a lock of Pulumi's file backend", () => {
  it("goes when its process is gone, and that is said", () => {
    const pid = endedProcess();
    expect(clear(lockOf(pid))).toEqual({ said: [expect.stringContaining(`process ${pid}`)], left: false });
  });

  it("goes when its process has ended and nobody has taken note of that", async () => {
    const parent = spawn("sh", ["-c", "sleep 0.3 & echo $!; exec sleep 30"]);
    try {
      const [line] = (await once(parent.stdout, "data")) as [Buffer];
      const pid = Number(line.toString());
      await until("the process has ended", 10, () => readFileSync(`/proc/${pid}/status`, "utf8").includes("zombie"));
      expect(clear(lockOf(pid)).left).toBe(false);
    } finally {
      parent.kill();
    }
  });

  it("stays while its process lives: the error names the holder and the next command", () => {
    expect(() => clear(lockOf(process.pid))).toThrow(
      new RegExp(`held by ada@${hostname()}, process ${process.pid}[\\s\\S]*pulumi cancel -s acme`),
    );
  });

  it("stays when it is another machine's, whatever runs here", () => {
    expect(() => clear(lockOf(endedProcess(), "elsewhere"))).toThrow(/held by ada@elsewhere/);
  });

  it("is nobody's where there is none", () => {
    expect(() => clearStaleLock(workspaceIn(folderWith({})), "acme", () => undefined)).not.toThrow();
  });

  it("is left to other backends, which end locks by themselves", () => {
    const dir = folderWith({ [path]: lockOf(endedProcess()) });
    clearStaleLock(workspaceIn(dir, "https://"), "acme", () => undefined);
    expect(existsSync(join(dir, path))).toBe(true);
  });
});
