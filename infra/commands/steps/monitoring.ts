import { UserError } from "../../core/errors";
import { attemptOn, connect } from "../../ssh/connect";
import { explainFailure } from "../../ssh/failure";
import type { Machine } from "../../ssh/machine";
import { readScript, shellVariables } from "../machine/script";
import type { StepModule } from "../step";

/** A machine of AWS and what it sends to CloudWatch. */
export interface MonitoringInput {
  readonly machine: Machine;
  readonly region: string;
  /** Configuration of the CloudWatch agent, as JSON. */
  readonly config: string;
  /** What the script is: another one is run again. */
  readonly script: string;
}

/** What runs there. */
export interface MonitoringResult {
  /** Version of the agent. */
  readonly agent: string;
}

/** Where AWS's packages put the agent. */
const agentFolder = "/opt/aws/amazon-cloudwatch-agent";
/** Fetching and installing the agent over a slow line, in seconds. */
const installSeconds = 900;
/** What the script says by this exit code is meant for people. */
const refused = 65;

/** Installs and configures the CloudWatch agent on a machine. On delete it is stopped, where the machine is still there. */
export const step: StepModule<MonitoringInput, MonitoringResult> = {
  async apply({ machine, region, config }, report) {
    await connect(machine);
    const variables = shellVariables({ REGION: region, AGENT: agentFolder, CONFIG: config });
    const { exitCode, stdout, stderr } = await attemptOn(machine, shellOf(machine), {
      input: `${variables}\n${readScript("cloudwatch")}`,
      report,
      timeoutSeconds: installSeconds,
    });
    if (exitCode !== 0) throw failure(machine, exitCode, stderr);
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as MonitoringResult;
  },
  async remove({ machine }) {
    const input = "systemctl disable --now amazon-cloudwatch-agent";
    await attemptOn(machine, shellOf(machine), { input, timeoutSeconds: 60 });
  },
};

const shellOf = ({ user }: Machine): string => (user === "root" ? "sh -s" : "sudo -n sh -s");

function failure(machine: Machine, exitCode: number, stderr: string): Error {
  if (exitCode === 255) return explainFailure(machine, stderr);
  const last = stderr.trim().split("\n");
  return new UserError(`The machine ${machine.name} can't send anything to CloudWatch.`, [
    {
      path: `${machine.user}@${machine.address}`,
      expected: "a machine that the CloudWatch agent runs on",
      found: last.slice(exitCode === refused ? -1 : -10).join("\n"),
    },
  ]);
}
