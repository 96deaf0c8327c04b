import { beforeEach, describe, expect, it, vi } from "vitest";
import { type JoinInput, step } from "../../../infra/commands/steps/join";
import type { RunResult } from "../../../infra/core/exec";
import type { SwarmNode } from "../../../infra/swarm/places";

/** What Docker was asked where, which Engines answer, and the machines of the Swarm. */
const world = vi.hoisted(() => ({ asked: [] as string[], silent: [] as string[], nodes: [] as SwarmNode[] }));

vi.mock("../../../infra/core/exec", () => {
  const attempt = (argv: readonly string[], { env }: { env: { DOCKER_HOST: string } }): Promise<RunResult> => {
    world.asked.push(`${env.DOCKER_HOST}: ${argv.slice(1).join(" ")}`);
    const exitCode = world.silent.includes(env.DOCKER_HOST) ? 1 : 0;
    return Promise.resolve({ exitCode, stdout: "", stderr: exitCode ? "ssh: no route to host" : "" });
  };
  return { attempt, run: attempt };
});
vi.mock("../../../infra/swarm/places", async (original) => ({
  ...(await original<object>()),
  swarmNodes: () => Promise.resolve(world.nodes),
}));

const input: JoinInput = {
  ...{ manager: "ssh://web", managerAddress: "10.0.0.10", name: "old", dockerHost: "ssh://old" },
  ...{ advertise: "10.0.0.11", manages: true, nodeLabels: {} },
};
const node: SwarmNode = {
  ...{ id: "node-2", machine: "old", labels: {}, role: "manager", state: "down", availability: "active" },
};

describe("a machine that is taken out of a platform", () => {
  const leave = async () => {
    const said: string[] = [];
    await step.remove(input, (line) => said.push(line), { nodeId: "node-2" });
    return said;
  };

  beforeEach(() => {
    world.asked = [];
    world.silent = [];
    world.nodes = [node];
  });

  it("is forgotten by the manager where it does not answer, after it has lost its say", async () => {
    world.silent = ["ssh://old"];
    expect(await leave()).toEqual([
      "old leaves the Swarm.",
      "old does not answer, and is forgotten: ssh: no route to host",
    ]);
    expect(world.asked).toEqual([
      "ssh://web: node demote node-2",
      "ssh://old: swarm leave",
      "ssh://web: node rm --force node-2",
    ]);
  });

  it("stays while it has data, whether or not it answers", async () => {
    world.nodes = [{ ...node, labels: { "odoo-stacks.database.acme": "true" } }];
    await expect(leave()).rejects.toThrow(/old can't be taken out yet[^]*data of acme/);
    // What others have as well does not keep it.
    world.nodes = [{ ...node, labels: { "odoo-stacks.files.acme": "shared" } }];
    expect(await leave()).toHaveLength(1);
  });
});
