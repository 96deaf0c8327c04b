import type { Price } from "./prices/table";

/** Hours that AWS counts a month as: 8,760 a year, by twelve (https://aws.amazon.com/calculator/). */
export const hoursAMonth = 730;

/** A resource of AWS's as a stack has it, or will have it. */
export interface Billed {
  readonly urn: string;
  /** Its name in the program. */
  readonly name: string;
  /** As Pulumi writes it: `aws:ec2/instance:Instance`. */
  readonly type: string;
  /** Where it is; undefined where neither it nor its provider says so. */
  readonly region: string | undefined;
  /** What it is given; secrets and what is not known yet are left out. */
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** One thing that a resource is billed for, and what it comes to. */
export interface Line {
  /** The resource's name in the program. */
  readonly resource: string;
  readonly urn: string;
  readonly type: string;
  /** What it is: `instance t4g.medium`. */
  readonly what: string;
  /** How much of it a month. */
  readonly quantity: number;
  /** What is counted: `hours`, `GB-months`. */
  readonly unit: string;
  /** USD a month; undefined where it was not estimated. */
  readonly usd: number | undefined;
  /** What was assumed, or why it was not estimated. */
  readonly note?: string;
  /** The page that the price is from, and when it was true; undefined where there is none. */
  readonly price?: Omit<Price, "usd">;
}

/** What is billed for a resource, before its name is known. */
export type Item = Omit<Line, "resource" | "urn" | "type">;

/** So much of something at its price. */
export function item(what: string, quantity: number, unit: string, { usd, ...price }: Price, note?: string): Item {
  // What is billed is rounded to cents in the end; this only takes off what binary fractions add.
  return { what, quantity, unit, usd: Math.round(quantity * usd * 1e6) / 1e6, note, price };
}

/** Something whose price or amount is not known here. */
export const notEstimated = (what: string, note: string): Item => ({
  what,
  quantity: 0,
  unit: "",
  usd: undefined,
  note,
});

/** A number that a resource is given; undefined where it is given none, or one that is not known yet. */
export function numberIn(inputs: Billed["inputs"], key: string): number | undefined {
  return typeof inputs[key] === "number" ? inputs[key] : undefined;
}

/** A text that a resource is given; undefined where it is given none, or one that is not known yet. */
export function textIn(inputs: Billed["inputs"], key: string): string | undefined {
  return typeof inputs[key] === "string" ? inputs[key] : undefined;
}

/** A list that a resource is given; empty where it is given none. */
export function listIn(inputs: Billed["inputs"], key: string): readonly unknown[] {
  return Array.isArray(inputs[key]) ? inputs[key] : [];
}

/** A block of further inputs; empty where there is none. */
export function blockIn(inputs: Billed["inputs"], key: string): Billed["inputs"] {
  return asBlock(inputs[key]);
}

/** A value as a block of inputs; empty where it is none. */
export function asBlock(value: unknown): Billed["inputs"] {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Billed["inputs"]) : {};
}
