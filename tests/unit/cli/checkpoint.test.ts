import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { repairCheckpoint } from "../../../infra/cli/checkpoint";
import { folderWith } from "../../support/folders";

const path = ".pulumi/stacks/odoo-stacks/acme.json";
const whole = '{"version":3}';

/** What becomes of a stack's state with these files. */
function repair(files: Record<string, string>, scheme = "file://") {
  const dir = folderWith(files);
  const said: string[] = [];
  const done = repairCheckpoint({ env: { PULUMI_BACKEND_URL: `${scheme}${dir}` } }, "acme", (line) => said.push(line));
  return { done, said: said.length, text: readFileSync(join(dir, path), "utf8") };
}

describe("a stack's state on Pulumi's file backend", () => {
  it.each(["", '{"version":3,"checkpo'])("is the one before where it was cut off: %j", (broken) => {
    expect(repair({ [path]: broken, [`${path}.bak`]: whole })).toEqual({ done: true, said: 1, text: whole });
  });

  it("stays when it is whole", () => {
    expect(repair({ [path]: '{"version":4}', [`${path}.bak`]: whole })).toMatchObject({
      done: false,
      text: '{"version":4}',
    });
  });

  it("stays when the one before is no better, or there is none", () => {
    expect(repair({ [path]: "", [`${path}.bak`]: "{" })).toMatchObject({ done: false, text: "" });
    expect(repair({ [path]: "" })).toMatchObject({ done: false, text: "" });
  });

  it("is left alone on other backends", () => {
    expect(repair({ [path]: "", [`${path}.bak`]: whole }, "https://")).toMatchObject({ done: false, text: "" });
  });
});
