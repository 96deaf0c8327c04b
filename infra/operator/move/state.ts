import { join } from "node:path";
import type { Report } from "../../core/report";
import { readJson, writeDurably } from "../journal";
import { Progress } from "../progress";
import type { MoveRecord, MoveState } from "./plan";

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

/** How far a move is. */
export type MoveProgress = Progress<MoveState>;

/**
 * Takes up a move.
 * @param state What is known so far.
 * @param folder Where the volume of the releases is mounted.
 * @param report Receives progress, line by line.
 */
export const moveProgress = (state: MoveState, folder: string, report: Report): MoveProgress =>
  new Progress(state, (known) => writeDurably(current(folder), JSON.stringify(known)), report);

/** Ends a move: its record goes to the others, once. */
export function endMove(progress: MoveProgress, folder: string, outcome: MoveRecord): void {
  const others = readMoves(folder).filter(({ id }) => id !== outcome.id);
  writeDurably(records(folder), JSON.stringify([...others, outcome], undefined, 1));
  progress.note({ outcome });
}
