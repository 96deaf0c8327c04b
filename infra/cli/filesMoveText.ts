import { UserError, type Problem } from "../core/errors";
import { formatSize } from "../core/units";
import type { FilesMoved, ReleaseRecord } from "../operator/plan";
import { elapsed } from "./display";
import type { Released } from "./environment";
import { type MoveOutcome, placeText } from "./filesMove";
import { versionOf } from "./history";

/**
 * Refuses to move the files of an environment with which something else has to be done first.
 * @param next Tag of the version that the next release is of.
 */
export function requireMovable(
  stack: string,
  { current, history, maintenance }: Pick<Released, "current" | "history" | "maintenance">,
  next: string,
): void {
  const served = history.findLast(({ result }) => result !== "failed")?.image.tag;
  const problems: Problem[] = [
    ...(current.outcome
      ? []
      : [
          {
            path: `release ${current.plan.id}`,
            expected: "one that has ended",
            found: `one that was interrupted at the step ${current.step}`,
            hint: `npx odoo-stacks up ${stack}`,
          },
        ]),
    ...(maintenance
      ? [
          {
            path: "maintenance",
            expected: "an environment that is open to its users",
            found: "one in maintenance",
            hint: `npx odoo-stacks maintenance off -s ${stack}`,
          },
        ]
      : []),
    ...(served === next
      ? []
      : [
          {
            path: "release",
            expected: "a move and nothing else, so that there is one thing to undo",
            found: `${versionOf(next)} in place of ${served ? versionOf(served) : "no version"}`,
            hint: `Release first, then move: npx odoo-stacks release -s ${stack}`,
          },
        ]),
  ];
  if (problems.length > 0) throw new UserError(`The files of ${stack} can't be moved now.`, problems);
}

/** What became of a move. */
export const outcomeOf = (
  stack: string,
  { id, heldSeconds }: ReleaseRecord,
  files: FilesMoved,
  seconds: MoveOutcome["seconds"],
): MoveOutcome => ({ stack, release: id, ...files, heldSeconds, seconds });

/** The same for people, with what is left at the old place. */
export function outcomeLines({ stack, from, to, ...outcome }: MoveOutcome, path?: string): string[] {
  const { files, bytes, heldSeconds, seconds } = outcome;
  const size = files === undefined || bytes === undefined ? "stay in the folder" : `${files} (${formatSize(bytes)})`;
  const left = [
    ...(from.volume === to.volume && from.shared ? [] : [from.volume]),
    ...(from.machine === to.machine ? [] : [`${stack}-releases`]),
  ];
  return [
    `${stack}: its files are at ${placeText(to, path)} now (release ${outcome.release})`,
    `  files     ${size}`,
    `  requests  ${heldSeconds > 0 ? `held for ${elapsed(heldSeconds)}` : "never held"}`,
    `  took      ${elapsed(seconds.total ?? 0)}`,
    `  left      ${left.join(" and ")} on ${from.machine}: nobody uses ${left.length > 1 ? "them any more, and they stay as they are" : "it any more, and it stays as it is"}`,
    `            npx odoo-stacks let-go ${stack} ${from.machine} removes ${left.length > 1 ? "them" : "it"}`,
  ];
}
