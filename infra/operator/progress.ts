import type { Report } from "../core/report";
import type { HoldProgress } from "./hold";
import type { JournalState } from "./journal";

/** What is written down of something long that an operator is at: of a release, or of a move of the database. */
type Known = HoldProgress["state"] & { readonly step: string; readonly seconds: Readonly<Record<string, number>> };

/** How far a release or a move is. Every step is written down before it begins, so that another process can take it up or undo it. */
export class Progress<State extends Known = JournalState> implements HoldProgress {
  /**
   * @param current What is known so far.
   * @param write Writes it down.
   * @param report Receives progress, line by line.
   */
  constructor(
    private current: State,
    private readonly write: (state: State) => void,
    readonly report: Report,
  ) {
    write(current);
  }

  /** What is known now. */
  get state(): State {
    return this.current;
  }

  /** Writes down what has become known. */
  note(changed: Partial<State>): void {
    this.current = { ...this.current, ...changed };
    this.write(this.current);
  }

  /**
   * Carries a step out and notes how long it took, also when it fails.
   * @param said What is done, for people.
   */
  async step<T>(step: State["step"], action: () => Promise<T>, said: string = step): Promise<T> {
    this.know({ step });
    this.report(said);
    const start = performance.now();
    try {
      return await action();
    } finally {
      this.know({ seconds: { ...this.state.seconds, [step]: (performance.now() - start) / 1000 } });
    }
  }

  /** Notes for how long requests were held and the maintenance page was shown, once neither is the case any more. */
  noteHold(): void {
    this.know(heldSeconds(this.state, Date.now()));
  }

  /** What every state has; of a type that is not known here the compiler can't tell. */
  private know(changed: Partial<Known>): void {
    this.note(changed as Partial<State>);
  }
}

/**
 * For how long requests were held, and then the maintenance page was shown; only what was not known yet.
 * @param state Since when, as far as they were.
 * @param now When both have ended, in milliseconds since 1970.
 */
function heldSeconds(
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
