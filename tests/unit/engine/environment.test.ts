import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { UserError } from "../../../infra/core/errors";
import type { Engine } from "../../../infra/engine";
import { engineEnvironment } from "../../../infra/engine/environment";

let root: string;
const state = () => join(root, "state");
const project = () => join(root, "project");
const passphraseFile = () => join(state(), "passphrase");
const engine = (): Engine => ({
  pulumi: join(root, "engine", "bin", "pulumi"),
  binDir: join(root, "engine", "bin"),
  home: join(root, "home"),
  version: "3.259.0",
  source: "built",
});
const environment = () => engineEnvironment(engine(), project());
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

/** Puts a stack into the file backend that is used by default. */
function addStack(name = "local-prod.json"): void {
  const stacks = join(state(), "pulumi", ".pulumi", "stacks", "odoo-stacks");
  mkdirSync(stacks, { recursive: true });
  writeFileSync(join(stacks, name), "{}");
}

function logIn(credentials: object): string {
  const directory = join(root, "users-own-home");
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "credentials.json"), JSON.stringify(credentials));
  vi.stubEnv("PULUMI_HOME", directory);
  return directory;
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "odoo-stacks-environment-"));
  mkdirSync(project());
  writeFileSync(join(project(), "Pulumi.yaml"), "name: test\nruntime: nodejs\n");
  vi.stubEnv("ODOO_STACKS_STATE_DIR", state());
  vi.stubEnv("PULUMI_CREDENTIALS_PATH", undefined);
  vi.stubEnv("PULUMI_HOME", join(root, "nobody"));
  for (const name of [
    "BACKEND_URL",
    "CONFIG_PASSPHRASE",
    "CONFIG_PASSPHRASE_FILE",
    "ACCESS_TOKEN",
    "SKIP_UPDATE_CHECK",
  ])
    vi.stubEnv(`PULUMI_${name}`, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

describe("the engine's environment", () => {
  it("puts the state and the passphrase where only this user can read them", () => {
    const variables = environment();
    expect(variables.PULUMI_BACKEND_URL).toBe(`file://${join(state(), "pulumi")}`);
    expect(variables.PULUMI_CONFIG_PASSPHRASE_FILE).toBe(passphraseFile());
    expect(variables.PULUMI_HOME).toBe(engine().home);
    expect(variables.PULUMI_SKIP_UPDATE_CHECK).toBe("true");
    expect(mode(state())).toBe("700");
    expect(mode(join(state(), "pulumi"))).toBe("700");
    expect(mode(passphraseFile())).toBe("600");
    expect(readFileSync(passphraseFile(), "utf8").trim()).toMatch(/^[\w-]{43}$/);
  });

  it("carries no secret itself", () => {
    const values = Object.values(environment()).join("\n");
    expect(values).not.toContain(readFileSync(passphraseFile(), "utf8").trim());
  });

  it("keeps the passphrase that it made, and makes another for another user", () => {
    environment();
    const first = readFileSync(passphraseFile(), "utf8");
    environment();
    expect(readFileSync(passphraseFile(), "utf8")).toBe(first);
    vi.stubEnv("ODOO_STACKS_STATE_DIR", join(root, "another"));
    environment();
    expect(readFileSync(join(root, "another", "passphrase"), "utf8")).not.toBe(first);
  });

  it("closes a passphrase file that others can read", () => {
    environment();
    chmodSync(passphraseFile(), 0o644);
    environment();
    expect(mode(passphraseFile())).toBe("600");
  });

  it("finds the engine first and this Node at the latest", () => {
    vi.stubEnv("PATH", ["/usr/games", engine().binDir].join(delimiter));
    const path = environment().PATH?.split(delimiter);
    expect(path).toEqual([engine().binDir, "/usr/games", join(process.execPath, "..")]);
  });
});

describe("what the user has chosen", () => {
  it("is a backend by variable", () => {
    vi.stubEnv("PULUMI_BACKEND_URL", "s3://states");
    expect(environment()).not.toHaveProperty("PULUMI_BACKEND_URL");
    expect(existsSync(join(state(), "pulumi"))).toBe(false);
  });

  it("is a backend in Pulumi.yaml", () => {
    writeFileSync(join(project(), "Pulumi.yaml"), "name: test\nbackend:\n  url: gs://states\n");
    expect(environment()).not.toHaveProperty("PULUMI_BACKEND_URL");
  });

  it("is a login, whose credentials the engine is shown although its home is another", () => {
    const directory = logIn({ current: "https://api.pulumi.com", accessTokens: {} });
    const variables = environment();
    expect(variables).not.toHaveProperty("PULUMI_BACKEND_URL");
    expect(variables.PULUMI_CREDENTIALS_PATH).toBe(directory);
    expect(variables).not.toHaveProperty("PULUMI_CONFIG_PASSPHRASE_FILE");
  });

  it("is a login that Pulumi keeps encrypted", () => {
    const directory = logIn({ $pulumiSecureStore: 1 });
    expect(environment()).toMatchObject({ PULUMI_CREDENTIALS_PATH: directory });
    expect(environment()).not.toHaveProperty("PULUMI_BACKEND_URL");
  });

  it("is no login after logging out", () => {
    logIn({ accessTokens: {} });
    expect(environment().PULUMI_BACKEND_URL).toBe(`file://${join(state(), "pulumi")}`);
  });

  it("is Pulumi Cloud where only a token is set", () => {
    vi.stubEnv("PULUMI_ACCESS_TOKEN", "pul-0");
    expect(environment()).not.toHaveProperty("PULUMI_BACKEND_URL");
    expect(existsSync(passphraseFile())).toBe(false);
  });

  it.each([
    ["PULUMI_CONFIG_PASSPHRASE", "a phrase"],
    ["PULUMI_CONFIG_PASSPHRASE", ""], // Pulumi takes the empty one for a passphrase too.
    ["PULUMI_CONFIG_PASSPHRASE_FILE", "/run/secrets/passphrase"],
  ])("is a passphrase in %s (%j)", (name, value) => {
    vi.stubEnv(name, value);
    addStack();
    expect(environment()).not.toHaveProperty("PULUMI_CONFIG_PASSPHRASE_FILE");
    expect(existsSync(passphraseFile())).toBe(false);
  });

  it("is whether Pulumi looks for updates", () => {
    vi.stubEnv("PULUMI_SKIP_UPDATE_CHECK", "false");
    expect(environment().PULUMI_SKIP_UPDATE_CHECK).toBe("false");
  });
});

describe("a lost passphrase", () => {
  it.each(["local-prod.json", "local-prod.json.gz"])(
    "is an error while there is a stack (%s), and none is made",
    (name) => {
      addStack(name);
      expect(environment).toThrow(UserError);
      expect(environment).toThrow(passphraseFile());
      expect(environment).toThrow(/back from a backup/);
      expect(existsSync(passphraseFile())).toBe(false);
    },
  );

  it("counts an empty file as lost", () => {
    environment();
    addStack();
    writeFileSync(passphraseFile(), "\n");
    expect(environment).toThrow(/empty/);
    expect(readFileSync(passphraseFile(), "utf8")).toBe("\n");
  });

  it("is made anew where nothing needs it: no stacks, or only backups of removed ones", () => {
    addStack("local-prod.json.bak");
    mkdirSync(state(), { recursive: true });
    writeFileSync(passphraseFile(), "");
    environment();
    expect(readFileSync(passphraseFile(), "utf8").trim()).toHaveLength(43);
  });

  it("is noticed in a file backend of the user's own too", () => {
    vi.stubEnv("PULUMI_BACKEND_URL", `file://${join(state(), "pulumi")}`);
    addStack();
    expect(environment).toThrow(/passphrase/);
  });
});
