import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readScript, shellVariables } from "../../../infra/commands/machine/script";
import { folderWith } from "../../support/folders";

const key = "937616F3450B7D806CBD9725D58167303B789C72";
const signed = `[GNUPG:] VALIDSIG ${key} 2026-11-01 1793491200 0 4 0 1 8 00 ${key}`;
const config = '{"agent":{"region":"eu-central-1"}}';

/** What stands in for a machine's own commands; each writes down how it was called. */
const commands = (said: string, arch = "arm64"): Record<string, string> => ({
  id: "echo 0",
  "apt-get": "",
  curl: 'for last; do :; done; while [ "$1" != --output ]; do shift; done; echo "$last" >"$2"',
  gpg: `case "$*" in *--verify*) echo '${said}' ;; esac`,
  dpkg: `if [ "$1" = --print-architecture ]; then echo ${arch}; else install_agent; fi`,
  dnf: "install_agent",
  // The agent itself, which runs once it is configured.
  "amazon-cloudwatch-agent-ctl": `
    if [ "$2" = status ]; then [ -e "$AGENT/up" ] && echo '  "status": "running",' || echo '  "status": "stopped",'
    else [ ! -e "$AGENT/refuses" ] && touch "$AGENT/up"; fi`,
});

interface Machine {
  readonly folder: string;
  readonly agent: string;
  /** Commands that were called since the last time, with their arguments. */
  calls(): string[];
  run(variables?: Record<string, string>): { exitCode: number | null; stdout: string; stderr: string };
}

function machineWith({ said = signed, system = "ID=debian\nPRETTY_NAME='Debian GNU/Linux 13'" } = {}): Machine {
  const folder = folderWith({ "os-release": system, calls: "" });
  const agent = join(folder, "agent");
  const bin = folderWith({});
  const install = `mkdir -p "$AGENT/bin" && cp "${bin}/amazon-cloudwatch-agent-ctl" "$AGENT/bin/" && echo 1.3 >"$AGENT/bin/CWAGENT_VERSION"`;
  for (const [name, body] of Object.entries({ ...commands(said), install_agent: install })) {
    writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >>"${folder}/calls"\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const script = readScript("cloudwatch");
  return {
    folder,
    agent,
    calls: () => {
      const calls = readFileSync(join(folder, "calls"), "utf8").trimEnd().split("\n");
      writeFileSync(join(folder, "calls"), "");
      return calls;
    },
    run: (variables = {}) => {
      const given = { REGION: "eu-central-1", CONFIG: config, ...variables };
      const { status, stdout, stderr } = spawnSync("sh", ["-s"], {
        input: `${shellVariables(given)}\n${script}`,
        env: { PATH: `${bin}:${process.env.PATH}`, AGENT: agent, OS_RELEASE: join(folder, "os-release") },
        encoding: "utf8",
      });
      return { exitCode: status, stdout, stderr };
    },
  };
}

const doing = (calls: readonly string[], what: RegExp) => calls.filter((call) => what.test(call));

describe("a machine that is to be watched", () => {
  it("gets the agent from AWS's place in its region, for its system and architecture, and is told what to send", () => {
    const machine = machineWith();
    const { exitCode, stdout } = machine.run();
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ agent: "1.3" });
    const calls = machine.calls();
    const base = "https://amazoncloudwatch-agent-eu-central-1.s3.eu-central-1.amazonaws.com/debian/arm64/latest";
    expect(doing(calls, /^curl/).map((call) => call.split(" ").at(-1))).toEqual([
      `${base}/amazon-cloudwatch-agent.deb`,
      `${base}/amazon-cloudwatch-agent.deb.sig`,
      "https://amazoncloudwatch-agent.s3.amazonaws.com/assets/amazon-cloudwatch-agent.gpg",
    ]);
    expect(doing(calls, /fetch-config/)).toEqual([
      `amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:${machine.agent}/etc/odoo-stacks.json`,
    ]);
    expect(readFileSync(join(machine.agent, "etc/odoo-stacks.json"), "utf8")).toBe(`${config}\n`);
  });

  it("is left alone when all is as it should be", () => {
    const machine = machineWith();
    machine.run();
    machine.calls();
    expect(machine.run().exitCode).toBe(0);
    expect(doing(machine.calls(), /fetch-config|curl|dpkg/)).toEqual([]);
  });

  it("is told again what has changed, and when the agent is down", () => {
    const machine = machineWith();
    machine.run();
    machine.calls();
    machine.run({ CONFIG: "{}" });
    expect(doing(machine.calls(), /fetch-config/)).toHaveLength(1);
    execFileSync("rm", [join(machine.agent, "up")]);
    machine.run({ CONFIG: "{}" });
    expect(doing(machine.calls(), /fetch-config|curl/)).toHaveLength(1);
  });

  it("is told again what the agent has refused", () => {
    const machine = machineWith();
    machine.run();
    writeFileSync(join(machine.agent, "refuses"), "");
    const { exitCode, stderr } = machine.run({ CONFIG: "{}" });
    expect(exitCode).toBe(65);
    expect(stderr).toContain("refuses its configuration");
    execFileSync("rm", [join(machine.agent, "refuses")]);
    machine.calls();
    expect(machine.run({ CONFIG: "{}" }).exitCode).toBe(0);
    expect(doing(machine.calls(), /fetch-config/)).toHaveLength(1);
  });

  it.each([
    ["that nobody has signed", "[GNUPG:] ERRSIG D58167303B789C72 1 8 00 1793491200 9"],
    [
      "with another key's signature",
      `[GNUPG:] VALIDSIG ${"A".repeat(40)} 2026-11-01 1793491200 0 4 0 1 8 00 ${"A".repeat(40)}`,
    ],
  ])("does not get an agent %s", (_what, said) => {
    const machine = machineWith({ said });
    const { exitCode, stderr } = machine.run();
    expect(exitCode).toBe(65);
    expect(stderr).toContain(`is not signed by AWS's key ${key}: it was not installed`);
    expect(existsSync(join(machine.agent, "bin"))).toBe(false);
  });

  it("has it from Amazon Linux's own packages there", () => {
    const machine = machineWith({ system: 'ID="amzn"\nPRETTY_NAME="Amazon Linux 2023"' });
    expect(machine.run().exitCode).toBe(0);
    expect(doing(machine.calls(), /^(dnf|curl)/)).toEqual(["dnf install --quiet --assumeyes amazon-cloudwatch-agent"]);
  });

  it("of another system is refused", () => {
    const machine = machineWith({ system: "ID=alpine\nPRETTY_NAME='Alpine Linux'" });
    const { exitCode, stderr } = machine.run();
    expect(exitCode).toBe(65);
    expect(stderr).toMatch(/Alpine Linux: AWS has the CloudWatch agent for Debian, Ubuntu and Amazon Linux/);
  });
});
