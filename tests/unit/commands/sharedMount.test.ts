import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { step } from "../../../infra/commands/steps/sharedMount";
import { silent } from "../../../infra/core/report";
import { folderWith } from "../../support/folders";

const machine = { name: "web", address: "10.0.0.10", user: "admin", port: 22 };
const mounting = { machine, address: "fs-1.example", path: "/srv/odoo", folders: ["prod", "shop"], script: "1" };

/** A program that stands in for ssh: it keeps what it is asked for, and answers the same to all but the first question. */
function sshThat(answers: string): string {
  const folder = folderWith({});
  mkdirSync(join(folder, "bin"));
  const program = `#!/bin/sh\ncase "$*" in *"-O check"*) exit 0 ;; esac\necho "$*" >"$CALLS/args"\ncat >"$CALLS/input"\n${answers}\n`;
  writeFileSync(join(folder, "bin/ssh"), program);
  chmodSync(join(folder, "bin/ssh"), 0o755);
  vi.stubEnv("PATH", [join(folder, "bin"), process.env.PATH].join(delimiter));
  vi.stubEnv("CALLS", folder);
  return folder;
}

afterEach(() => vi.unstubAllEnvs());

describe("the step that mounts files of EFS", () => {
  it("runs the script as root, with what it has to know before it", async () => {
    const folder = sshThat("exit 0");
    await expect(step.apply(mounting, silent, undefined)).resolves.toEqual({});
    expect(readFileSync(join(folder, "args"), "utf8")).toContain("sudo -n sh -s");
    const input = readFileSync(join(folder, "input"), "utf8");
    for (const line of [
      "ADDRESS='fs-1.example'",
      "MOUNT_POINT='/srv/odoo'",
      "FOLDERS='prod shop'",
      "TLS_PORT='20049'",
    ]) {
      expect(input.split("\n")).toContain(line);
    }
    expect(input).toContain("checkHost = $ADDRESS");
    // The user of the connection has to be able to read its settings: not where the machine's key is.
    expect(input).toContain("FOLDER='/etc/odoo-stacks-efs'");
  });

  it.each([
    [
      "a refusal",
      "echo installing >&2; echo '/srv/odoo is not empty' >&2; exit 65",
      /web\.[\s\S]*\/srv\/odoo is not empty/,
    ],
    ["what went wrong", "echo 'E: no network' >&2; exit 100", /web\.[\s\S]*E: no network/],
    ["a machine that can't be reached", "echo 'Connection refused' >&2; exit 255", /can't be reached/],
  ])("tells of %s", async (_, answer, message) => {
    sshThat(answer);
    await expect(step.apply(mounting, silent, undefined)).rejects.toThrow(message);
  });

  it.each(["srv/odoo", "/", "/srv/od oo", "/srv/odoo/", "/srv/$(id)", ""])("takes no path like %j", async (path) => {
    await expect(step.apply({ ...mounting, path }, silent, undefined)).rejects.toThrow(/filestore\.path/);
  });
});
