import { type Line } from "./line";

/** One thing that is billed, before and after changes. */
export interface Row {
  readonly resource: string;
  readonly type: string;
  readonly what: string;
  /** USD a month; undefined where it is not there, or not estimated. */
  readonly before: number | undefined;
  readonly after: number | undefined;
  readonly difference: number;
  /** Whether it is there before or after, but nobody knows what it costs. */
  readonly notEstimated: boolean;
  readonly note?: string;
  /** The page that its price is from, of when that is, and whether it is derived from another region's. */
  readonly price?: Line["price"];
}

/**
 * Puts what a stack costs now beside what it would cost.
 * @param before Lines of what it has.
 * @param after Lines of what it would have.
 * @returns a row for each thing that either has, in the order of the first, then of the second.
 */
export function compare(before: readonly Line[], after: readonly Line[]): Row[] {
  const [old, fresh] = [byKey(before), byKey(after)];
  return [...new Set([...old.keys(), ...fresh.keys()])].map((key) => {
    const [was, will] = [old.get(key), fresh.get(key)];
    const line = (will ?? was) as Line;
    return {
      resource: line.resource,
      type: line.type,
      what: line.what,
      before: was?.usd,
      after: will?.usd,
      difference: (will?.usd ?? 0) - (was?.usd ?? 0),
      notEstimated: [was, will].some((one) => one !== undefined && one.usd === undefined),
      note: line.note,
      price: line.price,
    };
  });
}

/** Lines by resource and what is billed of it; several of the same resource and kind are one. */
function byKey(lines: readonly Line[]): Map<string, Line> {
  const found = new Map<string, Line>();
  for (const line of lines) found.set(`${line.urn} ${line.what}`, line);
  return found;
}
