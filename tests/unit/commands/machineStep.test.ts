import { afterEach, describe, expect, it, vi } from "vitest";
import { type MachineInput, step } from "../../../infra/commands/steps/machine";
import { explainFailure } from "../../../infra/ssh/failure";

const ssh = vi.hoisted(() => ({ answers: [] as string[], said: [] as string[] }));
const machine = { name: "main", address: "main.acme.aws", user: "admin", port: 22 };

vi.mock("node:timers/promises", () => ({ setTimeout: () => Promise.resolve() }));
vi.mock("../../../infra/ssh/connect", () => ({
  connect: () => {
    const answer = ssh.answers.shift();
    ssh.said.push("connect");
    return answer === undefined ? Promise.resolve() : Promise.reject(explainFailure(machine, answer));
  },
  disconnect: () => Promise.resolve(void ssh.said.push("disconnect")),
  attemptOn: () => Promise.resolve({ exitCode: 0, stdout: '{"docker":"26.1.5"}\n', stderr: "" }),
}));

const input: MachineInput = {
  machine,
  peers: [],
  swapMegabytes: 0,
  dataDisk: "vol-1",
  instance: "i-1, 40 GB",
  script: "",
};
const starting = "odoo-stacks: no instance of that name runs";
const quiet = () => undefined;

afterEach(() => {
  ssh.answers.length = 0;
  ssh.said.length = 0;
});

describe("an instance that has just been made", () => {
  it("is waited for, and what stands in the way is reported meanwhile", async () => {
    ssh.answers.push(starting, "An error occurred (TargetNotConnected)", "ssh: connect to host: Connection refused");
    const reported: string[] = [];
    const result = await step.apply(input, (line) => void reported.push(line), undefined);
    expect(result).toEqual({ docker: "26.1.5", instance: "i-1, 40 GB" });
    expect(reported).toHaveLength(3);
    expect(ssh.said.filter((call) => call === "connect")).toHaveLength(4);
  });

  it("is not waited for where waiting does not help", async () => {
    ssh.answers.push("odoo-stacks: the AWS CLI is not there: spawn aws ENOENT");
    await expect(step.apply(input, quiet, undefined)).rejects.toThrow(/the AWS CLI, version 2/);
  });

  it("gets a connection of its own, where one may be open to the instance before it", async () => {
    await step.apply(input, quiet, { instance: "i-0, 40 GB" } as never);
    expect(ssh.said).toEqual(["disconnect", "connect"]);
  });

  it("keeps its connection where it is the same instance", async () => {
    await step.apply(input, quiet, { instance: "i-1, 40 GB" } as never);
    expect(ssh.said).toEqual(["connect"]);
  });
});

describe("a machine of the user's own", () => {
  it("is not waited for", async () => {
    ssh.answers.push("ssh: connect to host 203.0.113.10 port 22: Connection refused");
    await expect(step.apply({ ...input, instance: undefined }, quiet, undefined)).rejects.toThrow(
      /nothing that listens/,
    );
  });
});
