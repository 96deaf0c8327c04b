import type { StepModule } from "../step";

/** A moment that was written down. */
export interface MomentResult {
  /** ISO 8601. */
  readonly at: string;
}

/** Writes down when it was run first: for what AWS makes and does not tell the time of. */
export const step: StepModule<Readonly<Record<string, never>>, MomentResult> = {
  apply: (_input, _report, before) => Promise.resolve(before ?? { at: new Date().toISOString() }),
  remove: () => Promise.resolve(),
};
