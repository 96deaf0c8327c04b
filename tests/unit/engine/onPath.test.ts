import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { UserError } from "../../../infra/core/errors";
import { silent } from "../../../infra/core/report";
import { ensureEngine } from "../../../infra/engine";
import { pinnedVersion } from "../../../infra/engine/version";

let root: string;
const bin = () => join(root, "bin");
const calls = () => readFileSync(join(root, "calls"), "utf8").length;

function script(path: string, body: string): void {
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
}

/** Puts something on PATH that answers as Pulumi does and counts how often it is asked. */
function installPulumi(version: string, languageHost = true): void {
  script(join(bin(), "pulumi"), `printf x >> ${join(root, "calls")}; echo v${version}`);
  if (languageHost) script(join(bin(), "pulumi-language-nodejs"), "exit 1");
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "odoo-stacks-on-path-"));
  mkdirSync(bin());
  vi.stubEnv("PATH", [bin(), "/usr/bin", "/bin"].join(delimiter));
  vi.stubEnv("PULUMI_HOME", undefined);
  vi.stubEnv("ODOO_STACKS_CACHE_DIR", join(root, "cache"));
  vi.stubEnv("ODOO_STACKS_ENGINE", "path");
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

describe("an engine on PATH", () => {
  it("is used with its own home, and asked for its version only once", async () => {
    installPulumi(pinnedVersion);
    const engine = await ensureEngine(silent);
    expect(engine).toMatchObject({
      pulumi: join(bin(), "pulumi"),
      binDir: bin(),
      version: pinnedVersion,
      source: "path",
    });
    expect(engine.home).toMatch(/\/\.pulumi$/);
    await ensureEngine(silent);
    expect(calls()).toBe(1);
  });

  it("is asked again after it was changed", async () => {
    installPulumi(pinnedVersion);
    await ensureEngine(silent);
    installPulumi("3.999.12");
    expect((await ensureEngine(silent)).version).toBe("3.999.12");
  });

  it("may be a link to where it is installed", async () => {
    installPulumi(pinnedVersion);
    mkdirSync(join(root, "links"));
    symlinkSync(join(bin(), "pulumi"), join(root, "links", "pulumi"));
    vi.stubEnv("PATH", [join(root, "links"), "/usr/bin", "/bin"].join(delimiter));
    expect((await ensureEngine(silent)).source).toBe("path");
  });

  it.each<[string, () => void, RegExp]>([
    ["is too old", () => installPulumi("3.100.0"), /version 3\.100\.0 and is not used: .* or newer is needed/],
    ["says no version", () => installPulumi("unknown"), /version unknown/],
    ["has no language host", () => installPulumi(pinnedVersion, false), /has no language host for Node/],
  ])("is left alone where it %s, and the user is told", async (_, install, said) => {
    install();
    const lines: string[] = [];
    await expect(ensureEngine((line) => lines.push(line))).rejects.toThrow(UserError);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(said);
  });

  it("is not looked for in this project's own cache", async () => {
    mkdirSync(join(root, "cache", "bin"), { recursive: true });
    script(join(root, "cache", "bin", "pulumi"), `echo v${pinnedVersion}`);
    script(join(root, "cache", "bin", "pulumi-language-nodejs"), "exit 1");
    vi.stubEnv("PATH", [join(root, "cache", "bin"), "/usr/bin", "/bin"].join(delimiter));
    await expect(ensureEngine(silent)).rejects.toThrow(/no Pulumi on PATH/);
  });
});

describe("ODOO_STACKS_ENGINE", () => {
  it("names one of the sources or is refused", async () => {
    vi.stubEnv("ODOO_STACKS_ENGINE", "brew");
    await expect(ensureEngine(silent)).rejects.toThrow(/path, download, built/);
  });
});
