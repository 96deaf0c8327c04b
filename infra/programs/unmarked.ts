import { UserError } from "../core/errors";
import type { LastPlace } from "../swarm/knownVolumes";
import { type PlacedData, placeLabels } from "../swarm/places";

/** Data of an environment that the Swarm has no mark of. */
export interface UnmarkedData {
  readonly stack: string;
  readonly what: PlacedData;
  /** Name of the volume that it would be in. */
  readonly volume: string;
  /** Names of the machines with such a volume. */
  readonly there: readonly string[];
}

/**
 * Where data is that nothing marks: it is there since before there were marks, or its machine has come to the Swarm anew.
 * @param wished The machine that it belongs on, which counts where several have it.
 * @param last Where it was at the last `up`; undefined where none has marked it.
 * @returns undefined where there is none yet.
 * @throws UserError when it is no longer where it was, or when a copy elsewhere may be newer.
 */
export function placeOfUnmarked(data: UnmarkedData, wished?: string, last?: LastPlace): string | undefined {
  const { what, there } = data;
  if (!last) return there.find((name) => name === wished) ?? there[0];
  if (there.length === 1 && there[0] === last[what]) return last[what];
  throw notKnown(data, last[what] ?? "none");
}

function notKnown({ stack, what, volume, there }: UnmarkedData, before: string): UserError {
  const label = `docker node update --label-add ${placeLabels[what](stack)}=true NODE, on the manager`;
  return new UserError(`It is not known where the ${what} of ${stack} ${what === "files" ? "are" : "is"}.`, [
    {
      path: volume,
      expected: `a volume on ${before}, as at the last up: the Swarm has no mark of it any more`,
      found: there.length === 0 ? "none on any machine" : `one on ${there.join(", one on ")}`,
      hint:
        there.length === 0
          ? `It has gone with its machine. To begin anew: npx odoo-stacks destroy ${stack}`
          : `A copy that was left behind may be old. Say which one it is: ${label}`,
    },
  ]);
}
