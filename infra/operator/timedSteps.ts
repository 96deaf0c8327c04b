import type { Report } from "../core/report";

/** The steps of a piece of work: says when one begins, knows which it is at, and keeps how long each took. */
export class TimedSteps {
  /** Seconds of each step. */
  readonly seconds: Record<string, number> = {};
  /** The step that was begun last. */
  step = "check";

  /** @param prefix What the report of a step begins with. @default nothing */
  constructor(
    private readonly report: Report,
    private readonly prefix = "",
  ) {}

  /** Carries out a step. */
  readonly time = async <T>(step: string, action: () => Promise<T>): Promise<T> => {
    this.step = step;
    this.report(`${this.prefix}${step}`);
    const start = performance.now();
    try {
      return await action();
    } finally {
      this.seconds[step] = (performance.now() - start) / 1000;
    }
  };
}
