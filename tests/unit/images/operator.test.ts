import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { repositoryDir } from "../../../infra/core/paths";
import { expectedTag, operatorPackages, operatorSources } from "../../../infra/images/content";
import { bundleOperator } from "../../../infra/images/operator";
import { folderWith } from "../../support/folders";

describe("the operator's program", () => {
  it("is made of what its image's tag follows from, and of nothing else", async () => {
    const bundle = join(folderWith({}), "main.js");
    const inputs = await bundleOperator(bundle);

    const sources = new Set(operatorSources().map(({ path }) => path));
    const own = inputs.filter((path) => path.startsWith("infra/"));
    expect(own.length).toBeGreaterThan(10);
    expect(own.filter((path) => !sources.has(path))).toEqual([]);
    // Packages that our own files name: the others are these packages' own.
    const imports = own.flatMap((path) =>
      [...readFileSync(join(repositoryDir, path), "utf8").matchAll(/(?:from |import\()"((?!node:)[^."][^"]*)"/g)].map(
        ([, name]) => name,
      ),
    );
    const replaced = "@pulumi/pulumi/errors";
    expect([...new Set(imports)].filter((name) => name !== replaced).sort()).toEqual(operatorPackages);
    expect(inputs.filter((path) => path.includes("@pulumi"))).toEqual([]);
    // Pulumi's SDK alone would be three times that.
    expect(readFileSync(bundle).length).toBeLessThan(700_000);
  });

  it("has a tag that is found out at once, at every preview", () => {
    expect(expectedTag("operator")).toMatch(/^odoo-stacks\/operator:\d+\.\d+\.\d+-[0-9a-f]{12}$/);
    const start = performance.now();
    for (let round = 0; round < 10; round += 1) expectedTag("operator");
    expect((performance.now() - start) / 10).toBeLessThan(100);
  });

  it("finds the programs of its jobs beside it", () => {
    const jobs = operatorSources().filter(({ path }) => path.startsWith("infra/commands/jobs/"));
    expect(jobs.map(({ path }) => path)).toContain("infra/commands/jobs/apply_modules.py");
  });
});
