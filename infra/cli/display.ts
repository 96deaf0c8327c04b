import type { ListrBaseClassOptions, ListrTask } from "listr2";
import type { Report } from "../core/report";

/** Options that every command has. */
export interface CommonOptions {
  /** Print one JSON value on standard output and nothing else. */
  readonly json?: boolean;
}

/** How a list of tasks shows its progress: redrawn on a terminal, line by line elsewhere, not at all with `--json`. */
export function rendererOptions({ json }: CommonOptions): ListrBaseClassOptions<unknown> {
  return {
    concurrent: false,
    exitOnError: true,
    renderer: "default",
    fallbackRenderer: "simple",
    fallbackRendererCondition: () => !process.stdout.isTTY,
    silentRendererCondition: () => json === true,
    rendererOptions: { collapseSubtasks: false, collapseErrors: false, showErrorMessage: false },
    fallbackRendererOptions: {},
  };
}

/** Seconds as a person reads them: `4.2 s`, `3 min 5 s`. */
export function elapsed(seconds: number): string {
  if (seconds < 100) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** Measures how long named parts of a command take. */
export class Stopwatch {
  private readonly parts = new Map<string, number>();
  private readonly start = performance.now();

  /** Runs something and remembers its time, also when it fails. */
  async time<T>(part: string, run: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await run();
    } finally {
      this.parts.set(part, (performance.now() - start) / 1000);
    }
  }

  /** Seconds that a part took; 0 when it did not run. */
  seconds(part: string): number {
    return this.parts.get(part) ?? 0;
  }

  /** Seconds of each part, and of everything so far as `total`. */
  all(): Record<string, number> {
    return { ...Object.fromEntries(this.parts), total: (performance.now() - this.start) / 1000 };
  }
}

/** A task whose title tells, once it has ended, how long it took; the watch keeps that under the title. */
export function timed(watch: Stopwatch, title: string, run: (report: Report) => Promise<void>): ListrTask {
  return {
    title,
    task: async (_, task) => {
      await watch.time(title, () => run((line) => (task.output = line)));
      task.title = `${title} (${elapsed(watch.seconds(title))})`;
    },
  };
}
