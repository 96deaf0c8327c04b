import { distance } from "fastest-levenshtein";

/**
 * The candidate that a misspelt word most likely stands for, for hints such as `Did you mean "workers"?`.
 *
 * @param word What was written; upper and lower case, `-`, `_` and spaces make no difference.
 * @param candidates What would have been accepted, in order of preference.
 * @returns The nearest candidate, or `undefined` when none is near: more than a third of its letters would have to change
 *   (for short words: more than two). The beginning of a candidate counts as near: `prod` is `production`.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: { candidate: string; edits: number } | undefined;
  for (const candidate of candidates) {
    const short = fold(word).length > 2 && fold(candidate).startsWith(fold(word));
    const edits = short ? 0 : distance(fold(word), fold(candidate));
    const tolerated = Math.max(2, Math.floor(candidate.length / 3));
    // A word that shares nothing but its length is no misspelling, however short it is.
    if (edits > tolerated || edits >= fold(candidate).length) continue;
    if (!best || edits < best.edits) best = { candidate, edits };
  }
  return best?.candidate;
}

const fold = (text: string): string => text.toLowerCase().replaceAll(/[-_\s]/g, "");
