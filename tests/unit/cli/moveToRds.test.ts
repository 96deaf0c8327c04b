import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { saysOnRds } from "../../../infra/cli/moveToRds";
import { awsPlatform } from "../../support/platform";
import { environmentProblems, type Written } from "../config/given";

/** A file of an environment in a container. */
const file = (more = "", database = "") => `# Production.
config:
  odoo-stacks:kind: environment
  odoo-stacks:domains: [odoo.example.com] # ours
  odoo-stacks:database:
    name: live
    rds:
      class: db.t4g.medium
${database}${more}`;

/** What the program is given of a file. */
const configuration = (text: string): Written => {
  const { config } = parse(text) as { config: Record<string, unknown> };
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key.replace("odoo-stacks:", ""), value]));
};

describe("the file of an environment whose database was moved to RDS", () => {
  it("says so, and is otherwise as it was", () => {
    expect(saysOnRds(file())).toEqual({
      text: file().replace("    name: live", "    kind: rds\n    name: live"),
      gone: [],
    });
    const stated = file("", "    kind: container\n");
    expect(saysOnRds(stated).text).toBe(stated.replace("kind: container", "kind: rds"));
  });

  it("has nothing any more that a container alone has: a release would be refused while the page is shown", () => {
    const release = "  odoo-stacks:release:\n    keepSets: 3\n    snapshot: replica\n    rehearse: always\n";
    const given = file(
      `  odoo-stacks:restart:\n    database: "one"\n${release}`,
      '    memory: "4 GB" # for now\n    volume: old\n',
    );
    expect(environmentProblems(configuration(given), awsPlatform)).toEqual([]);
    const { text, gone } = saysOnRds(given);
    expect(gone).toEqual([
      ...["database.memory", "database.volume", "restart.database", "release.snapshot", "release.rehearse"],
    ]);
    expect(text).toBe(
      file("  odoo-stacks:release:\n    keepSets: 3\n").replace("    name: live", "    kind: rds\n    name: live"),
    );
    expect(environmentProblems(configuration(text), awsPlatform)).toEqual([]);
    // Without that, each of them would be a problem.
    const alone = given.replace("    name: live", "    kind: rds\n    name: live");
    expect(environmentProblems(configuration(alone), awsPlatform).map(({ path }) => path)).toEqual(gone);
  });

  it("keeps what there is on RDS as well", () => {
    const release = "  odoo-stacks:release:\n    snapshot: auto\n    rehearse: never\n";
    const { text, gone } = saysOnRds(file(`  odoo-stacks:restart:\n    odoo: "one"\n${release}`));
    expect(gone).toEqual([]);
    expect(text).toContain(release);
    expect(text).toContain('odoo: "one"');
  });

  it("is refused before anything is moved where it can't be written", () => {
    expect(() => saysOnRds("config: { odoo-stacks:kind: environment }\n")).toThrow(/can't be edited safely/);
  });
});
