import { describe, expect, it } from "vitest";
import { clientMissing, plan, type Situation } from "../../../infra/docker/plan";
import { isDebianLike, parseRelease } from "../../../infra/docker/system";

const situation: Situation = {
  host: "unix:///var/run/docker.sock",
  chosen: false,
  failure: "connect ENOENT /var/run/docker.sock",
  forbidden: false,
  root: true,
  debianLike: true,
  system: "Debian GNU/Linux 13 (trixie)",
  systemd: true,
  installed: true,
};

describe("what is done when Docker does not answer", () => {
  it.each([
    ["it is started", {}, { packages: [], start: "systemd" }],
    ["it is started directly without an init system", { systemd: false }, { packages: [], start: "directly" }],
    [
      "it is installed as root on Debian",
      { installed: false },
      { packages: ["docker.io", "iptables"], start: "systemd" },
    ],
    [
      "it is installed and started directly",
      { installed: false, systemd: false },
      { packages: ["docker.io", "iptables"], start: "directly" },
    ],
    ["an installed one is started on any distribution", { debianLike: false }, { packages: [], start: "systemd" }],
  ] as const)("%s", (_, differing, expected) => {
    expect(plan({ ...situation, ...differing })).toEqual(expected);
  });

  it.each([
    ["without root, an installed one is the user's to start", { root: false }, "sudo systemctl start docker"],
    ["without root, nothing is installed", { root: false, installed: false }, "install and start it"],
    [
      "other distributions have their own way",
      { installed: false, debianLike: false, system: "Fedora 43" },
      "Fedora 43",
    ],
    ["one that DOCKER_HOST names is not replaced", { chosen: true, host: "tcp://10.0.0.5:2376" }, "unset DOCKER_HOST"],
    ["one that refuses this user is not replaced", { forbidden: true, root: false }, "usermod -aG docker"],
    ["a refusal counts more than who chose it", { forbidden: true, chosen: true }, "usermod -aG docker"],
  ] as const)("%s", (_, differing, hint) => {
    const given = { ...situation, ...differing };
    expect(() => plan(given)).toThrow(hint);
    expect(() => plan(given)).toThrow(given.host);
    expect(() => plan(given)).toThrow(given.failure);
  });

  it("says how to get the command alone", () => {
    expect(clientMissing().message).toContain("docker-cli");
  });
});

describe("the system", () => {
  it.each([
    ['ID=debian\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n', true],
    ["ID=ubuntu\nID_LIKE=debian\n", true],
    ["ID=linuxmint\nID_LIKE='ubuntu debian'\n", true],
    ['ID="fedora"\nID_LIKE="rhel centos"\n', false],
    ["", false],
  ])("%j is like Debian: %s", (text, expected) => {
    expect(isDebianLike(parseRelease(text))).toBe(expected);
  });

  it("gives its settings without their quotes", () => {
    expect(parseRelease("A=1\nB=\"two words\"\nC='x'\n# D=4\n")).toEqual({ A: "1", B: "two words", C: "x" });
  });
});
