import { beforeEach, describe, expect, it, vi } from "vitest";
import { UserError } from "../../../infra/core/errors";
import type { RunResult } from "../../../infra/core/exec";
import { chooseSnapshot, copyProgress } from "../../../infra/operator/snapshot";
import { dropSnapshot, keptSnapshots, useSnapshot } from "../../../infra/operator/snapshotsKept";
import { undo } from "../../../infra/operator/snapshotUndo";

/** What Docker was asked, and what it answers: one after the other, the last one again and again. */
const docker = vi.hoisted(() => ({ asked: [] as string[], answers: new Map<string, Partial<RunResult>[]>() }));

vi.mock("../../../infra/core/exec", () => ({
  attempt: (argv: readonly string[]): Promise<RunResult> => {
    const asked = argv.join(" ").replace("docker exec db /opt/odoo-stacks/snapshot.sh ", "");
    docker.asked.push(asked);
    const answers = docker.answers.get(asked);
    const answer = answers && answers.length > 1 ? answers.shift() : answers?.[0];
    if (!answer) throw new Error(`nobody expected: ${asked}`);
    return Promise.resolve({ exitCode: 0, stdout: "", stderr: "", ...answer });
  },
}));

const healthy = "docker inspect --format {{if .State.Health}}{{.State.Health.Status}}{{else}}healthy{{end}} db";
const database = { container: () => Promise.resolve("db") };
const gigabyte = 1024 ** 3;
const space = (free: number, needed: number) => ({ stdout: JSON.stringify({ free, cluster: gigabyte, needed }) });

/** Answers in the order in which they are given for the same command. */
function answer(answers: readonly (readonly [command: string, answer: Partial<RunResult>])[]): void {
  for (const [command, result] of answers) {
    docker.answers.set(command, [...(docker.answers.get(command) ?? []), result]);
  }
}

beforeEach(() => {
  docker.asked.length = 0;
  docker.answers.clear();
});

describe("the way a copy is made", () => {
  it("is to share blocks where that works", async () => {
    answer([["can-reflink", { stdout: "yes\n" }]]);
    expect((await chooseSnapshot(database, "auto")).kind).toBe("reflink");
    expect((await chooseSnapshot(database, "reflink")).kind).toBe("reflink");
  });

  it("is a replica elsewhere, and where that is asked for", async () => {
    answer([
      ["can-reflink", { stdout: "no\n" }],
      ["space", space(3 * gigabyte, 2 * gigabyte)],
    ]);
    expect((await chooseSnapshot(database, "auto")).kind).toBe("replica");
    expect((await chooseSnapshot(database, "replica")).kind).toBe("replica");
    expect(docker.asked).toEqual(["can-reflink", "space", "space"]);
    await expect(chooseSnapshot(database, "reflink")).rejects.toThrow(/release.snapshot/);
  });

  it("is refused where the disk would not hold it, with the figures", async () => {
    answer([["space", space(gigabyte, 2.5 * gigabyte)]]);
    await expect(chooseSnapshot(database, "replica")).rejects.toThrow(/expected: 2.5 GB free[^]*found: +1 GB free/);
  });
});

describe("a copy", () => {
  it.each([
    ["auto", ["reflink-start", "checkpoint", "reflink-freeze", "keep one", "discard"]],
    ["replica", ["replica-start", "checkpoint", "replica-freeze 7", "keep one", "discard"]],
  ] as const)("as %s is made by these commands", async (choice, commands) => {
    answer([
      ["can-reflink", { stdout: "yes" }],
      ["space", space(2, 1)],
      ...commands.map((name) => [name, {}] as const),
    ]);
    const snapshot = await chooseSnapshot(database, choice);
    docker.asked.length = 0;
    await snapshot.prepare();
    await snapshot.settle();
    await snapshot.freeze(7);
    await snapshot.keep("one");
    await snapshot.discard();
    expect(docker.asked).toEqual(commands);
  });

  it("tells how far it is", () => {
    const lines: string[] = [];
    const report = (line: string) => void lines.push(line);
    copyProgress("waiting for checkpoint", report);
    copyProgress(" 316624/1031575 kB (30%), 0/1 tablespace", report);
    expect(lines).toEqual(["copying the database: 30 %"]);
  });

  it.each([
    [
      { exitCode: 28, stdout: `{"free":${gigabyte},"needed":${4 * gigabyte}}`, stderr: "a copy needs" },
      /expected: 4 GB free[^]*found: +1 GB free/,
    ],
    [{ exitCode: 69, stderr: "odoo-stacks: the replica is not running" }, /is not running[^]*Start the release again/],
    [{ exitCode: 127, stderr: "no such file" }, /current postgres image[^]*pulumi up/],
    [{ exitCode: 1, stderr: "one\ntwo" }, /snapshot.sh replica-start[^]*one\ntwo/],
    [{ exitCode: 124 }, /found: +exit code 124/],
  ])("that fails says why: %o", async (result, message) => {
    answer([
      ["space", space(2, 1)],
      ["replica-start", result],
    ]);
    const failure = await chooseSnapshot(database, "replica")
      .then((snapshot) => snapshot.prepare())
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UserError);
    expect((failure as UserError).message).toMatch(message);
  });

  it("that was put aside is listed, used and dropped by name", async () => {
    answer([
      ["list", { stdout: '[{"id":"one","bytes":5}]\n' }],
      ["use one", {}],
      ["drop one", {}],
      ["use two", { exitCode: 66, stderr: "odoo-stacks: there is no copy named two" }],
    ]);
    expect(await keptSnapshots(database)).toEqual([{ id: "one", bytes: 5 }]);
    await useSnapshot(database, "one");
    await dropSnapshot(database, "one");
    await expect(useSnapshot(database, "two")).rejects.toThrow(/a copy that was made before[^]*named two/);
  });
});

describe("an undo", () => {
  it("ends a server that still runs, and waits for the next one", async () => {
    answer([
      ["apply-undo", {}],
      ["stop", {}],
      ["undo-state", { stdout: "wanted\n" }],
      ["undo-state", { exitCode: 137 }],
      ["undo-state", { stdout: "starting\n" }],
      ["undo-state", { stdout: "done\n" }],
      [healthy, { stdout: "starting\n" }],
      [healthy, { stdout: "healthy\n" }],
    ]);
    await undo(database, 30);
    const states = ["undo-state", "stop", "undo-state", "undo-state", "undo-state", healthy, "undo-state", healthy];
    expect(docker.asked).toEqual(["apply-undo", ...states]);
  });

  it("waits for the container before it begins", async () => {
    answer([
      ["apply-undo", { exitCode: 1, stderr: "Error response from daemon: Container db is not running" }],
      ["apply-undo", { exitCode: 126, stderr: "OCI runtime exec failed" }],
      ["apply-undo", {}],
      ["undo-state", { stdout: "done" }],
      [healthy, { stdout: "healthy" }],
    ]);
    let asked = 0;
    const container = () => {
      asked += 1;
      return asked > 1 ? Promise.resolve("db") : Promise.reject(new Error("there is none"));
    };
    await undo({ container }, 30);
    expect(docker.asked).toEqual(["apply-undo", "apply-undo", "apply-undo", "undo-state", healthy]);
  });

  it("ends at once where there is nothing to go back to", async () => {
    answer([["apply-undo", { exitCode: 66, stderr: "odoo-stacks: there is no copy to go back to" }]]);
    await expect(undo(database, 30)).rejects.toThrow(/no copy to go back to/);
    expect(docker.asked).toEqual(["apply-undo"]);
  });

  it("gives up after its time, with what is known", async () => {
    answer([
      ["apply-undo", {}],
      ["undo-state", { stdout: "starting" }],
      ["docker logs --tail 20 db", { stdout: "LOG:  redo in progress" }],
    ]);
    await expect(undo(database, 0.3)).rejects.toThrow(/within 0.3 seconds the database answers[^]*redo in progress/);
    await expect(undo({ container: () => Promise.reject(new Error("no container")) }, 0.3)).rejects.toThrow(
      /the mark that asks for it[^]*no container/,
    );
  });
});
