import { spawn } from "node:child_process";
import { chmodSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { repositoryDir } from "../../../../infra/core/paths";
import { explainFailure, MachineDown } from "../../../../infra/ssh/failure";
import { folderWith } from "../../../support/folders";

const program = join(repositoryDir, "infra/ssh/aws/reach.cjs");

/** A folder with an AWS CLI that notes what it is asked and answers to `ec2` with these words, to `ssm` with what it is told. */
function cli(answer: string): string {
  const folder = folderWith({
    aws: `#!/bin/sh\necho "$*" >>"$(dirname "$0")/asked"\ncase $1 in\n  ec2) ${answer} ;;\n  ssm) cat ;;\nesac\n`,
    asked: "",
  });
  chmodSync(join(folder, "aws"), 0o755);
  return folder;
}

/** Runs what ssh runs, with something to send. */
async function reach(folder: string, access: "ssm" | "ssh", ...more: string[]) {
  const args = [program, access, "eu-central-1", "acme", "main", ...more];
  const env = { ...process.env, PATH: [folder, process.env.PATH].join(delimiter) };
  const child = spawn(process.execPath, args, { env });
  child.stdin.end("hello");
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const [out, said, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { out, said, exitCode };
}

const instance = (address: string) => `echo '[["i-0123456789abcdef0", ${address}]]'`;

describe("what ssh runs for a machine on AWS", () => {
  it("finds the running instance by the platform's tags, and opens a session to its SSH server", async () => {
    const folder = cli(instance("null"));
    expect(await reach(folder, "ssm", "erp", "22")).toEqual({ out: "hello", said: "", exitCode: 0 });
    const [found, session] = readFileSync(join(folder, "asked"), "utf8").trimEnd().split("\n");
    expect(found).toBe(
      "ec2 describe-instances --region eu-central-1 --profile erp --filters Name=instance-state-name,Values=running " +
        "Name=tag:odoo-stacks.stack,Values=acme Name=tag:odoo-stacks.machine,Values=main " +
        "--query Reservations[].Instances[].[InstanceId,PublicIpAddress] --output json",
    );
    expect(session).toBe(
      "ssm start-session --region eu-central-1 --profile erp --target i-0123456789abcdef0 " +
        "--document-name AWS-StartSSHSession --parameters portNumber=22",
    );
  });

  it("connects to the instance's public address where SSH is open", async () => {
    const server = createServer((socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    const folder = cli(instance('"127.0.0.1"'));
    expect(await reach(folder, "ssh", String(port))).toEqual({ out: "hello", said: "", exitCode: 0 });
    expect(readFileSync(join(folder, "asked"), "utf8")).not.toContain("--profile");
    server.close();
  });

  const machine = { name: "main", address: "main.acme.aws", user: "admin", port: 22 };

  it.each([
    ["echo '[]'", /a running instance with the platform's/, true],
    [`echo '[["i-1",null],["i-2",null]]'`, /several instances have that name: i-1, i-2/, false],
    ["echo 'Unable to locate credentials' >&2; exit 253", /credentials of AWS[\s\S]*aws sso login/, false],
    ["echo 'An error (UnauthorizedOperation) occurred' >&2; exit 254", /permission for ec2:DescribeInstances/, false],
    [
      "echo 'Could not connect to the endpoint URL' >&2; exit 255",
      /can't ask for the instance: Could not connect/,
      false,
    ],
  ])("says why it can't: %s", async (answer, expected, isDown) => {
    const { said, exitCode } = await reach(cli(answer), "ssm", "22");
    expect(exitCode).toBe(1);
    const failure = explainFailure(machine, `${said}Connection closed by UNKNOWN port 65535\n`);
    expect(failure.message).toMatch(expected);
    expect(failure instanceof MachineDown).toBe(isDown);
  });

  it("says that the AWS CLI is missing", async () => {
    const child = spawn(process.execPath, [program, "ssm", "eu-central-1", "acme", "main", "22"], {
      env: { PATH: "" },
    });
    const failure = explainFailure(machine, await text(child.stderr));
    expect(failure.message).toMatch(/the AWS CLI, version 2[\s\S]*no such command[\s\S]*docs\.aws\.amazon\.com\/cli/);
  });

  it("passes on what the session says", () => {
    const missing = "SessionManagerPlugin is not found. Please refer to SessionManager Documentation here: http://…";
    expect(explainFailure(machine, missing).message).toContain("session-manager-working-with-install-plugin");
    const starting =
      "An error occurred (TargetNotConnected) when calling the StartSession operation: i-1 is not connected.";
    expect(explainFailure(machine, starting)).toBeInstanceOf(MachineDown);
    const unknown = "ssh: Could not resolve hostname main.acme.aws: Name or service not known";
    expect(explainFailure(machine, unknown).message).toContain('eval "$(npx odoo-stacks env)"');
    const denied = "admin@main.acme.aws: Permission denied (publickey).";
    expect(explainFailure(machine, denied).message).toContain("aws.publicKey");
  });
});
