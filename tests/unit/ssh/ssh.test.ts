import { describe, expect, it } from "vitest";
import { renderConfig, sshEnvironment } from "../../../infra/ssh/config";
import { explainFailure, MachineDown } from "../../../infra/ssh/failure";
import { dockerHostOf, isRemote, machineOf } from "../../../infra/ssh/machine";

const machine = { name: "main", address: "203.0.113.10", user: "deploy", port: 2222 };

describe("a machine's Engine", () => {
  it.each([
    [machine, "ssh://deploy@203.0.113.10:2222"],
    [{ ...machine, address: "2001:db8::1" }, "ssh://deploy@[2001:db8::1]:2222"],
    [{ ...machine, address: "main.example.com", user: "root", port: 22 }, "ssh://root@main.example.com:22"],
  ])("of %j is named %s, and read back", (given, name) => {
    expect(dockerHostOf(given)).toBe(name);
    expect(machineOf(name)).toMatchObject({ address: given.address, user: given.user, port: given.port });
    expect(isRemote(name)).toBe(true);
  });

  it("on this machine is not remote", () => {
    expect(isRemote("unix:///var/run/docker.sock")).toBe(false);
  });
});

describe("the settings of ssh", () => {
  const config = renderConfig("/project", [{ ...machine, key: "~/.ssh/id_acme" }, machine], "/tmp/sockets");

  it("pin host keys in the project, ask nothing, and are for the platform's machines alone", () => {
    expect(config).toContain('UserKnownHostsFile "/project/stacks/known_hosts"');
    expect(config).toContain("StrictHostKeyChecking accept-new");
    expect(config).toContain("BatchMode yes");
    expect(config.match(/^Host .*$/gm)).toEqual(["Host 203.0.113.10", "Host 203.0.113.10"]);
    expect(config.trimEnd().split("\n").slice(-2)).toEqual(["Include ~/.ssh/config", "Include /etc/ssh/ssh_config"]);
  });

  it("name the key's file", () => {
    expect(config).toMatch(/IdentityFile "\/.*\/\.ssh\/id_acme"/);
  });

  it("are none where all machines are this one", () => {
    expect(sshEnvironment("/project", [], "/usr/bin")).toEqual({});
  });
});

describe("a machine that can't be reached", () => {
  it.each([
    [
      "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @",
      /installed anew.*\n.*ssh-keygen -f stacks\/known_hosts -R '\[203/,
    ],
    ["deploy@203.0.113.10: Permission denied (publickey).", /permission denied/],
    ["ssh: connect to host 203.0.113.10 port 2222: Connection refused", /nothing that listens/],
    ["ssh: connect to host 203.0.113.10 port 2222: Connection timed out", /no answer/],
    ["ssh: Could not resolve hostname main: Name or service not known", /a name that is not known/],
    ["something else", /found: +something else/],
  ])("is told in words that help: %s", (said, expected) => {
    expect(explainFailure(machine, said).message).toMatch(expected);
    expect(explainFailure(machine, said).message).toContain("deploy@203.0.113.10:2222");
  });

  it("is down where it does not answer, which others can do without; a wrong key or name is not that", () => {
    const isDown = (said: string) => explainFailure(machine, said) instanceof MachineDown;
    for (const said of [
      "Connection refused",
      "Connection timed out",
      "No route to host",
      "Connection reset by peer",
      "",
    ]) {
      expect(isDown(said), said).toBe(true);
    }
    for (const said of ["Host key verification failed.", "Permission denied", "Could not resolve hostname", "other"]) {
      expect(isDown(said), said).toBe(false);
    }
  });
});
