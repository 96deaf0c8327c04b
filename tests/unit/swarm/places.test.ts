import { describe, expect, it } from "vitest";
import { dataOn, downIn, placeLabels, placeOf, type SwarmNode } from "../../../infra/swarm/places";

const node = (machine: string | undefined, labels: Record<string, string> = {}): SwarmNode => ({
  ...{ id: `id-of-${machine ?? "none"}`, machine, role: "worker", state: "ready", availability: "active" },
  labels: { ...(machine ? { [placeLabels.machine]: machine } : {}), ...labels },
});

const web = node("web", {
  ...{ "odoo-stacks.production": "true", "odoo-stacks.proxy": "true" },
  ...{ "odoo-stacks.files.acme": "true", "odoo-stacks.files.shop": "shared" },
});
const db = node("db", {
  ...{ "odoo-stacks.database": "true" },
  ...{ "odoo-stacks.database.acme": "true", "odoo-stacks.database.shop": "true" },
});
const test = node("test", {
  ...{ "odoo-stacks.nonproduction": "true" },
  ...{ "odoo-stacks.database.acme-staging": "true", "odoo-stacks.files.acme-staging": "true" },
});
const nodes = [web, db, test];

describe("where the data of an environment is", () => {
  it.each([
    ["acme", { database: "db", files: "web", shared: false, drained: [], down: [] }],
    ["acme-staging", { database: "test", files: "test", shared: false, drained: [], down: [] }],
    // In a folder of several machines, of which the first is marked.
    ["shop", { database: "db", files: "web", shared: true, drained: [], down: [] }],
    ["other", { database: undefined, files: undefined, shared: false, drained: [], down: [] }],
  ])("is said by the labels of nodes: %s", (stack, place) => {
    expect(placeOf(stack, nodes)).toEqual(place);
  });

  it("is on RDS where the mark says so, which stays on the machine that the database was on", () => {
    const moved = node("db", { "odoo-stacks.database.acme": "rds", "odoo-stacks.database.shop": "true" });
    expect(placeOf("acme", [web, moved])).toEqual({
      ...{ database: "db", onRds: true, files: "web", shared: false, drained: [], down: [] },
    });
    expect(placeOf("shop", [web, moved])).not.toHaveProperty("onRds");
    // Files are in no database.
    expect(placeOf("acme", [node("web", { "odoo-stacks.files.acme": "rds" })])).not.toHaveProperty("onRds");
  });

  it("is not known of a node that is no machine of the platform", () => {
    expect(placeOf("acme", [node(undefined, { "odoo-stacks.database.acme": "true" })]).database).toBeUndefined();
  });

  it("is not taken from an environment whose name begins the same", () => {
    expect(placeOf("acme", [test])).toEqual({
      database: undefined,
      files: undefined,
      shared: false,
      drained: [],
      down: [],
    });
  });
});

describe("machines that are taken out for a while", () => {
  it("are known whatever is on them, by what the platform calls them", () => {
    const drained = { [placeLabels.drained]: "true" };
    expect(placeOf("acme", [web, node("web-2", drained), node(undefined, drained)]).drained).toEqual(["web-2"]);
  });

  it("are not said to have data of an environment for that", () => {
    expect(dataOn(node("web-2", { [placeLabels.drained]: "true" }), true)).toEqual([]);
  });
});

describe("machines that are down", () => {
  const down = (machine: string): SwarmNode => ({ ...node(machine), state: "down" });

  it("are those that the Swarm has lost touch with", () => {
    expect(downIn([web, down("web-2"), { ...node("web-3"), state: "unknown" }])).toEqual(["web-2"]);
    expect(placeOf("acme", [web, down("web-2")]).down).toEqual(["web-2"]);
  });

  it("are not those that were installed anew and have joined again", () => {
    expect(downIn([down("web-2"), node("web-2"), { ...node(undefined), state: "down" }])).toEqual([]);
  });
});

describe("the environments whose data a node has", () => {
  it("are each named once, and what the node carries is none of them", () => {
    expect(dataOn(test)).toEqual(["acme-staging"]);
    expect(dataOn(db)).toEqual(["acme", "shop"]);
    expect(dataOn(node("web-2", { "odoo-stacks.production": "true" }))).toEqual([]);
  });

  it("are not those whose files are in a folder that others have too", () => {
    expect(dataOn(web)).toEqual(["acme"]);
    // Unless those are asked for too.
    expect(dataOn(web, true)).toEqual(["acme", "shop"]);
  });

  it("are not those whose database was moved to RDS from there: its old data needs no machine", () => {
    const moved = node("db", { "odoo-stacks.database.acme": "rds", "odoo-stacks.files.shop": "true" });
    expect(dataOn(moved)).toEqual(["shop"]);
    expect(dataOn(moved, true)).toEqual(["shop"]);
  });

  it("may have dots in their names", () => {
    expect(dataOn(node("db", { "odoo-stacks.database.acme.v2": "true" }))).toEqual(["acme.v2"]);
  });
});
