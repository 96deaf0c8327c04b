import { describe, expect, it } from "vitest";
import { findStacks, listStacks } from "../../../infra/cli/stacks";
import { folderWith } from "../../support/folders";

const stack = (kind: string, more = "") => `config:\n  odoo-stacks:kind: ${kind}\n${more}`;
const project = () =>
  folderWith({
    "stacks/Pulumi.local-prod.yaml": stack(
      "environment",
      "  odoo-stacks:stage: production\n  odoo-stacks:platform: local-platform\n  odoo-stacks:odoo:\n    version: '19.0'\n",
    ),
    "stacks/Pulumi.local-dev.yaml": stack("environment", "  odoo-stacks:stage: development\n"),
    "stacks/Pulumi.local-platform.yaml": stack("platform"),
    "stacks/Pulumi.acme-platform.yaml": stack("platform"),
    "stacks/README.md": "Not a stack.",
  });

describe("the stacks of a project", () => {
  it("are its files, platforms first and production before the rest", () => {
    expect(listStacks(project()).map(({ name }) => name)).toEqual([
      ...["acme-platform", "local-platform", "local-prod", "local-dev"],
    ]);
  });

  it("tell what commands need to know", () => {
    const [prod] = findStacks(project(), "local-prod");
    expect(prod).toMatchObject({
      kind: "environment",
      stage: "production",
      platform: "local-platform",
      addons: "addons",
      version: "19.0",
    });
  });

  it("tell where a database is, and whether it is to go to RDS", () => {
    const of = (database: string) => {
      const text = stack("environment", `  odoo-stacks:database:${database}\n`);
      const [{ onRds, toRds } = {}] = listStacks(folderWith({ "stacks/Pulumi.prod.yaml": text }));
      return { onRds, toRds };
    };
    const rds = "rds: { class: db.t4g.medium }";
    const inContainer = { onRds: false, toRds: false };
    expect(of(` { ${rds} }`)).toEqual({ onRds: false, toRds: true });
    expect(of(` { kind: container, ${rds} }`)).toEqual({ onRds: false, toRds: true });
    expect(of(` { kind: rds, ${rds} }`)).toEqual({ onRds: true, toRds: false });
    for (const database of [" { kind: container }", " { name: live }", "", " { rds: }"]) {
      expect(of(database)).toEqual(inContainer);
    }
    expect(findStacks(project(), "local-prod")).toMatchObject([inContainer]);
  });

  it("are found by name, or by the beginning that several share", () => {
    const dir = project();
    expect(findStacks(dir, "local-dev").map(({ name }) => name)).toEqual(["local-dev"]);
    expect(findStacks(dir, "local").map(({ name }) => name)).toEqual(["local-platform", "local-prod", "local-dev"]);
  });

  it.each([
    ["local-prd", "local-prod"],
    ["locl", "local"],
  ])("that nothing is named %s is an error with the nearest name", (name, meant) => {
    expect(() => findStacks(project(), name)).toThrow(`Did you mean "${meant}"?`);
  });

  it("that nothing resembles is an error that lists the names", () => {
    expect(() => findStacks(project(), "zzzzzzzz")).toThrow(/one of acme-platform, local-platform/);
  });

  it("whose file is no YAML are an error that names the file", () => {
    const dir = folderWith({ "stacks/Pulumi.broken.yaml": "config:\n  a: [1\n b: 2" });
    expect(() => listStacks(dir)).toThrow(/can't be read[\s\S]*Pulumi\.broken\.yaml/);
  });

  it.each(["", "config:\n", "config: null\nencryptionsalt: v1:abc\n"])(
    "may have next to nothing in their file: %j",
    (text) => {
      expect(listStacks(folderWith({ "stacks/Pulumi.empty.yaml": text }))).toMatchObject([
        { name: "empty", kind: "unknown" },
      ]);
    },
  );
});
