import { beforeEach, describe, expect, it, vi } from "vitest";
import { type CopyOnRdsInput, step } from "../../../../infra/commands/steps/copyOnRds";
import { silent } from "../../../../infra/core/report";
import type { RdsCopyPlan } from "../../../../infra/operator/copy/rdsPlan";

/** What the operator was asked, and what it answers. */
const world = vi.hoisted(() => ({ asked: [] as { command: unknown; mounts: unknown; input: string }[], answer: {} }));
vi.mock("../../../../infra/operator/client", () => ({
  newId: () => "20261127-060000-aaaaaa",
  OperatorClient: class {
    run(_volumes: unknown, command: unknown, _report: unknown, more: { mounts: unknown; input: string }) {
      world.asked.push({ command, mounts: more.mounts, input: more.input });
      return Promise.resolve(`${JSON.stringify(world.answer)}\n`);
    }
  },
}));
vi.mock("../../../../infra/operator/author", () => ({ author: () => Promise.resolve({ user: "ada" }) }));
vi.mock("../../../../infra/core/exec", () => ({
  attempt: () => Promise.resolve({ exitCode: 0, stdout: "", stderr: "" }),
}));

const input = {
  ...{
    dockerHost: "ssh://test",
    sourceHost: "ssh://web",
    hasPeers: true,
    operator: "sha256:1",
    adminPassword: "of-staging",
  },
  plan: {
    ...{ key: "1 db-A", stack: "staging", secure: { admin: { login: "admin" } } },
    source: { stack: "prod", database: "live", volumes: { database: "d", filestore: "f" } },
    volumes: { database: "d", filestore: "f", releases: "r" },
  },
} as unknown as CopyOnRdsInput;
const made = { id: "20261127-060000-aaaaaa", key: "1 db-A", dataFrom: "2026-11-27T05:30:00Z" };

beforeEach(() => {
  world.asked.length = 0;
  world.answer = made;
});

describe("the step that secures a copy on RDS", () => {
  it("hands the plan to the operator, with the administrator's password as Odoo keeps it", async () => {
    expect(await step.apply(input, silent, undefined)).toEqual(made);
    const { command, mounts, input: text = "" } = world.asked[0] ?? {};
    expect([command, mounts]).toEqual([["copy-on-rds"], ["f:/source/files:ro"]]);
    expect(text).not.toContain("of-staging");
    const plan = JSON.parse(text) as RdsCopyPlan;
    expect(plan).toMatchObject({ version: 1, id: made.id, key: "1 db-A", author: { user: "ada" } });
    expect(plan.secure.admin.passwordHash).toMatch(/^\$pbkdf2-sha512\$600000\$/);
  });

  it("does nothing where the same instance was secured before, whatever else has changed", async () => {
    expect(await step.apply({ ...input, operator: "sha256:2" }, silent, made)).toBe(made);
    expect(world.asked).toEqual([]);
    await step.apply(input, silent, { ...made, key: "1 db-B" });
    expect(world.asked).toHaveLength(1);
  });

  it("fails, and says where and why, when it could not be secured", async () => {
    world.answer = { step: "secure", reason: "the copy is not neutralised" };
    await expect(step.apply(input, silent, undefined)).rejects.toThrow(
      /prod could not be made[^]*step secure[^]*not neutralised/,
    );
  });
});
