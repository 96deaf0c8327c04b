import type { Row } from "../cost/compare";
import { columns } from "./table";

/** What a stack costs, as commands tell of it. */
export interface StackCost {
  readonly stack: string;
  /** USD a month, of what it has and of what it would have; what was not estimated is in neither. */
  readonly before: number;
  readonly after: number;
  readonly rows: readonly Row[];
}

/** USD with cents; a sign where it is a difference. */
const usd = (amount: number | undefined, signed = false): string => {
  if (amount === undefined) return "-";
  // Not -0.00.
  const rounded = Math.round(amount * 100) / 100 + 0;
  return `${signed && rounded > 0 ? "+" : ""}${rounded.toFixed(2)}`;
};

/** What a stack costs as a table, with what is free, what was not estimated and what was assumed under it. */
export function costLines({ stack, before, after, rows }: StackCost): string[] {
  if (rows.length === 0) return [`${stack}: nothing of it is billed by AWS.`];
  const priced = rows.filter(({ notEstimated, before: was, after: will }) => !notEstimated && (was || will));
  const free = rows.filter(({ notEstimated, what }) => !notEstimated && what === "free of charge");
  const unknown = rows.filter(({ notEstimated }) => notEstimated);
  const noted = rows.filter(({ notEstimated, note }) => !notEstimated && note !== undefined);
  const cells = priced.map((row) => [
    row.resource,
    row.price?.derived ? `${row.what} ≈` : row.what,
    usd(row.before),
    usd(row.after),
    usd(row.difference, true),
  ]);
  const table = aligned([
    ["RESOURCE", "WHAT", "BEFORE", "AFTER", "DIFFERENCE"],
    ...cells,
    ["total", "", usd(before), usd(after), usd(after - before, true)],
  ]);
  return [
    `${stack}, USD a month at list prices:`,
    ...table.map(indent),
    ...(free.length > 0 ? [`Free of charge: ${byType(free)}.`] : []),
    ...(unknown.length > 0 ? ["Not estimated, and not in the total:", ...unknown.map(withNote)] : []),
    ...(noted.length > 0 ? ["Assumed:", ...assumptions(noted)] : []),
    ...(priced.some(({ price }) => price?.derived) ? ["≈ is derived from the price in another region."] : []),
  ];
}

/** Cells in columns, with the amounts, from the third on, at the right of theirs. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = [2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return columns(rows.map((row) => row.map((cell, at) => (at < 2 ? cell : cell.padStart(widths[at - 2] ?? 0)))));
}

/** `3 ec2/subnet, 1 ec2/vpc`. */
function byType(rows: readonly Row[]): string {
  const counts = new Map<string, number>();
  for (const { type } of rows) {
    const name = type.split(":")[1] ?? type;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `${count} ${name}`).join(", ");
}

/** What was assumed, each once, with the resources that it was assumed of. */
function assumptions(rows: readonly Row[]): string[] {
  const of = new Map<string, string[]>();
  for (const { resource, what, note = "" } of rows) {
    const assumption = `${what}: ${note}`;
    of.set(assumption, [...(of.get(assumption) ?? []), resource]);
  }
  return [...of].map(([assumption, resources]) => `  ${assumption} (${resources.join(", ")})`);
}

const indent = (line: string): string => `  ${line}`;

const withNote = ({ resource, what, note }: Row): string => `  ${resource}, ${what}: ${note ?? ""}`;
