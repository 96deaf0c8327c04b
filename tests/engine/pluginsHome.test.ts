import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { run } from "../../infra/core/exec";
import { type Engine, ensureEngine } from "../../infra/engine";
import { ensurePlugins, plugins } from "../../infra/engine/plugins";
import { installed, link } from "../../infra/engine/plugins/home";

/** Where plugins are put, and what is noticed there; nothing is built where the machine has them already. */
let home: string;
beforeEach(() => (home = mkdtempSync(join(tmpdir(), "odoo-stacks-home-"))));
afterEach(() => rmSync(home, { recursive: true, force: true }));

const plugin = { name: "docker", version: "5.2.0" };
const folder = () => join(home, "plugins/resource-docker-v5.2.0");
const executable = () => join(folder(), "pulumi-resource-docker");

/** A folder of the cache with an executable. */
function cache(name: string): string {
  const directory = join(home, name);
  mkdirSync(directory);
  writeFileSync(join(directory, "bridged"), "#!/bin/sh\n", { mode: 0o755 });
  return directory;
}

describe("a home", () => {
  it("tells what it has", () => {
    expect(installed(home, plugin)).toBe("none");
    link(home, plugin, cache("first"));
    expect(installed(home, plugin)).toBe("built");
    rmSync(folder(), { recursive: true });
    mkdirSync(folder(), { recursive: true });
    writeFileSync(executable(), "Pulumi's own");
    expect(installed(home, plugin)).toBe("official");
  });

  it("does not count a plugin whose cache is gone", () => {
    link(home, plugin, cache("first"));
    rmSync(join(home, "first"), { recursive: true });
    expect(installed(home, plugin)).toBe("none");
  });

  it("does not count a download that was cut short, and a link takes its place", () => {
    mkdirSync(folder(), { recursive: true });
    writeFileSync(executable(), "half of it");
    for (const leftover of [".partial", ".lock"]) writeFileSync(`${folder()}${leftover}`, "");
    expect(installed(home, plugin)).toBe("none");
    link(home, plugin, cache("first"));
    expect(installed(home, plugin)).toBe("built");
    expect(readdirSync(join(home, "plugins"))).toEqual(["resource-docker-v5.2.0"]);
  });

  it("follows the cache when it is built anew, and leaves nothing else behind", () => {
    link(home, plugin, cache("first"));
    link(home, plugin, cache("second"));
    expect(readlinkSync(executable())).toBe(join(home, "second/bridged"));
    expect(readdirSync(folder())).toEqual(["pulumi-resource-docker"]);
  });
});

describe("the engine's plugins", () => {
  it("are found by the engine itself in an empty home, and then cost next to nothing", async () => {
    const real = await ensureEngine((line) => console.log(line));
    const engine: Engine = { ...real, source: "built", home };
    expect(await ensurePlugins(engine, (line) => console.log(line))).toEqual(engine);
    for (const { name, version } of plugins) {
      expect(
        lstatSync(join(home, `plugins/resource-${name}-v${version}/pulumi-resource-${name}`)).isSymbolicLink(),
      ).toBe(true);
    }
    const env = { PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" };
    const listed = JSON.parse(await run([engine.pulumi, "plugin", "ls", "--json"], { env })) as typeof plugins;
    expect(listed.map(({ name, version }) => `${name} ${version}`).sort()).toEqual(
      plugins.map(({ name, version }) => `${name} ${version}`).sort(),
    );
    const milliseconds: number[] = [];
    for (let i = 0; i < 5; i++) {
      const start = performance.now();
      await ensurePlugins(engine, () => expect.fail("nothing is left to be done"));
      milliseconds.push(performance.now() - start);
    }
    expect(Math.min(...milliseconds)).toBeLessThan(50);
  });

  it("are left alone where they are Pulumi's own", async () => {
    for (const { name, version } of plugins) {
      const directory = join(home, `plugins/resource-${name}-v${version}`);
      mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, `pulumi-resource-${name}`), "Pulumi's own");
    }
    const engine: Engine = { pulumi: "pulumi", binDir: "", version: "", home, source: "built" };
    expect(await ensurePlugins(engine, () => expect.fail("nothing is to be done"))).toEqual(engine);
    expect(installed(home, plugin)).toBe("official");
  });
});
