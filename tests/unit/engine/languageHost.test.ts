import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ProgramInfo, RunRequest } from "@pulumi/pulumi/proto/language_pb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { declaredBy, dependenciesOf, findPackage, pluginOf, usesPulumi } from "../../../infra/engine/host/packages";
import { resolveFrom } from "../../../infra/engine/host/processes";
import { programArguments, programEnvironment, programResponse } from "../../../infra/engine/host/program";
import { installCommand } from "../../../infra/engine/host/streams";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "odoo-stacks-host-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function addPackage(directory: string, manifest: object): void {
  mkdirSync(join(root, directory), { recursive: true });
  writeFileSync(join(root, directory, "package.json"), JSON.stringify(manifest));
}

/** A program with a plugin's package, one that brings another copy of itself, one for development, and an optional one. */
function addProgram(): void {
  addPackage("", {
    name: "program",
    dependencies: { "@pulumi/random": "1", component: "1" },
    devDependencies: { "dev-only": "1" },
    optionalDependencies: { "@pulumi/aws": "7" },
  });
  addPackage("node_modules/@pulumi/random", { name: "@pulumi/random", version: "4.21.2", pulumi: { resource: true } });
  addPackage("node_modules/@pulumi/aws", { name: "@pulumi/aws", version: "7.0.0", pulumi: { resource: true } });
  addPackage("node_modules/dev-only", { name: "dev-only", version: "1.0.0", pulumi: { resource: true } });
  addPackage("node_modules/component", {
    name: "component",
    version: "1.0.0",
    dependencies: { "@pulumi/random": "3", missing: "1", component: "1" },
    peerDependencies: { "@pulumi/pulumi": "3" },
  });
  addPackage("node_modules/component/node_modules/@pulumi/random", {
    name: "@pulumi/random",
    version: "3.0.0",
    pulumi: { resource: true, name: "random" },
  });
}

const plugins = () => {
  const program = findPackage(join(root, "infra"));
  if (!program) throw new Error("no program");
  return dependenciesOf(program, usesPulumi).flatMap(({ manifest }) => pluginOf(manifest) ?? []);
};

describe("the plugins of a program", () => {
  it("are those of the packages it needs at run time, in the versions that are installed", () => {
    addProgram();
    mkdirSync(join(root, "infra"));
    expect(plugins().map(({ name, version }) => `${name} ${version}`)).toEqual(["random 4.21.2", "random 3.0.0"]);
  });

  it("are not looked for in packages that aren't built on Pulumi's SDK", () => {
    addProgram();
    addPackage("node_modules/component", {
      name: "component",
      version: "1.0.0",
      dependencies: { "@pulumi/random": "3" },
    });
    expect(plugins().map(({ version }) => version)).toEqual(["4.21.2"]);
  });

  it("carry what the package says about them", () => {
    const parameterization = { name: "net", version: "1.0.0", value: "e30=" };
    const said = {
      resource: true,
      name: "terraform-provider",
      version: "0.9.0",
      server: "https://example.org",
      parameterization,
    };
    const { resource, ...plugin } = said;
    expect(resource).toBe(true);
    expect(pluginOf({ name: "@example/net", version: "1.0.0", pulumi: said })).toEqual(plugin);
    expect(pluginOf({ name: "lodash", version: "4.0.0" })).toBeUndefined();
    expect(pluginOf({ name: "@example/policies", version: "1.0.0", pulumi: {} })).toBeUndefined();
  });

  it("are none where there is no package or it can't be read", () => {
    mkdirSync(join(root, "empty"));
    writeFileSync(join(root, "package.json"), "{ half");
    expect(findPackage(join(root, "empty"))?.directory).not.toBe(root);
  });

  it("are listed with the packages for development by `pulumi about`", () => {
    addProgram();
    const program = findPackage(root);
    const names = program && declaredBy(program).map(({ manifest }) => manifest.name);
    expect(names).toEqual(["@pulumi/random", "component", "dev-only"]);
  });
});

/** A request as the engine makes it for an `up` of a project with `main: infra/main.cjs`. */
function runRequest(): RunRequest {
  const info = new ProgramInfo().setRootDirectory("/p").setProgramDirectory("/p/infra").setEntryPoint("main.cjs");
  const request = new RunRequest()
    .setMonitorAddress("127.0.0.1:1")
    .setPwd("/p/infra")
    .setProject("odoo-stacks")
    .setStack("local-prod")
    .setOrganization("organization")
    .setParallel(16)
    .setConfigsecretkeysList(["odoo-stacks:password"])
    .setArgsList(["extra"])
    .setInfo(info);
  request.getConfigMap().set("odoo-stacks:password", "hunter2").set("odoo-stacks:kind", "environment");
  return request;
}

describe("running a program", () => {
  it("hands on what the SDK's runner needs", () => {
    const argv = programArguments(runRequest(), "127.0.0.1:2", "/sdk/run", {});
    const said =
      "/sdk/run --monitor 127.0.0.1:1 --engine 127.0.0.1:2 --organization organization --project odoo-stacks " +
      "--root-directory /p --stack local-prod --pwd /p/infra --parallel 16 main.cjs extra";
    expect(argv.join(" ")).toBe(said);
  });

  it("says so in a preview, and gives Node its own arguments first", () => {
    const options = { nodeargs: " --max-old-space-size=512  --trace-warnings " };
    const argv = programArguments(runRequest().setDryrun(true), "", "/sdk/run", options);
    expect(argv.slice(0, 3)).toEqual(["--max-old-space-size=512", "--trace-warnings", "/sdk/run"]);
    expect(argv).toContain("--dry-run");
    expect(argv).not.toContain("--engine");
  });

  it("runs the package's own entry point where Pulumi.yaml names none", () => {
    const request = runRequest().setArgsList([]);
    request.getInfo()?.setEntryPoint("");
    expect(programArguments(request, "", "/sdk/run", {}).at(-1)).toBe(".");
  });

  it("passes config in the variables that the SDK reads, never as arguments", () => {
    const request = runRequest();
    const environment = programEnvironment(request, { typescript: false });
    expect(JSON.parse(environment.PULUMI_CONFIG ?? "")).toEqual({
      "odoo-stacks:password": "hunter2",
      "odoo-stacks:kind": "environment",
    });
    expect(environment.PULUMI_CONFIG_SECRET_KEYS).toBe('["odoo-stacks:password"]');
    expect(environment).not.toHaveProperty("PULUMI_NODEJS_TYPESCRIPT");
    expect(programArguments(request, "", "/sdk/run", {}).join(" ")).not.toContain("hunter2");
  });

  it("leaves TypeScript to the SDK unless Pulumi.yaml turns it off", () => {
    const environment = programEnvironment(runRequest(), { tsconfig: "tsconfig.pulumi.json" });
    expect(environment).toMatchObject({
      PULUMI_NODEJS_TYPESCRIPT: "true",
      PULUMI_NODEJS_TSCONFIG_PATH: "tsconfig.pulumi.json",
    });
  });

  it("tells the engine how it ended", () => {
    const told = (code: number | null, signal: NodeJS.Signals | null = null) => {
      const response = programResponse({ code, signal });
      return [response.getError(), response.getBail()];
    };
    expect(told(0)).toEqual(["", false]);
    expect(told(32)).toEqual(["", true]);
    expect(told(1)).toEqual(["Program exited with non-zero exit code: 1", false]);
    expect(told(null, "SIGKILL")).toEqual(["Program was ended by SIGKILL", false]);
  });

  it("says in one sentence that packages are missing", () => {
    expect(() => resolveFrom("@pulumi/nothing/cmd/run", root)).toThrow(/not installed for the program in .*npm ci/);
  });
});

describe("installing packages", () => {
  it("keeps to npm's lock file where there is one, and to the chosen package manager", () => {
    expect(installCommand({}, root).slice(0, 2)).toEqual(["npm", "install"]);
    writeFileSync(join(root, "package-lock.json"), "{}");
    expect(installCommand({}, root).slice(0, 2)).toEqual(["npm", "ci"]);
    expect(installCommand({ packagemanager: "pnpm" }, root)).toEqual(["pnpm", "install"]);
  });
});
