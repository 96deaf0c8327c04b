import { beforeEach, describe, expect, it, vi } from "vitest";
import { type CopyOnRdsInput, step } from "../../../../infra/commands/steps/copyOnRds";
import { silent } from "../../../../infra/core/report";
import { UserError } from "../../../../infra/core/errors";
import type { Carriage } from "../../../../infra/operator/copy/carry";
import type { RdsCopyPlan } from "../../../../infra/operator/copy/rdsPlan";

/** What the operator was asked, and what it answers. */
const world = vi.hoisted(() => ({
  ...{ asked: [] as { command: unknown; mounts: unknown; input: string }[], answer: {} },
  ...{ order: [] as unknown[], fails: undefined as Error | undefined },
}));
vi.mock("../../../../infra/operator/client", () => ({
  newId: () => "20261127-060000-aaaaaa",
  OperatorClient: class {
    requireIdle = () => Promise.resolve(void world.order.push("idle"));
    run(_volumes: unknown, command: unknown, _report: unknown, more: { mounts: unknown; input: string }) {
      world.asked.push({ command, mounts: more.mounts, input: more.input });
      return Promise.resolve(`${JSON.stringify(world.answer)}\n`);
    }
  },
}));
vi.mock("../../../../infra/operator/copy/carry", () => ({
  carryFiles: ({ from, to, plan }: Carriage) => {
    world.order.push(["carry", from, to, plan.id]);
    return world.fails ? Promise.reject(world.fails) : Promise.resolve({ here: 5, sent: 2 });
  },
}));
vi.mock("../../../../infra/ssh/connect", () => ({
  connect: ({ address }: { address: string }) => Promise.resolve(void world.order.push(`connect ${address}`)),
}));
vi.mock("../../../../infra/operator/author", () => ({ author: () => Promise.resolve({ user: "ada" }) }));
vi.mock("../../../../infra/core/exec", () => ({
  attempt: (_argv: unknown, { env }: { env: { DOCKER_HOST: string } }) => {
    world.order.push(`volume at ${env.DOCKER_HOST}`);
    return Promise.resolve({ exitCode: 0, stdout: "", stderr: "" });
  },
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
  world.order.length = 0;
  world.fails = undefined;
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

describe("files of a source on another platform", () => {
  const other = { platform: "prod-platform", machine: "main", operator: "sha256:of-prod" };
  const from = { ...input, plan: { ...input.plan, source: { ...input.plan.source, other } } };

  it("are carried to where they wait, over open connections, before the operator begins", async () => {
    const said: string[] = [];
    expect(await step.apply(from, (line) => void said.push(line), undefined)).toEqual(made);
    expect(world.order).toEqual([
      ...["connect web", "connect test", "volume at ssh://web", "idle"],
      ["carry", { engine: "ssh://web", image: "sha256:of-prod" }, { engine: "ssh://test", image: "sha256:1" }, made.id],
    ]);
    expect(said).toContain("Of the files, 2 came from main of prod-platform, and 5 were here already.");
    const { mounts, input: text = "" } = world.asked[0] ?? {};
    expect(mounts).toEqual([]);
    expect((JSON.parse(text) as RdsCopyPlan).source).toMatchObject({ other });
  });

  it("are not, where the same instance was secured before", async () => {
    await step.apply(from, silent, made);
    expect(world.order).toEqual([]);
  });

  it("fail the copy when they don't come, and the operator is not begun", async () => {
    world.fails = new Error("the connection broke");
    await expect(step.apply(from, silent, undefined)).rejects.toThrow(
      /What staging had before is as it was[^]*step files[^]*connection broke/,
    );
    world.fails = new UserError("There is too little space for the copy.", []);
    await expect(step.apply(from, silent, undefined)).rejects.toThrow("too little space");
    expect(world.asked).toEqual([]);
  });
});
