import type { Stack } from "@pulumi/pulumi/automation";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { removeOrphans } from "../../../infra/cli/orphans";
import { useEngines } from "../../../infra/swarm/engines";

const commands = vi.hoisted(() => [] as string[]);
const [manager, web] = vi.hoisted(() => ["ssh://root@10.0.0.10:22", "ssh://root@10.0.0.11:22"]);
/** The states that were written. */
const states: unknown[] = [];

vi.mock("../../../infra/core/exec", async (original) => ({
  ...(await original<object>()),
  run: (argv: readonly string[]) => {
    commands.push(argv.join(" "));
    return Promise.resolve(argv.includes("service") ? "known\nlost\n" : "");
  },
  attempt: (argv: readonly string[]) => {
    commands.push(argv.join(" "));
    const stdout = argv.includes("ps") && argv.includes(web) ? "proxy-known\nproxy-lost\n" : "";
    return Promise.resolve({ exitCode: 0, stdout, stderr: "" });
  },
}));

/** A stack in whose state one service and one proxy are. */
function stackOf(pending: readonly unknown[]): Stack {
  const deployment = { pending_operations: pending, resources: [{ id: "known" }, { id: "proxy-known" }] };
  return {
    exportStack: () => Promise.resolve({ deployment }),
    importStack: (imported: unknown) => Promise.resolve(void states.push(imported)),
  } as unknown as Stack;
}

beforeEach(() => void (commands.length = 0));
afterEach(() => useEngines({ others: [] }));

describe("what an interrupted run left behind", () => {
  it("is removed where it is in no state, and told of", async () => {
    const told: string[] = [];
    await removeOrphans(stackOf([{}]), "acme", (line) => told.push(line));
    expect(commands).toContain("docker service rm lost");
    expect(commands).not.toContain("docker service rm known");
    expect(told).toEqual(["Removing the service lost that an interrupted run left behind."]);
  });

  it("is looked for at the manager, which alone knows what is in a Swarm", async () => {
    useEngines({ manager, others: [manager] });
    await removeOrphans(stackOf([{}]), "acme", () => undefined);
    const asked = commands.filter((command) => !command.includes(" ps "));
    expect(asked.length).toBeGreaterThan(4);
    expect(asked.filter((command) => !command.startsWith(`docker --host ${manager} `))).toEqual([]);
  });

  it("is looked for on every machine, where it is a proxy", async () => {
    useEngines({ others: [web] });
    await removeOrphans(stackOf([{}]), "acme", () => undefined);
    expect(commands.filter((command) => / rm --force /.test(command))).toEqual([
      `docker --host ${web} rm --force proxy-lost`,
    ]);
  });

  it("is not looked for where nothing was interrupted, or only something in AWS", async () => {
    await removeOrphans(stackOf([]), "acme", () => undefined);
    await removeOrphans(stackOf([{ resource: { type: "aws:ec2/vpc:Vpc" } }]), "acme", () => undefined);
    expect(commands).toEqual([]);
  });

  it("stays in the state where it is in AWS, so that the engine goes on telling of it", async () => {
    const vpc = { resource: { type: "aws:ec2/vpc:Vpc" } };
    await removeOrphans(
      stackOf([vpc, { resource: { type: "docker:index/network:Network" } }]),
      "acme",
      () => undefined,
    );
    expect(states.at(-1)).toMatchObject({ deployment: { pending_operations: [vpc] } });
  });
});
