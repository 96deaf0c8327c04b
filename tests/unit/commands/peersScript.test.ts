import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { delimiter, join } from "node:path";
import { describe, expect, it } from "vitest";
import { readScript, shellVariables } from "../../../infra/commands/machine/script";
import { folderWith } from "../../support/folders";

const ownKey = "ssh-ed25519 AAAAown ada@laptop";

/** A folder that stands in for a machine: its home folder and what it knows of the others. */
function machineWith(authorizedKeys: string): string {
  const folder = folderWith({ "home/.ssh/authorized_keys": authorizedKeys });
  const getent = folderWith({ getent: `#!/bin/sh\necho "user:x:1000:1000::${folder}/home:/bin/sh"\n` });
  chmodSync(join(getent, "getent"), 0o755);
  writeFileSync(join(folder, "path"), [getent, process.env.PATH].join(delimiter));
  return folder;
}

const defaults = {
  MARK: "odoo-stacks acme-platform",
  ALLOWED: "ssh-ed25519 AAAAweb odoo-stacks acme-platform\nssh-ed25519 AAAAtest odoo-stacks acme-platform",
  PEERS: "web 10.0.0.10 root 22\nweb-2 10.0.0.13 deploy 2222",
  KNOWN_HOSTS: "web ssh-ed25519 AAAAhost\nweb-2 ssh-ed25519 AAAAother",
  MACHINES: '{"self":"db","manager":"web","others":["web","web-2"]}',
};

function tell(folder: string, variables: Partial<typeof defaults> = {}): void {
  const given = { FOLDER: join(folder, "known"), USER_NAME: userInfo().username, ...defaults, ...variables };
  const input = `${shellVariables(given)}\n${readScript("peers")}`;
  execFileSync("sh", ["-s"], { input, env: { PATH: readFileSync(join(folder, "path"), "utf8") }, stdio: "pipe" });
}

const keysOn = (folder: string): string[] =>
  readFileSync(join(folder, "home/.ssh/authorized_keys"), "utf8").trimEnd().split("\n");
const known = (folder: string, file: string): string => readFileSync(join(folder, "known", file), "utf8");

describe("a machine that is told of the others", () => {
  it("lets their operators reach its Engine and nothing else, and leaves the keys that it has", () => {
    const machine = machineWith(ownKey);
    tell(machine);
    expect(keysOn(machine)).toEqual([
      ownKey,
      'restrict,command="docker system dial-stdio" ssh-ed25519 AAAAweb odoo-stacks acme-platform',
      'restrict,command="docker system dial-stdio" ssh-ed25519 AAAAtest odoo-stacks acme-platform',
    ]);
    expect(statSync(join(machine, "home/.ssh/authorized_keys")).mode & 0o777).toBe(0o600);
  });

  it("has each key once, however often it is told, and those no more that are not allowed now", () => {
    const machine = machineWith(`${ownKey}\n`);
    tell(machine);
    tell(machine);
    expect(keysOn(machine)).toHaveLength(3);
    tell(machine, { ALLOWED: "" });
    expect(keysOn(machine)).toEqual([ownKey]);
  });

  it("leaves the keys of a platform whose name begins the same", () => {
    const other = 'restrict,command="docker system dial-stdio" ssh-ed25519 AAAA odoo-stacks acme-platform-2';
    const machine = machineWith(`${other}\n`);
    tell(machine, { ALLOWED: "" });
    expect(keysOn(machine)).toEqual([other]);
  });

  it("reaches each by its name, at its own address, and trusts the keys that were found there alone", () => {
    const machine = machineWith("");
    tell(machine);
    const config = known(machine, "ssh_config");
    expect(config).toContain("Host web\n  HostName 10.0.0.10\n  User root\n  Port 22\n  HostKeyAlias web\n");
    expect(config).toContain("Host web-2\n  HostName 10.0.0.13\n  User deploy\n  Port 2222\n  HostKeyAlias web-2\n");
    const forAll = config.slice(config.indexOf("Host *"));
    expect(forAll).toContain(`  IdentityFile ${machine}/known/id_ed25519\n`);
    expect(forAll).toContain(`  UserKnownHostsFile ${machine}/known/known_hosts\n`);
    for (const line of ["IdentitiesOnly yes", "StrictHostKeyChecking yes", "BatchMode yes", "ControlMaster no"]) {
      expect(forAll).toContain(`  ${line}\n`);
    }
    expect(known(machine, "known_hosts")).toBe(`${defaults.KNOWN_HOSTS}\n`);
    expect(known(machine, "machines.json")).toBe(`${defaults.MACHINES}\n`);
  });

  it("knows of nobody where there is nobody", () => {
    const machine = machineWith("");
    tell(machine, { PEERS: "", KNOWN_HOSTS: "", ALLOWED: "" });
    expect(known(machine, "ssh_config").match(/^Host .*$/gm)).toEqual(["Host *"]);
  });
});

describe("lines that set variables of a shell", () => {
  it.each(["a b", "it's", '"$HOME"', "a\nb", "`id`", "\\", ""])("keep what is in them: %j", (value) => {
    const script = `${shellVariables({ VALUE: value })}\nprintf %s "$VALUE"`;
    expect(execFileSync("sh", ["-s"], { input: script, encoding: "utf8" })).toBe(value);
  });
});
