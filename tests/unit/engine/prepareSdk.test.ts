import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { repositoryDir } from "../../../infra/core/paths";

const prepareSdk = join(repositoryDir, "infra/engine/prepareSdk.cjs");

/** Runs a few lines in a Node of their own, because a module that is loaded stays loaded. */
function inNode(lines: string): unknown {
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--no-warnings", "-e", lines], {
    cwd: repositoryDir,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return JSON.parse(stdout);
}

const countHeavyModules =
  "Object.keys(require.cache).filter((file) => /typescript[/]lib|arborist[/]lib[/]arborist/.test(file)).length";
const serialize = `
  const { runtime } = require("@pulumi/pulumi");
  const greeting = "hello";
  runtime.serializeFunction(() => greeting + require("@pulumi/random").RandomPet.name, {}).then(({ text }) =>
    console.log(JSON.stringify({ text, heavy: ${countHeavyModules} })));`;

describe("the SDK with stand-ins", () => {
  it("loads neither the TypeScript compiler nor npm's package tree for a program that doesn't need them", () => {
    expect(inNode(`require("@pulumi/pulumi"); console.log(${countHeavyModules})`)).toBeGreaterThan(1);
    expect(
      inNode(`require(${JSON.stringify(prepareSdk)}); require("@pulumi/pulumi"); console.log(${countHeavyModules})`),
    ).toBe(0);
  });

  it("turns functions into text as ever", () => {
    const plain = inNode(serialize) as { text: string };
    const lazy = inNode(`require(${JSON.stringify(prepareSdk)}); ${serialize}`) as { text: string; heavy: number };
    expect(lazy.text).toBe(plain.text);
    expect(lazy.text).toContain("hello");
    expect(lazy.heavy).toBeGreaterThan(0);
  });

  it("shows its files where they are in stack traces, and so keeps Node from hanging while it colours one", () => {
    const lines = `
      require("source-map-support/register");
      const pulumi = require("@pulumi/pulumi");
      const inStackOfSdk = () => { try { new pulumi.Config().require(1n); } catch (error) { return error.stack; } };
      inStackOfSdk(); // The SDK may have read its source maps before a program begins.
      require(${JSON.stringify(prepareSdk)});
      console.log(JSON.stringify(inStackOfSdk()));`;
    const stack = inNode(lines) as string;
    expect(stack).toContain("node_modules/@pulumi/pulumi/config.js:");
    expect(stack).not.toContain("config.ts");
  });
});
