import { readdirSync, readFileSync } from "node:fs";
import { until } from "./until";

/** How a program is run by a test. */
export interface ShellOptions {
  /** Where it runs. @default the checkout */
  readonly cwd?: string;
  /** Its whole environment. @default this process's */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Text for its standard input. */
  readonly input?: string;
  /** Ends it after this many seconds. @default 300 */
  readonly timeoutSeconds?: number;
  /** Receives each line that it writes, on either output, while it runs. */
  readonly onLine?: (line: string) => void;
  /** Interrupts it, as Ctrl-C does, when aborted. */
  readonly interrupt?: AbortSignal;
  /** Ends it and all that it started at once, as a power cut does, when aborted. */
  readonly powerCut?: AbortSignal;
}

/** What a program did. */
export interface ShellResult {
  /** 124 when the time limit ended it, 130 when it was ended by a signal. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both outputs in the order written, without colours. */
  readonly all: string;
  readonly seconds: number;
}

/** Runs a program to its end and returns what it did, whatever its exit code. */
export async function sh(argv: readonly string[], options: ShellOptions = {}): Promise<ShellResult> {
  // Benches run as CommonJS, and one of its packages has no entry for `require`.
  const { execa } = await import("execa");
  const [file = "", ...args] = argv;
  const start = performance.now();
  const child = execa(file, args, {
    all: true,
    reject: false,
    cwd: options.cwd,
    env: options.env ?? process.env,
    extendEnv: false,
    input: options.input ?? "",
    timeout: (options.timeoutSeconds ?? 300) * 1000,
    // Its children end with it as they do on a terminal: Ctrl-C goes to the whole group.
    detached: options.interrupt !== undefined,
  });
  options.interrupt?.addEventListener("abort", () => {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGINT");
  });
  const killed: number[] = [];
  options.powerCut?.addEventListener("abort", () => {
    if (child.pid === undefined) return;
    killed.push(child.pid, ...descendants(child.pid));
    for (const pid of killed) killNow(pid);
  });
  if (options.onLine) {
    for await (const line of child.iterable({ from: "all" })) options.onLine(line);
  }
  const result = await child;
  // A process that waits for the disk is killed when it has that.
  if (killed.length > 0) await until("all that was killed has ended", 30, () => !killed.some(runs));
  const failure = result.exitCode === undefined ? (result.shortMessage ?? "") : "";
  return {
    exitCode: result.exitCode ?? (result.timedOut ? 124 : result.isTerminated ? 130 : 127),
    stdout: result.stdout,
    stderr: result.stderr + failure,
    all: plain(result.all + failure),
    seconds: (performance.now() - start) / 1000,
  };
}

/** Processes that a process started, and those that these started, whatever group they are in. */
function descendants(pid: number): number[] {
  const parents = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => [Number(name), parentOf(name)] as const);
  const below = (parent: number): number[] =>
    parents.filter(([, of]) => of === parent).flatMap(([child]) => [child, ...below(child)]);
  return below(pid);
}

/** The parent of a process; 0 when it has just ended. */
function parentOf(pid: string): number {
  try {
    return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Whether a process has not ended. */
function runs(pid: number): boolean {
  try {
    return !/^State:\s*[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

function killNow(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** The result of a program that has to have succeeded: any other exit code than 0 is an error with all that it wrote. */
export function succeeded(result: ShellResult): ShellResult {
  if (result.exitCode !== 0) throw new Error(`exit code ${result.exitCode}:\n${result.all}`);
  return result;
}

/** Runs a program; an exit code other than 0 is an error with everything that it wrote. */
export async function must(argv: readonly string[], options: ShellOptions = {}): Promise<ShellResult> {
  const result = await sh(argv, options);
  if (result.exitCode === 0) return result;
  throw new Error(
    `${argv.join(" ")} ended with exit code ${result.exitCode} after ${result.seconds.toFixed(1)} s:\n${result.all}`,
  );
}

/** Shows a line of progress; past vitest, which would put two lines of its own before each. */
export function progress(line: string): void {
  // Odoo names each of its modules, of which there are dozens.
  if (line.trim() && !line.includes("Loading module")) process.stdout.write(`    ${plain(line)}\n`);
}

/** A text without the codes that colour it. */
// eslint-disable-next-line no-control-regex -- the control characters are what is to go
export const plain = (text: string): string => text.replaceAll(/\u001b\[[\d;?]*[A-Za-z]/g, "");
