import type { EngineEvent } from "@pulumi/pulumi/automation";
import { describe, expect, it } from "vitest";
import { billed, currentResources, plannedResources } from "../../../infra/cost/state";

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const urn = (type: string, name: string) => `urn:pulumi:prod::odoo-stacks::${type}::${name}`;
const instance = urn("odoo-stacks:A$aws:ec2/instance:Instance", "main");
const provider = urn("pulumi:providers:aws", "recovery");

const kept = (of: string, more: object = {}) => ({ urn: of, type: "aws:ec2/instance:Instance", custom: true, ...more });
const current = (...resources: object[]) => currentResources({ deployment: { resources } });

/** What a preview tells of a resource. */
const event = (op: string, of: string, inputs?: object): EngineEvent =>
  ({
    sequence: 1,
    timestamp: 1,
    resourcePreEvent: {
      metadata: { op, urn: of, type: "aws:ec2/instance:Instance", provider: "", new: inputs && kept(of, { inputs }) },
    },
  }) as unknown as EngineEvent;

describe("the state", () => {
  it("has what AWS bills, without what only waits for its end and what the program only reads", () => {
    const resources = current(
      { urn: urn("pulumi:pulumi:Stack", "s"), type: "pulumi:pulumi:Stack" },
      kept(instance, { inputs: { instanceType: "t4g.small" } }),
      kept(urn("x", "old"), { delete: true }),
      kept(urn("x", "theirs"), { external: true }),
    );
    expect(billed(resources, "us-east-1")).toEqual([
      {
        urn: instance,
        name: "main",
        type: "aws:ec2/instance:Instance",
        region: "us-east-1",
        inputs: { instanceType: "t4g.small" },
      },
    ]);
  });

  it("is empty before the first `up`", () => {
    expect(currentResources({ deployment: undefined }).size).toBe(0);
    expect(currentResources({ deployment: {} }).size).toBe(0);
  });

  it("says a resource's region, by itself or by its provider", () => {
    const regionOf = (...resources: object[]) => billed(current(...resources), "us-east-1")[0]?.region;
    const own = { urn: provider, type: "pulumi:providers:aws", inputs: { region: "eu-west-1" } };
    expect(regionOf(kept(instance, { inputs: { region: "eu-central-1" } }))).toBe("eu-central-1");
    expect(regionOf(kept(instance, { outputs: { region: "eu-central-1" } }))).toBe("eu-central-1");
    expect(regionOf(kept(instance, { provider: `${provider}::some-id`, inputs: { region: unknown } }), own)).toBe(
      "eu-west-1",
    );
    expect(regionOf(kept(instance))).toBe("us-east-1");
  });

  it("leaves out what is not known yet", () => {
    const inputs = { instanceType: unknown, tags: { a: unknown, b: "c" }, rules: [{ priority: 1, arn: unknown }] };
    expect(billed(current(kept(instance, { inputs })), undefined)[0]?.inputs).toEqual({
      tags: { b: "c" },
      rules: [{ priority: 1 }],
    });
  });
});

describe("a preview", () => {
  const before = current(kept(instance, { inputs: { size: 1 } }), kept(urn("x", "other"), { inputs: { size: 2 } }));
  const sizes = (...events: EngineEvent[]) =>
    billed(plannedResources(before, events), undefined).map(({ name, inputs }) => `${name} ${String(inputs.size)}`);

  it("adds, changes, replaces and removes, and keeps what it does not name", () => {
    expect(sizes()).toEqual(["main 1", "other 2"]);
    expect(sizes(event("create", urn("x", "new"), { size: 3 }))).toEqual(["main 1", "other 2", "new 3"]);
    expect(sizes(event("update", instance, { size: 5 }))).toEqual(["main 5", "other 2"]);
    expect(sizes(event("delete", instance))).toEqual(["other 2"]);
    expect(sizes(event("create-replacement", instance, { size: 5 }), event("delete-replaced", instance))).toEqual([
      "main 5",
      "other 2",
    ]);
    expect(sizes(event("read", urn("x", "theirs"), { size: 9 }))).toEqual(["main 1", "other 2"]);
  });
});
