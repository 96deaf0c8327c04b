import { describe, expect, it } from "vitest";
import { requireBack, requireSpare } from "../../../infra/cli/drain";
import type { StackFile } from "../../../infra/cli/stacks";
import type { SwarmNode } from "../../../infra/swarm/places";

const machine = (name: string) => ({ name, address: name, user: "root", port: 22 });
const platform: StackFile = {
  ...{ name: "acme", file: "stacks/Pulumi.acme.yaml", kind: "platform", addons: "addons", version: "19.0" },
  machines: ["web", "web-2"].map(machine),
};
const node = (name: string, more: Partial<SwarmNode> = {}): SwarmNode => ({
  ...{ id: name, machine: name, labels: {}, role: "worker", state: "ready", availability: "active" },
  ...more,
});

describe("a machine that is taken out for a while", () => {
  const spare = (name: string, more: Partial<SwarmNode> = {}) =>
    requireSpare(platform, name, node(name, more), ["prod"]);

  it("is one whose work others do, whether or not it answers", () => {
    for (const state of ["ready", "down"]) {
      expect(() => spare("web-2", { state })).not.toThrow();
    }
    expect(() => spare("web")).toThrow(/web can't be taken out[^]*the manager/);
  });

  it("has no data, nor the records of releases; where it is down, there is another way", () => {
    const labels = { "odoo-stacks.files.prod": "shared" };
    expect(() => spare("web-2", { labels })).toThrow(/data of prod, or the records[^]*move-filestore prod/);
    expect(() => spare("web-2", { labels, state: "down" })).toThrow(
      /Bring it back. If it is lost for good, take it out of the list, in acme's file; [^]*let-go prod web-2 --lost/,
    );
  });

  it("may have data of other environments where it is down: that is away as it is", () => {
    const labels = { "odoo-stacks.files.staging": "true", "odoo-stacks.database.staging": "true" };
    expect(() => spare("web-2", { labels })).toThrow(/data of staging/);
    expect(() => spare("web-2", { labels, state: "down" })).not.toThrow();
  });

  it("is let in again once it answers", () => {
    expect(() => requireBack("web-2", node("web-2", { availability: "drain" }), "acme")).not.toThrow();
    expect(() => requireBack("web-2", node("web-2", { state: "down" }), "acme")).toThrow(
      /can't be let in again yet[^]*found: +down[^]*odoo-stacks up acme/,
    );
  });
});
