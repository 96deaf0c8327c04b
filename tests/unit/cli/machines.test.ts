import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { byMachines, useMachines } from "../../../infra/cli/machines";
import type { StackFile } from "../../../infra/cli/stacks";
import { addedVariables, setVariables } from "../../../infra/core/exec";
import { MachineDown } from "../../../infra/ssh/failure";
import { managerEnv, otherEngines, useEngines } from "../../../infra/swarm/engines";
import { placeLabels, type SwarmNode } from "../../../infra/swarm/places";

/** Machines that do not answer, those that were tried, and the nodes of the Swarm. */
const world = vi.hoisted(() => ({ silent: [] as string[], tried: [] as string[], nodes: [] as SwarmNode[] }));

vi.mock("../../../infra/ssh/connect", () => ({
  connect: ({ name }: { name: string }) => {
    world.tried.push(name);
    return world.silent.includes(name)
      ? Promise.reject(new MachineDown(`${name} can't be reached`, []))
      : Promise.resolve();
  },
}));
vi.mock("../../../infra/swarm/places", async (original) => ({
  ...(await original<object>()),
  swarmNodes: () => Promise.resolve(world.nodes),
}));

const file = (name: string, more: Partial<StackFile> = {}): StackFile => ({
  ...{ name, file: "", kind: "environment", machines: [], addons: "addons", version: "19.0" },
  ...more,
});
const machine = (name: string) => ({ name, address: name, user: "root", port: 22 });
const engine = (name: string) => `ssh://root@${name}:22`;
const platform = file("acme", { kind: "platform", machines: ["web", "web-2", "test"].map(machine) });
const staging = file("acme-staging", { platform: "acme" });
const local = file("local", { kind: "platform" });
const all = [platform, staging, local, file("local-prod", { platform: "local" })];

const node = (name: string, more: Partial<SwarmNode> = {}): SwarmNode => ({
  ...{ id: name, machine: name, labels: {}, role: "worker", state: "ready", availability: "active" },
  ...more,
});

beforeEach(() => {
  world.silent = [];
  world.tried = [];
  world.nodes = [
    ...[node("web"), node("web-2")],
    node("test", { labels: { [placeLabels.files("acme-staging")]: "true" } }),
  ];
});
afterEach(() => {
  setVariables({});
  useEngines({ others: [] });
});

describe("what a command asks of Docker", () => {
  it("goes to the manager for a platform, and to the machine with its files for an environment", async () => {
    const reached = await useMachines(platform, all);
    expect(addedVariables()).toEqual({ DOCKER_HOST: engine("web") });
    expect(otherEngines()).toEqual([engine("web-2"), engine("test")]);
    expect(reached.away).toEqual([]);
    expect([reached.operatorHost("acme-staging"), reached.operatorHost("acme-other")]).toEqual([
      ...[engine("test"), engine("web")],
    ]);
    await useMachines(staging, all);
    expect(addedVariables()).toEqual({ DOCKER_HOST: engine("test") });
    expect(managerEnv()).toEqual({ DOCKER_HOST: engine("web") });
  });

  it("goes to this machine again for what is there", async () => {
    await useMachines(platform, all);
    const reached = await useMachines(local, all);
    expect([addedVariables(), otherEngines(), reached.operatorHost("local-prod")]).toEqual([{}, [], undefined]);
  });

  it("goes to no machine that the Swarm has lost touch with, and waits for none", async () => {
    world.nodes = [node("web"), node("web-2", { state: "down" }), node("test")];
    world.silent = ["web-2"];
    expect((await useMachines(platform, all)).away).toEqual(["web-2"]);
    expect(otherEngines()).toEqual([engine("test")]);
    expect(world.tried).not.toContain("web-2");
  });

  it("goes to a machine that does not answer while the Swarm hears of it: something may run there", async () => {
    world.silent = ["web-2"];
    expect((await useMachines(platform, all)).away).toEqual(["web-2"]);
    expect(otherEngines()).toContain(engine("web-2"));
  });

  it("goes nowhere without the manager", async () => {
    world.silent = ["web"];
    await expect(useMachines(staging, all, true)).rejects.toThrow("web can't be reached");
  });

  it("goes to this machine for a platform on AWS that need not be there", async () => {
    const aws = { stack: "cloud", region: "eu-central-1", access: "ssm" } as const;
    const cloud = file("cloud", { kind: "platform", machines: [{ ...machine("main"), aws }] });
    world.silent = ["main"];
    await expect(useMachines(cloud, [...all, cloud])).rejects.toThrow("main can't be reached");
    const reached = await useMachines(cloud, [...all, cloud], true);
    expect([addedVariables(), otherEngines(), reached.away]).toEqual([{}, [], []]);
  });
});

describe("stacks on the same machines", () => {
  it("are asked about together: those on this machine first", () => {
    const names = (stacks: readonly StackFile[]) =>
      byMachines(stacks, all).map((group) => group.map(({ name }) => name));
    expect(names(all)).toEqual([
      ["local", "local-prod"],
      ["acme", "acme-staging"],
    ]);
    expect(names([staging])).toEqual([["acme-staging"]]);
  });
});
