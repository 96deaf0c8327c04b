import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "../core/errors";
import { stateDir } from "../core/paths";
import type { Report } from "../core/report";
import { DockerEngine } from "./engine";
import { ping } from "./ping";
import { findProgram } from "./system";

/** How long a daemon may take until it answers, in seconds: with many containers to find again, it takes its time. */
const startSeconds = 120;
/** How long a daemon may take to end, in seconds. */
const stopSeconds = 60;

/** A daemon that was started here, as it is remembered. */
interface Started {
  readonly pid: number;
  /** When the kernel started that process, in its own unit: another process may get the same number later. */
  readonly startTime: string;
  readonly host: string;
}

const folder = (): string => join(stateDir(), "docker");
const memory = (): string => join(folder(), "started.json");

/**
 * Starts a daemon directly, for machines without an init system, and waits until it answers. It outlives this process; its
 * log is beside its number in the state folder.
 * @param host Where it listens: `unix://…`.
 * @param report Receives progress.
 * @param options Further options of `dockerd`. @default none: the machine's own Engine
 */
export async function startDaemon(host: string, report: Report, options: readonly string[] = []): Promise<void> {
  mkdirSync(folder(), { recursive: true, mode: 0o700 });
  const log = join(folder(), "dockerd.log");
  const output = openSync(log, "a", 0o600);
  // An administrator's programs (iptables) are not on everyone's PATH.
  const env = { ...process.env, PATH: `${process.env.PATH ?? ""}:/usr/sbin:/sbin` };
  const argv = ["--host", host, ...options];
  const child = spawn(findProgram("dockerd") ?? "dockerd", argv, {
    detached: true,
    stdio: ["ignore", output, output],
    env,
  });
  closeSync(output);
  let ended: string | undefined;
  child.once("error", (error) => (ended = error.message));
  child.once("exit", (code, signal) => (ended = `it ended at once (${signal ?? `exit code ${code ?? "unknown"}`})`));
  child.unref();
  const startTime = child.pid === undefined ? undefined : processStart(child.pid);
  if (child.pid !== undefined && startTime) {
    writeFileSync(memory(), JSON.stringify({ pid: child.pid, startTime, host } satisfies Started), { mode: 0o600 });
  }
  await waitUntilAnswering(host, report, () => ended, log);
}

/**
 * Waits until an Engine answers.
 * @param host The Engine.
 * @param report Receives progress.
 * @param ended Says why there is nothing to wait for any more. @default never
 * @param log Where the daemon writes its log, for the message.
 */
export async function waitUntilAnswering(
  host: string,
  report: Report,
  ended: () => string | undefined = () => undefined,
  log?: string,
): Promise<void> {
  const started = Date.now();
  let reported = started;
  for (;;) {
    const answer = await ping(host);
    if (answer.answers) return;
    const failure = ended() ?? (Date.now() - started > startSeconds * 1000 ? answer.failure : undefined);
    if (failure) throw didNotStart(host, failure, log);
    if (Date.now() - reported > 2000) {
      reported = Date.now();
      report(`waiting for Docker to answer (${Math.round((reported - started) / 1000)} s)`);
    }
    await delay(100);
  }
}

/**
 * Stops the daemon that {@link startDaemon} started, unless containers run in it. Every other one is left alone.
 * @param report Receives progress.
 * @returns whether one was stopped.
 */
export async function stopStartedDaemon(report: Report): Promise<boolean> {
  const started = recall();
  if (!started) return false;
  const running = await new DockerEngine(started.host).attempt(["docker", "ps", "--quiet"], { timeoutSeconds: 30 });
  if (running.exitCode === 0 && running.stdout.trim() !== "") {
    report("Docker goes on running: it has other containers.");
    return false;
  }
  report("stopping Docker, which was started for this");
  process.kill(started.pid, "SIGTERM");
  const deadline = Date.now() + stopSeconds * 1000;
  while (processStart(started.pid) === started.startTime) {
    if (Date.now() > deadline) throw new Error(`dockerd (process ${started.pid}) did not end within ${stopSeconds} s`);
    await delay(100);
  }
  rmSync(memory(), { force: true });
  return true;
}

/** The daemon that was started here, if it still runs. */
function recall(): Started | undefined {
  try {
    const started = JSON.parse(readFileSync(memory(), "utf8")) as Started;
    return processStart(started.pid) === started.startTime ? started : undefined;
  } catch {
    return undefined;
  }
}

/** When the kernel started a process (proc(5), field 22 of `stat`); `undefined` when it has ended. */
function processStart(pid: number): string | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function didNotStart(host: string, found: string, log: string | undefined): UserError {
  const lines = log ? readFileSync(log, "utf8").trim().split("\n").slice(-5).join("\n              ") : "";
  return new UserError("Docker was started but does not answer.", [
    {
      path: host,
      expected: `an answer within ${startSeconds} s`,
      found: lines ? `${found}\n              ${lines}` : found,
      hint: log ? `the whole log is in ${log}` : "`journalctl -u docker` shows its log",
    },
  ]);
}
