import { join } from "node:path";
import type { Report } from "../../core/report";
import { readJson, writeDurably } from "../journal";
import { heldSeconds } from "../progress";
import type { HoldProgress } from "../hold";
import type { MoveRecord, MoveState, MoveStep } from "./plan";

const current = (folder: string) => join(folder, "move.json");
const records = (folder: string) => join(folder, "moves.json");

/**
 * The move under way, or the last one that ended.
 * @param folder Where the volume of the releases is mounted.
 */
export const readMove = (folder: string): MoveState | undefined => readJson(current(folder)) as MoveState | undefined;

/** All moves of an environment's database that have ended, the oldest first. */
export const readMoves = (folder: string): readonly MoveRecord[] => (readJson(records(folder)) ?? []) as MoveRecord[];

/** The kept copies of an environment's database that stayed where it was before a move: there is no going back to them. */
export const leftBehind = (folder: string): ReadonlySet<string> =>
  new Set(readMoves(folder).flatMap(({ result, left }) => (result === "moved" ? left : [])));

/** How far a move is. Every step is written down before it begins, so that another process can finish or undo it. */
export class MoveProgress implements HoldProgress {
  /**
   * @param known What is known so far.
   * @param folder Where the volume of the releases is mounted.
   * @param report Receives progress, line by line.
   */
  constructor(
    private known: MoveState,
    private readonly folder: string,
    readonly report: Report,
  ) {
    this.write();
  }

  /** What is known now. */
  get state(): MoveState {
    return this.known;
  }

  /** Writes down what has become known. */
  note(changed: Partial<MoveState>): void {
    this.known = { ...this.known, ...changed };
    this.write();
  }

  /**
   * Carries a step out and notes how long it took, also when it fails.
   * @param said What is done, for people.
   */
  async step<T>(step: MoveStep, said: string, action: () => Promise<T>): Promise<T> {
    this.note({ step });
    this.report(said);
    const start = performance.now();
    try {
      return await action();
    } finally {
      this.note({ seconds: { ...this.state.seconds, [step]: (performance.now() - start) / 1000 } });
    }
  }

  noteHold(): void {
    this.note(heldSeconds(this.state, Date.now()));
  }

  /** Ends the move: its record goes to the others, once. */
  end(outcome: MoveRecord): void {
    const others = readMoves(this.folder).filter(({ id }) => id !== outcome.id);
    writeDurably(records(this.folder), JSON.stringify([...others, outcome], undefined, 1));
    this.note({ outcome });
  }

  private write(): void {
    writeDurably(current(this.folder), JSON.stringify(this.known));
  }
}
