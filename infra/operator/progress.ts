import type { Report } from "../core/report";
import type { HoldProgress } from "./hold";
import type { Journal, JournalState, StepName } from "./journal";

/** How far a release is. Every step is written down before it begins, so that another process can take it up or undo it. */
export class Progress implements HoldProgress {
  /**
   * @param current What is known so far.
   * @param journal Where it is written down.
   * @param report Receives progress, line by line.
   */
  constructor(
    private current: JournalState,
    private readonly journal: Journal,
    readonly report: Report,
  ) {
    journal.write(current);
  }

  /** What is known now. */
  get state(): JournalState {
    return this.current;
  }

  /** Writes down what has become known. */
  note(changed: Partial<JournalState>): void {
    this.current = { ...this.current, ...changed };
    this.journal.write(this.current);
  }

  /** Carries a step out and notes how long it took, also when it fails. */
  async step<T>(step: StepName, action: () => Promise<T>): Promise<T> {
    this.note({ step });
    this.report(step);
    const start = performance.now();
    try {
      return await action();
    } finally {
      this.note({ seconds: { ...this.state.seconds, [step]: (performance.now() - start) / 1000 } });
    }
  }

  /** Notes for how long requests were held and the maintenance page was shown, once neither is the case any more. */
  noteHold(): void {
    this.note(heldSeconds(this.state, Date.now()));
  }
}

/**
 * For how long requests were held, and then the maintenance page was shown; only what was not known yet.
 * @param state Since when, as far as they were.
 * @param now When both have ended, in milliseconds since 1970.
 */
export function heldSeconds(
  state: HoldProgress["state"],
  now: number,
): Partial<Pick<JournalState, "heldSeconds" | "pageSeconds">> {
  const { heldSince, pageSince } = state;
  const seconds = (from: string, to: number) => (to - Date.parse(from)) / 1000;
  return {
    ...(heldSince && state.heldSeconds === undefined
      ? { heldSeconds: seconds(heldSince, pageSince ? Date.parse(pageSince) : now) }
      : {}),
    ...(pageSince && state.pageSeconds === undefined ? { pageSeconds: seconds(pageSince, now) } : {}),
  };
}
