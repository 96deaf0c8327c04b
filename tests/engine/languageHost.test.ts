import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { attempt, run, type RunResult } from "../../infra/core/exec";
import { repositoryDir } from "../../infra/core/paths";
import { type Engine, ensureEngine } from "../../infra/engine";
import { engineEnvironment } from "../../infra/engine/environment";

/** The real engine on small programs in a folder of their own, with state and passphrase of their own. */
let root: string;
let engine: Engine;
let environment: Record<string, string>;

beforeAll(async () => {
  engine = await ensureEngine((line) => console.log(line));
  root = mkdtempSync(join(tmpdir(), "odoo-stacks-engine-"));
  mkdirSync(join(root, "state"));
  environment = {
    ...engineEnvironment(engine),
    PULUMI_BACKEND_URL: `file://${join(root, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "for this test only",
  };
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const pulumi = (directory: string, ...args: string[]): Promise<RunResult> =>
  attempt([engine.pulumi, "--cwd", directory, "--non-interactive", "--color=never", ...args], { env: environment });

/** Like `pulumi`, where anything but success is a failure of the test. */
const succeed = (directory: string, ...args: string[]): Promise<string> =>
  run([engine.pulumi, "--cwd", directory, "--non-interactive", "--color=never", ...args], { env: environment });

/** Writes a project with this repository's packages and a stack `test`. */
async function project(name: string, program: string, settings = ""): Promise<string> {
  const directory = join(root, name);
  mkdirSync(directory);
  symlinkSync(join(repositoryDir, "node_modules"), join(directory, "node_modules"));
  const runtime = "runtime:\n  name: nodejs\n  options:\n    typescript: false\n";
  writeFileSync(join(directory, "Pulumi.yaml"), `name: ${name}\n${runtime}${settings}`);
  writeFileSync(join(directory, "package.json"), `{"name":"${name}","version":"1.0.0","main":"index.js"}`);
  writeFileSync(join(directory, "index.js"), program);
  await succeed(directory, "stack", "init", "test");
  return directory;
}

describe("a program", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await project(
      "whole",
      `const pulumi = require("@pulumi/pulumi");
       const config = new pulumi.Config();
       console.log("said on stdout");
       console.error("said on stderr");
       new pulumi.ComponentResource("test:index:Thing", "thing");
       module.exports = {
         plain: config.require("plain"),
         hidden: config.requireSecret("hidden"),
         where: [pulumi.getProject(), pulumi.getStack(), pulumi.getOrganization(), pulumi.runtime.isDryRun()],
         directory: process.cwd(),
       };`,
    );
    await succeed(directory, "config", "set", "plain", "visible");
    await succeed(directory, "config", "set", "--secret", "hidden", "hunter2");
  });

  it("is previewed", async () => {
    const preview = await succeed(directory, "preview");
    expect(preview).toMatch(/\+ 2 to create/);
    expect(preview).toContain("said on stdout");
    expect(preview).toContain("said on stderr");
    expect(preview).not.toContain("hunter2");
  });

  it("runs, with config, secrets and what it asks about itself", async () => {
    expect(await succeed(directory, "up", "--yes")).toMatch(/\+ 2 created/);
    const outputs = JSON.parse(await succeed(directory, "stack", "output", "--json")) as Record<string, unknown>;
    expect(outputs).toEqual({
      plain: "visible",
      hidden: "[secret]",
      where: ["whole", "test", "organization", false],
      directory,
    });
    expect((await succeed(directory, "stack", "output", "hidden", "--show-secrets")).trim()).toBe("hunter2");
    expect(await succeed(directory, "stack", "export")).not.toContain("hunter2");
  });

  it("changes nothing when nothing changed", async () => {
    expect(await succeed(directory, "up", "--yes", "--expect-no-changes")).toMatch(/2 unchanged/);
  });

  it("is described by `pulumi about`", async () => {
    const about = JSON.parse(await succeed(directory, "about", "--json")) as Record<string, Record<string, unknown>>;
    expect(about.runtime).toMatchObject({ language: "nodejs", executable: process.execPath, version: process.version });
    expect(about.cliAbout).toMatchObject({ version: engine.version });
  });

  it("is destroyed", async () => {
    expect(await succeed(directory, "destroy", "--yes")).toMatch(/- 2 deleted/);
    await succeed(directory, "stack", "rm", "--yes");
  });
});

/** As this project's own program begins; without it Node 20 takes half a minute to show an error of Pulumi's SDK. */
const prepareSdk = `require(${JSON.stringify(join(repositoryDir, "infra/engine/prepareSdk.cjs"))});`;

describe("a program that fails", () => {
  it("by a RunError shows its sentence and no stack trace", async () => {
    const program = `${prepareSdk} const { RunError } = require("@pulumi/pulumi"); throw new RunError("the domain is no host name");`;
    const { exitCode, stdout } = await pulumi(await project("run-error", program), "preview");
    expect(exitCode).not.toBe(0);
    expect(stdout).toContain("the domain is no host name");
    expect(stdout).not.toMatch(/\n\s+at |exit code|index\.js/);
  });

  it("by any other error shows where", async () => {
    const { exitCode, stdout } = await pulumi(
      await project("type-error", `${prepareSdk} undefined.domain;`),
      "preview",
    );
    expect(exitCode).not.toBe(0);
    expect(stdout).toMatch(/TypeError[^]*index\.js:1/);
  });

  it("by its exit code says it", async () => {
    const { exitCode, stdout } = await pulumi(await project("exit-code", "process.exit(7);"), "preview");
    expect(exitCode).not.toBe(0);
    expect(stdout).toContain("Program exited with non-zero exit code: 7");
  });

  it("by missing packages says how to install them", async () => {
    const directory = await project("no-packages", "");
    rmSync(join(directory, "node_modules"));
    const { exitCode, stdout, stderr } = await pulumi(directory, "preview");
    expect(exitCode).not.toBe(0);
    expect(stdout + stderr).toMatch(/not installed for the program in .*npm ci/);
  });
});

describe("a program in a folder of its own", () => {
  it("runs there, from the file that Pulumi.yaml names", async () => {
    const directory = await project("nested", "throw new Error('not this one');", "main: program/start.js\n");
    mkdirSync(join(directory, "program"));
    writeFileSync(join(directory, "program", "start.js"), `exports.directory = process.cwd();`);
    await succeed(directory, "up", "--yes");
    const where = (await succeed(directory, "stack", "output", "directory")).trim();
    expect(where).toBe(join(directory, "program"));
  });
});

describe("providers in JavaScript", () => {
  it("dynamic ones create and delete through the program's own functions", async () => {
    const file = join(root, "made-by-provider");
    const directory = await project(
      "dynamic-provider",
      `const pulumi = require("@pulumi/pulumi");
       const provider = {
         create: async ({ file }) => { require("node:fs").writeFileSync(file, "here"); return { id: file, outs: { file } }; },
         delete: async (id) => require("node:fs").rmSync(id),
       };
       class File extends pulumi.dynamic.Resource {
         constructor(name, args) { super(provider, name, args); }
       }
       exports.id = new File("file", { file: ${JSON.stringify(file)} }).id;`,
    );
    await succeed(directory, "up", "--yes");
    expect(readFileSync(file, "utf8")).toBe("here");
    await succeed(directory, "destroy", "--yes");
    expect(() => readFileSync(file)).toThrow("ENOENT");
  });

  it("those in a folder run by way of the language host", async () => {
    const directory = await project(
      "component-provider",
      `const pulumi = require("@pulumi/pulumi");
       class Greeting extends pulumi.CustomResource {
         constructor(name, args) { super("greeter:index:Greeting", name, { ...args, text: undefined }, { version: "1.0.0" }); }
       }
       exports.text = new Greeting("greeting", { name: "Odoo" }).text;`,
      "plugins:\n  providers:\n    - name: greeter\n      path: greeter\n      version: 1.0.0\n",
    );
    cpSync(join(__dirname, "../fixtures/greeter"), join(directory, "greeter"), { recursive: true });
    expect(await succeed(directory, "up", "--yes")).toMatch(/\+ 2 created/);
    expect((await succeed(directory, "stack", "output", "text")).trim()).toBe("Hello Odoo");
  });
});

describe("installing packages", () => {
  it("runs npm for the program and shows what goes wrong", async () => {
    const directory = await project("install", "");
    rmSync(join(directory, "node_modules"));
    mkdirSync(join(directory, "local"));
    writeFileSync(join(directory, "local", "package.json"), `{"name":"local","version":"1.0.0"}`);
    writeFileSync(join(directory, "package.json"), `{"name":"install","dependencies":{"local":"file:local"}}`);
    await succeed(directory, "install");
    expect(readFileSync(join(directory, "node_modules", "local", "package.json"), "utf8")).toContain("local");
    writeFileSync(join(directory, "package.json"), "{ half");
    const { exitCode, stdout, stderr } = await pulumi(directory, "install");
    expect(exitCode).not.toBe(0);
    expect(stdout + stderr).toMatch(/npm ci .*failed/);
  });
});
