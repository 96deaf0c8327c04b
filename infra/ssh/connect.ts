import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attempt, run, type RunOptions, type RunResult } from "../core/exec";
import { explainFailure } from "./failure";
import type { Machine } from "./machine";

/** A connection that nobody uses is kept for so long, in seconds. */
const keepSeconds = 300;
/** Connecting takes three attempts of ten seconds at most. In seconds. */
const connectSeconds = 45;

const destination = ({ user, address, port }: Machine): readonly string[] => [
  ...["-T", "-l", user, "-p", String(port)],
  ...["--", address],
];

/**
 * Opens a connection that all further commands share; does nothing where one is open.
 * @throws UserError when the machine can't be reached, does not let us in, or is not the one that was met first.
 */
export async function connect(machine: Machine): Promise<void> {
  const check = await attempt(["ssh", "-O", "check", ...destination(machine)], { timeoutSeconds: 10 });
  if (check.exitCode === 0) return;
  const folder = mkdtempSync(join(tmpdir(), "odoo-stacks-ssh-"));
  try {
    const { exitCode, said } = await openMaster(machine, join(folder, "said"));
    if (exitCode !== 0) throw explainFailure(machine, said);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Starts the process that keeps the connection; ends when it is open. What it says goes to a file, which it may keep open. */
function openMaster(machine: Machine, file: string): Promise<{ exitCode: number; said: string }> {
  const output = openSync(file, "w");
  const options = ["-f", "-N", "-o", "ControlMaster=yes", "-o", `ControlPersist=${keepSeconds}`];
  return new Promise((resolve) => {
    const child = spawn("ssh", [...options, ...destination(machine)], { stdio: ["ignore", output, output] });
    const timer = setTimeout(() => child.kill(), connectSeconds * 1000);
    const end = (exitCode: number, more = "") => {
      clearTimeout(timer);
      closeSync(output);
      resolve({ exitCode, said: readFileSync(file, "utf8") + more });
    };
    child.once("error", (error) => end(127, error.message));
    child.once("exit", (code) => end(code ?? 124));
  });
}

/** Closes the shared connection: the next one is a new login, with the groups that the user has by then. */
export async function disconnect(machine: Machine): Promise<void> {
  await attempt(["ssh", "-O", "exit", ...destination(machine)], { timeoutSeconds: 10 });
}

/** Runs a command of the machine's shell, and returns what it did. */
export function attemptOn(machine: Machine, command: string, options: RunOptions = {}): Promise<RunResult> {
  return attempt(["ssh", ...destination(machine), command], options);
}

/** Runs a command of the machine's shell, and returns what it printed. */
export function runOn(machine: Machine, command: string, options: RunOptions = {}): Promise<string> {
  return run(["ssh", ...destination(machine), command], options);
}
