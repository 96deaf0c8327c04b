import { type Report, silent } from "./report";

/** How a program is run. */
export interface RunOptions {
  /** Text for its standard input: the way for secrets, which must never be arguments. */
  readonly input?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Receives each line that it writes on standard error, while it runs. */
  readonly report?: Report;
  /** Ends it after this many seconds. @default no limit */
  readonly timeoutSeconds?: number;
}

let added: Readonly<Record<string, string>> = {};

/**
 * Sets variables, such as `DOCKER_HOST`, for all programs that this process runs from here on by {@link attempt} and {@link run}; those
 * that were set before are not any more. Its own environment, which Pulumi's engine gets, stays as it is.
 */
export function setVariables(env: Readonly<Record<string, string>>): void {
  added = env;
}

/** The variables that {@link setVariables} has set. */
export const addedVariables = (): Readonly<Record<string, string>> => added;

/** What a program did. */
export interface RunResult {
  /** Its exit code; 124 when it was ended by the time limit, 127 when it could not be started. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program and returns what it did, whatever its exit code. Nothing goes through a shell. */
export async function attempt(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  // One of its packages has no entry for `require`, which is what a static import becomes here: Node must import it itself.
  const { execa } = await import("execa");
  const [file = "", ...args] = argv;
  const report = options.report ?? silent;
  const child = execa(file, args, {
    input: options.input ?? "",
    env: { ...addedVariables(), ...options.env },
    reject: false,
    timeout: (options.timeoutSeconds ?? 0) * 1000,
  });
  if (options.report) {
    const forward = async () => {
      for await (const line of child.iterable({ from: "stderr" })) report(line);
    };
    void forward().catch(() => undefined);
  }
  const result = await child;
  return {
    exitCode: result.exitCode ?? (result.timedOut ? 124 : 127),
    stdout: result.stdout,
    stderr: result.stderr || (result.failed && result.exitCode === undefined ? (result.shortMessage ?? "") : ""),
  };
}

/** Runs a program; an exit code other than 0 is an error that carries the end of what it wrote. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const result = await attempt(argv, options);
  if (result.exitCode !== 0) {
    const said = (result.stderr || result.stdout).trim().split("\n").slice(-20).join("\n");
    throw new Error(`${argv.slice(0, 3).join(" ")} … failed with exit code ${result.exitCode}:\n${said}`);
  }
  return result.stdout;
}
