import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { renderConfigDocs } from "../../../infra/config/docs";
import { keyDocs } from "../../../infra/config/keys";
import { keysOf } from "../../../infra/config/keyTree";
import { loadConfig } from "../../../infra/config/load";
import { schemas } from "../../../infra/config/schema";
import { repositoryDir } from "../../../infra/core/paths";
import { awsPlatform } from "../../support/platform";
import { machineOf, raw } from "./given";

const stacksDir = join(repositoryDir, "stacks");
const variantsDir = join(repositoryDir, "docs/aws");

/** A stack's configuration as a file has it, without the project's name before each key. */
function writtenIn(path: string): Record<string, unknown> {
  const file = parse(readFileSync(path, "utf8")) as { config: Record<string, unknown> };
  const entries = Object.entries(file.config);
  expect(entries.map(([key]) => key.split(":")[0])).toEqual(entries.map(() => "odoo-stacks"));
  return Object.fromEntries(entries.map(([key, value]) => [key.slice("odoo-stacks:".length), value]));
}

const written = (stack: string) => writtenIn(join(stacksDir, `Pulumi.${stack}.yaml`));

describe("the stacks in stacks/", () => {
  const stacks = readdirSync(stacksDir).map((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? file);

  it("are there", () => {
    expect(stacks).toEqual(expect.arrayContaining(["local-platform", "local-prod", "local-staging", "local-dev"]));
    expect(stacks).toEqual(expect.arrayContaining(["platform", "prod", "staging", "dev"]));
  });

  it.each(stacks)("are free of problems, also on a machine of 2 GB: %s", (stack) => {
    const values = written(stack);
    const on = machineOf(1, "2 GB");
    const everyone = { ...on, proxy: { ...on.proxy, bind: "0.0.0.0" } };
    expect(loadConfig(raw(values), [], everyone).kind).toBe(values.kind);
  });

  it.each(readdirSync(variantsDir))("have variants in docs/aws/ that are free of problems: %s", (file) => {
    const values = writtenIn(join(variantsDir, file));
    expect(loadConfig(raw(values), [], awsPlatform).kind).toBe(values.kind);
  });

  it.each(["local-prod", "prod"])("name modules that are there: %s", (stack) => {
    const config = loadConfig(raw(written(stack)), []);
    if (config.kind !== "environment") throw new Error("not an environment");
    const own = config.modules.filter((name) =>
      existsSync(join(repositoryDir, config.addons, name, "__manifest__.py")),
    );
    expect(own.length).toBeGreaterThan(0);
    expect(config.modules.filter((name) => !own.includes(name))).toEqual(["sale_management"]);
  });
});

describe("docs/configuration.md", () => {
  it("is what the schema says; `npx tsx infra/config/writeDocs.ts` writes it", () => {
    expect(readFileSync(join(repositoryDir, "docs/configuration.md"), "utf8")).toBe(renderConfigDocs());
  });

  it.each(Object.entries(schemas))("has every key of kind %s", (_kind, schema) => {
    const docs = renderConfigDocs();
    const keys = keysOf(schema);
    expect(keys.length).toBeGreaterThan(10);
    for (const key of keys) {
      expect(docs).toContain(`| \`${key.path}\` | `);
      expect(key.doc.about).toMatch(/\.$/);
      // A derived value is told where there is no fixed one.
      expect(key.required || key.fallback !== undefined || key.doc.derived !== undefined, key.path).toBe(true);
    }
  });

  it("can't be written with a key that is not documented", () => {
    const silent = z.string();
    expect(keyDocs.get(silent)).toBeUndefined();
    expect(() => keysOf(z.strictObject({ group: z.strictObject({ silent }) }))).toThrow(
      "group.silent is not documented",
    );
  });
});
