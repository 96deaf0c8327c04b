import { describe, expect, it } from "vitest";
import type { ListedMachine } from "../../../infra/cli/listedMachines";
import { databaseBelongsOn, machineNamed, nodeOf, requireInSwarm } from "../../../infra/cli/platformMachines";
import type { MachineRole } from "../../../infra/config/platformSchema";
import type { Stage } from "../../../infra/config/schema";
import type { SwarmNode } from "../../../infra/swarm/places";

const machine = (name: string, ...roles: MachineRole[]): ListedMachine => ({
  ...{ name, address: `${name}.example.com`, user: "root", port: 22 },
  ...(roles.length > 0 ? { roles } : {}),
});
const db = machine("db", "database");
const web = machine("web", "production");
const other = machine("other", "nonproduction");

describe("where a database belongs", () => {
  it.each([
    ["of its own machines", [web, db, other], "db", "other"],
    ["without one for nonproduction", [web, db], "db", "web"],
    ["of one machine", [machine("main")], "main", "main"],
  ])("on a platform %s", (_, machines, production, apart) => {
    const on = (stage: Stage) => databaseBelongsOn(stage, machines).name;
    expect([on("production"), on("staging"), on("development")]).toEqual([production, apart, apart]);
  });

  it("is a machine of the platform: another name is an error with those there are", () => {
    expect(machineNamed([web, db], "db", "--to")).toBe(db);
    expect(() => machineNamed([web, db], "wep", "--to")).toThrow(/one of web, db[\s\S]*Did you mean "web"\?/);
  });
});

describe("machines that a command works with", () => {
  const node = (name: string, more: Partial<SwarmNode> = {}): SwarmNode => ({
    ...{ id: name, machine: name, labels: {}, role: "worker", state: "ready", availability: "active" },
    ...more,
  });
  const nodes = [node("main"), node("stage", { state: "down" }), node("web", { availability: "drain" })];

  it("have to be in the Swarm, and answer", () => {
    expect(() => requireInSwarm(["main"], nodes, "acme")).not.toThrow();
    expect(() => requireInSwarm(["main", "stage", "web", "new"], nodes, "acme")).toThrow(
      /stage[^]*down, active[^]*web[^]*ready, drain[^]*new[^]*none of that name[^]*odoo-stacks up acme/,
    );
  });

  it("have to be in the Swarm, whether or not they answer, to be taken out for a while", () => {
    expect(nodeOf("stage", nodes, "acme").state).toBe("down");
    expect(() => nodeOf("new", nodes, "acme")).toThrow(/new is not in the Swarm[^]*odoo-stacks up acme/);
  });
});
