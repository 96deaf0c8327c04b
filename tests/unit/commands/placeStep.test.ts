import { beforeEach, describe, expect, it, vi } from "vitest";
import { type PlaceInput, step } from "../../../infra/commands/steps/place";
import { placeLabels, type SwarmNode } from "../../../infra/swarm/places";

/** The machines of the Swarm, and what was marked. */
const swarm = vi.hoisted(() => ({ nodes: [] as SwarmNode[], marked: [] as string[] }));

vi.mock("../../../infra/swarm/places", async (original) => ({
  ...(await original<object>()),
  swarmNodes: () => Promise.resolve(swarm.nodes),
  markPlace: (what: string, stack: string, machine: string, _: unknown, value = "true") => {
    swarm.marked.push(`${what} of ${stack} on ${machine}: ${value}`);
    return Promise.resolve();
  },
}));

const node = (machine: string, labels: Record<string, string> = {}): SwarmNode => ({
  ...{ id: machine, machine, labels, role: "worker", state: "ready", availability: "active" },
});
const place = async (more: Partial<PlaceInput> = {}, before?: Record<string, never>): Promise<readonly string[]> => {
  const input = { dockerHost: "", stack: "acme", database: "db", files: "web", shared: true, ...more };
  await step.apply(input, () => undefined, before);
  return swarm.marked;
};

beforeEach(() => {
  swarm.nodes = [node("web"), node("db")];
  swarm.marked = [];
});

describe("the marks of where data is", () => {
  it("are made by the first up, where there are none", async () => {
    swarm.nodes = [node("web"), node("db", { [placeLabels.database("acme")]: "true" })];
    expect(await place()).toEqual(["files of acme on web: shared"]);
  });

  it("are not made later: there would be no data", async () => {
    expect(await place({ database: "web" }, {})).toEqual([]);
  });

  it("are given back to data that was found without", async () => {
    expect(await place({ unmarked: ["database"] }, {})).toEqual(["database of acme on db: true"]);
    swarm.marked = [];
    swarm.nodes = [node("web", { [placeLabels.database("acme")]: "true" }), node("db")];
    // Somebody was faster.
    expect(await place({ unmarked: ["database"] }, {})).toEqual([]);
  });
});
