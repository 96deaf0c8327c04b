import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

const children = new Set<ChildProcess>();

/** How a process ended. */
export interface Ending {
  /** The exit code; null where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * Starts a process that ends with the language host at the latest.
 * @param command The executable.
 * @param args Its arguments.
 * @param options As for `spawn`.
 */
export function start(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(command, args, options);
  children.add(child);
  child.once("close", () => children.delete(child));
  return child;
}

/** Waits for a process to end and its output to be read; rejects where it could not be started. */
export function ended(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
}

/** Asks every process that is still running to end. */
export function stopAll(): void {
  for (const child of children) child.kill("SIGTERM");
}

/**
 * Finds a module of the SDK as the program itself would load it.
 * @param module The module's path, such as `@pulumi/pulumi/cmd/run`.
 * @param directory The folder of the program.
 * @throws Error in one sentence where the packages are not installed.
 */
export function resolveFrom(module: string, directory: string): string {
  try {
    return createRequire(join(directory, "program.js")).resolve(module);
  } catch {
    throw new Error(`${module} is not installed for the program in ${directory}: run \`npm ci\` there`);
  }
}
