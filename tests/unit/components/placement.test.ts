import { describe, expect, it } from "vitest";
import { nodeLabels, onMachine, onRole, whereDatabaseIs } from "../../../components/topologies/placement";

describe("a node of the Swarm", () => {
  it("is labelled with its machine's name and what that carries", () => {
    expect(nodeLabels("web", ["production", "proxy"])).toEqual({
      "odoo-stacks.machine": "web",
      "odoo-stacks.production": "true",
      "odoo-stacks.proxy": "true",
    });
  });

  it("is meant by its machine, by what it carries, or by an environment's data on it", () => {
    expect(onMachine("web-2")).toBe("node.labels.odoo-stacks.machine==web-2");
    expect(onRole("production")).toBe("node.labels.odoo-stacks.production==true");
    expect(whereDatabaseIs("acme-prod")).toBe("node.labels.odoo-stacks.database.acme-prod==true");
  });
});
