import { describe, expect, it } from "vitest";
import { missingModules } from "../../../infra/images/modules";

const inventory = {
  base: [],
  web: ["base"],
  sale: ["account"],
  account: ["base"],
  sale_management: ["sale"],
  sale_gift: ["sale_management", "sale_loyalti"],
  loop_a: ["loop_b"],
  loop_b: ["loop_a"],
};

describe("modules that an image must have", () => {
  it("are all there", () => {
    expect(missingModules(inventory, ["base", "web", "sale_management"])).toEqual([]);
  });

  it("are named where they are missing, with the nearest name", () => {
    const problems = missingModules(inventory, ["sale_managment", "web", "zzz"]);
    expect(problems.map(({ path, hint }) => [path, hint])).toEqual([
      ["modules: sale_managment", "did you mean sale_management?"],
      ["modules: zzz", "the name is that of the module's folder; is it in the addons folder?"],
    ]);
  });

  it("need their dependencies too", () => {
    expect(missingModules(inventory, ["sale_gift"]).map(({ path }) => path)).toEqual([
      "modules: sale_gift depends on sale_loyalti",
    ]);
  });

  it("are named once each, also where several need them", () => {
    const twice = { a: ["gone"], b: ["gone"] };
    expect(missingModules(twice, ["a", "b"])).toHaveLength(1);
  });

  it("may depend on one another in a circle, which is for Odoo to refuse", () => {
    expect(missingModules(inventory, ["loop_a"])).toEqual([]);
  });

  it("are not found in what every object has", () => {
    expect(missingModules(inventory, ["constructor", "__proto__"])).toHaveLength(2);
  });
});
