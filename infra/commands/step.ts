import type { Report } from "../core/report";

/**
 * One of the project's own operations that Pulumi runs through a Command resource. It must be idempotent: an interrupted
 * `up` runs it again.
 */
export interface StepModule<Input, Result> {
  /**
   * Brings about what the input says, from whatever is there.
   * @param input What the resource declares.
   * @param report Receives progress.
   * @param before The result of the last time, if there was one.
   */
  apply(input: Input, report: Report, before: Result | undefined): Promise<Result>;
  /** Undoes it, as far as that is safe; must accept that it is undone already. */
  remove(input: Input, report: Report, before: Result | undefined): Promise<void>;
}
