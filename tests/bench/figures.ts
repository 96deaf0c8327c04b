/** A figure that was measured, and what it is to reach. */
export interface Row {
  readonly what: string;
  /** Undefined where it was not measured. */
  readonly seconds: number | undefined;
  /** The most that it may be; undefined where nothing is asked of it. */
  readonly target?: number;
  /** The least that it may be. */
  readonly least?: number;
  /** @default seconds */
  readonly unit?: Unit;
  /** What is shown where nothing was measured. @default n/a */
  readonly instead?: string;
}

/** What a figure is in: seconds, milliseconds, times something else, how many, or nothing that is shown. */
export type Unit = "s" | "ms" | "×" | "count" | "";

/** The middle one of some measurements; of an even number, the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const [low = NaN, high = NaN] =
    sorted.length % 2 === 1 ? [sorted[half], sorted[half]] : [sorted[half - 1], sorted[half]];
  return (low + high) / 2;
}

/** What so large a part of some measurements (0 to 1) does not exceed; NaN without any. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? NaN;
}

/**
 * A figure as the table and the last line have it: two decimals below ten, one above, none where things are counted; `n/a`
 * where it was not measured.
 */
export function figure(value: number | undefined, unit: Unit = "s"): string {
  if (unit === "count") return value === undefined ? "n/a" : String(value);
  return value === undefined ? "n/a" : `${value.toFixed(value < 10 ? 2 : 1)}${unit}`;
}

/** The table that a bench prints. */
export function table(rows: readonly Row[]): string {
  const cells = [
    ["", "measured", "target", ""],
    ...rows.map(({ what, seconds, target, least, unit = "s", instead }) => {
      const limits = [target === undefined ? "" : `≤ ${target}`, least === undefined ? "" : `≥ ${least}`].filter(
        Boolean,
      );
      const isMet = (value: number) => value <= (target ?? Infinity) && value >= (least ?? -Infinity);
      return [
        what,
        (seconds === undefined ? instead : undefined) ?? figure(seconds, unit),
        limits.map((limit) => `${limit}${unit === "count" ? "" : unit}`).join(", "),
        limits.length === 0 || seconds === undefined ? "" : isMet(seconds) ? "met" : "MISSED",
      ];
    }),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
