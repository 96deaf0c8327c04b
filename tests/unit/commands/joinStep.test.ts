import { beforeEach, describe, expect, it, vi } from "vitest";
import { type JoinInput, step } from "../../../infra/commands/steps/join";
import type { RunResult } from "../../../infra/core/exec";
import type { SwarmNode } from "../../../infra/swarm/places";

/** What Docker was asked where, which Engines answer, and the machines of the Swarm. */
const world = vi.hoisted(() => ({
  ...{ asked: [] as string[], silent: [] as string[], nodes: [] as SwarmNode[] },
  /** Whether Docker refuses that a manager becomes a worker, and why. */
  refused: "",
}));

vi.mock("../../../infra/core/exec", () => {
  const attempt = (argv: readonly string[], { env }: { env: { DOCKER_HOST: string } }): Promise<RunResult> => {
    world.asked.push(`${env.DOCKER_HOST}: ${argv.slice(1).join(" ")}`);
    const exitCode = world.silent.includes(env.DOCKER_HOST) ? 1 : 0;
    return Promise.resolve({ exitCode, stdout: "", stderr: exitCode ? "ssh: no route to host" : "" });
  };
  const swarm = JSON.stringify({ Swarm: { LocalNodeState: "active", NodeID: "node-1" } });
  const run = async (argv: readonly string[], options: { env: { DOCKER_HOST: string } }): Promise<string> => {
    const { stdout } = await attempt(argv, options);
    if (world.refused && argv.includes("demote")) throw new Error(world.refused);
    return argv.includes("info") ? swarm : stdout;
  };
  return { attempt, run };
});
vi.mock("../../../infra/swarm/places", async (original) => ({
  ...(await original<object>()),
  swarmNodes: () => {
    const removed = (id: string) => world.asked.includes(`ssh://web: node rm --force ${id}`);
    return Promise.resolve(world.nodes.filter(({ id }) => !removed(id)));
  },
  setLabels: () => Promise.resolve(),
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

  it("leaves all the say to the platform's manager where the others are too few to have one", async () => {
    const other = (id: string): SwarmNode => ({ ...node, id, machine: id, state: "ready" });
    world.nodes = [other("node-1"), node, other("node-3")];
    await leave();
    expect(world.asked.at(-1)).toBe("ssh://web: node demote node-3");
    expect(world.asked).not.toContain("ssh://web: node demote node-1");
  });
});

describe("a machine that is to have no say any more", () => {
  const apply = async () => {
    const said: string[] = [];
    await step.apply({ ...input, manages: false }, (line) => said.push(line), undefined);
    return said;
  };
  beforeEach(() => {
    world.asked = [];
    world.silent = [];
    world.nodes = [{ ...node, id: "node-1", state: "ready" }];
    world.refused = "";
  });

  it("keeps it while too few others answer", async () => {
    world.refused = "can't remove member from the raft: this would result in a loss of quorum";
    expect(await apply()).toEqual([expect.stringMatching(/old keeps its say in the Swarm until/)]);
  });

  it("loses it otherwise, or that is an error", async () => {
    expect(await apply()).toEqual([]);
    world.refused = "context deadline exceeded";
    await expect(apply()).rejects.toThrow(/deadline/);
  });
});
