import type { Report } from "../core/report";

/** A program that is told what to do while it runs. */
export interface JobProcess {
  /** Writes a value to its standard input, as JSON on a line; with `end`, the last one. */
  write(value: unknown, end?: boolean): void;
  /** The first line on its standard output, or `undefined` when it ends without one. */
  readonly firstLine: Promise<string | undefined>;
  /** Its exit code, when it has ended and all that it wrote was read; 127 when it could not be started. */
  readonly exitCode: Promise<number>;
  /** All lines of its standard error until now. */
  readonly log: readonly string[];
}

/**
 * Starts a program.
 * @param argv The program and its arguments; no shell is involved.
 * @param report Receives each line of its standard error.
 */
export async function startProcess(argv: readonly string[], report: Report): Promise<JobProcess> {
  const { execa } = await import("execa"); // As in core/exec.ts.
  const [file = "", ...args] = argv;
  const child = execa(file, args, { stdin: "pipe", buffer: false, reject: false });
  // One that ended early does not read what it is told; its exit code says so.
  child.stdin.on("error", () => undefined);
  const log: string[] = [];
  const reading = (async () => {
    for await (const line of child.iterable({ from: "stderr" })) {
      log.push(line);
      report(line);
    }
  })().catch(() => undefined);
  const firstLine = new Promise<string | undefined>((resolve) => {
    // Read to its end: an iteration that stops earlier would wait for the program to end.
    const read = async () => {
      for await (const line of child.iterable({ from: "stdout" })) resolve(line);
    };
    void read()
      .catch(() => undefined)
      .then(() => resolve(undefined));
  });
  return {
    log,
    firstLine,
    exitCode: reading.then(async () => (await child).exitCode ?? 127),
    write(value, end = false) {
      child.stdin.write(`${JSON.stringify(value)}\n`);
      if (end) child.stdin.end();
    },
  };
}
