import type { Problem } from "../core/errors";
import { formatDuration } from "../core/units";
import type { ReleaseRecord } from "./plan";

/** What another environment must have tried before an image is released. */
export interface Gate {
  /** Stack of that environment. */
  readonly requires: string;
  /** How long it must have run the image, in seconds. */
  readonly soakSeconds: number;
  /** Why the image is accepted all the same; undefined where it is not. */
  readonly override?: string;
}

/**
 * What stands against releasing an image, by what another environment has released.
 * @param gate What is asked for.
 * @param image The image that is to be released; it must be the very same there.
 * @param history The other environment's releases.
 * @param now The time to count from.
 * @returns `undefined` when nothing does.
 */
export function gateProblem(
  gate: Gate,
  image: ReleaseRecord["image"],
  history: readonly ReleaseRecord[],
  now: Date,
): Problem | undefined {
  if (gate.override) return undefined;
  const first = history.find((record) => record.result === "released" && record.image.id === image.id);
  const seconds = first ? (now.getTime() - Date.parse(first.endedAt)) / 1000 : 0;
  if (first && seconds >= gate.soakSeconds) return undefined;
  const soak = formatDuration(gate.soakSeconds);
  return {
    path: "release.image",
    expected: `an image that ${gate.requires} has run for at least ${soak}`,
    found: first ? `${image.tag}, there since ${first.endedAt}` : `${image.tag}, which ${gate.requires} never ran`,
    hint: `Release it on ${gate.requires} first and wait, or say under release.override why it can't wait.`,
  };
}
