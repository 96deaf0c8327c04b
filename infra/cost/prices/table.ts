/** The regions that there are prices of, in the order of the figures in the tables. */
export const regions = ["us-east-1", "eu-central-1", "eu-west-1"] as const;

/** A region that there are prices of. */
export type Region = (typeof regions)[number];

/** A price that is not AWS's own figure: that of us-east-1, raised as AWS raises EC2's of the same family in the region. */
export interface Derived {
  readonly derived: number;
}

/** Prices in USD, by region. */
export type Figures = readonly [usEast1: number, euCentral1: number | Derived, euWest1: number | Derived];

/** Prices from one page of AWS's, all of one unit. */
export interface Prices<Name extends string = string> {
  /** The page that they are on. */
  readonly source: string;
  /** When they were true, as a date, a month or a year; by region, because not all were compared on the same day. */
  readonly asOf: Readonly<Record<Region, string>>;
  readonly usd: Readonly<Record<Name, Figures>>;
}

/** One price, with where and of when it is. */
export interface Price {
  /** USD. */
  readonly usd: number;
  readonly source: string;
  readonly asOf: string;
  /** Whether it is derived from another region's. */
  readonly derived: boolean;
}

/** Whether there are prices of a region. */
export function isPriced(region: string): region is Region {
  return (regions as readonly string[]).includes(region);
}

/**
 * Looks a price up.
 * @returns undefined where the table does not have it.
 */
export function find({ source, asOf, usd }: Prices, name: string, region: Region): Price | undefined {
  const figure = Object.hasOwn(usd, name) ? usd[name]?.[regions.indexOf(region)] : undefined;
  if (figure === undefined) return undefined;
  const derived = typeof figure === "object";
  return { usd: derived ? figure.derived : figure, source, asOf: asOf[region], derived };
}

/** Looks a price up that the table has. */
export function priceOf<Name extends string>(prices: Prices<Name>, name: Name, region: Region): Price {
  const price = find(prices, name, region);
  if (!price) throw new RangeError(`no price: ${name}`);
  return price;
}

/** Marks a figure as derived. */
export const derived = (usd: number): Derived => ({ derived: usd });
