import { EventEmitter } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { meetPeers } from "../../../infra/operator/peers";
import { managerEnv, otherEngines, useEngines } from "../../../infra/swarm/engines";
import { placeLabels, type SwarmNode } from "../../../infra/swarm/places";

/** Machines that do not answer, those that the Swarm has lost touch with, and how often it was asked. */
const world = vi.hoisted(() => ({ silent: [] as string[], down: [] as string[], asked: 0 }));

vi.mock("node:fs", async (original) => ({
  ...(await original<object>()),
  existsSync: () => true,
  readFileSync: () => JSON.stringify({ self: "web", manager: "front", others: ["front", "web-2", "db"] }),
}));
vi.mock("node:child_process", async (original) => ({
  ...(await original<object>()),
  spawn: (_: string, args: readonly string[]) => {
    const child = new EventEmitter();
    setImmediate(() => child.emit("exit", world.silent.includes(args.at(-1) ?? "") ? 255 : 0));
    return child;
  },
}));
vi.mock("../../../infra/swarm/places", async (original) => ({
  ...(await original<object>()),
  swarmNodes: () => {
    world.asked += 1;
    const nodes = ["front", "web", "web-2", "db"].map((machine): SwarmNode => ({
      ...{ id: machine, machine, labels: { [placeLabels.machine]: machine }, role: "worker", availability: "active" },
      state: world.down.includes(machine) ? "down" : "ready",
    }));
    return Promise.resolve(nodes);
  },
}));

beforeEach(() => {
  world.silent = [];
  world.down = [];
  world.asked = 0;
});
afterEach(() => useEngines({ others: [] }));

describe("the machines that an operator works with", () => {
  it("are all that its own knows of; where they answer, the Swarm need not be asked", async () => {
    await meetPeers();
    expect(otherEngines()).toEqual(["ssh://front", "ssh://web-2", "ssh://db"]);
    expect(managerEnv()).toEqual({ DOCKER_HOST: "ssh://front" });
    expect(world.asked).toBe(0);
  });

  it("are not those that are down: nothing of theirs is waited for, and nothing there is in the way", async () => {
    world.silent = ["web-2"];
    world.down = ["web-2"];
    await meetPeers();
    expect(otherEngines()).toEqual(["ssh://front", "ssh://db"]);
    expect(managerEnv()).toEqual({ DOCKER_HOST: "ssh://front" });
  });

  it("are those that do not answer here, while the Swarm hears of them: what runs there goes on", async () => {
    world.silent = ["web-2"];
    await meetPeers();
    expect(otherEngines()).toContain("ssh://web-2");
  });

  it("are those that answer although the Swarm has lost touch with them", async () => {
    world.down = ["db"];
    await meetPeers();
    expect(otherEngines()).toContain("ssh://db");
  });
});
