import { describe, expect, it } from "vitest";
import { requireDeletable } from "../../../infra/cli/deletable";

const instance = (deletionProtection: boolean) => ({
  type: "aws:rds/instance:Instance",
  urn: "urn:pulumi:prod::odoo-stacks::aws:rds/instance:Instance::prod-rds-instance",
  inputs: { deletionProtection },
});

describe("removing an environment", () => {
  it("does not begin where AWS would refuse to delete the database", () => {
    expect(() => requireDeletable("prod", [instance(true)])).toThrow(/prod-rds-instance[^]*protectData: false/);
  });

  it("goes on where nothing keeps it", () => {
    expect(() => requireDeletable("prod", [instance(false)])).not.toThrow();
    expect(() => requireDeletable("prod", [])).not.toThrow();
  });
});
