import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { repositoryDir } from "../../../infra/core/paths";

/** The files of Pulumi's package for AWS that are loaded when Node has loaded some of ours. */
function loadedBy(...files: string[]): number {
  const load = ["infra/engine/prepareSdk.cjs", "tsx/cjs", ...files]
    .map((file) => `require(${JSON.stringify(file === "tsx/cjs" ? file : `./${file}`)});`)
    .join("");
  const count = "Object.keys(require.cache).filter((file) => /@pulumi.aws\\W/.test(file)).length";
  const printed = execFileSync(process.execPath, ["-e", `${load} console.log(${count})`], {
    ...{ cwd: repositoryDir, encoding: "utf8" },
  });
  return Number(printed);
}

describe("Pulumi's package for AWS", () => {
  it.each(["infra/index.ts", "infra/cli/main.ts", "infra/commands/run.ts"])("is not loaded by %s", (file) => {
    expect(loadedBy(file)).toBe(0);
  });

  it.each(["infra/programs/awsPlatform.ts", "infra/programs/databaseOnRds.ts"])("is loaded by %s", (file) => {
    expect(loadedBy(file)).toBeGreaterThan(0);
  });
});
