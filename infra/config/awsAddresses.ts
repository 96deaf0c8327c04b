/** A block of IPv4 addresses. */
export interface Block {
  /** Its first address, as a number. */
  readonly first: number;
  /** How many bits of an address are the same in all of it. */
  readonly bits: number;
}

/** Addresses of a platform's network where its stack names none: far from those that Docker takes. */
export const usualNetwork = "10.40.0.0/16";

/** The block that a text such as `10.40.0.0/16` names; `undefined` where it names none, or one that begins within another. */
export function parseBlock(text: string): Block | undefined {
  const found = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (!found) return undefined;
  const parts = found.slice(1).map(Number);
  const bits = parts.pop() ?? 0;
  if (bits > 32 || parts.some((part) => part > 255)) return undefined;
  const first = parts.reduce((number, part) => number * 256 + part, 0);
  return first % sizeOf(bits) === 0 ? { first, bits } : undefined;
}

/** How a block is written. */
export const blockText = ({ first, bits }: Block): string => `${addressText(first)}/${bits}`;

/** Whether two blocks have addresses in common. */
export const overlap = (one: Block, other: Block): boolean =>
  one.first < other.first + sizeOf(other.bits) && other.first < one.first + sizeOf(one.bits);

/** Which part of a platform's network: machines in a private subnet have no address that others on the internet could reach. */
export type SubnetKind = "public" | "private";

/** A network is cut into eight: four places for public subnets, then four for private ones. */
const cuts = 3;

/**
 * The subnet of a zone. It does not change when another zone is added.
 * @param network The whole network.
 * @param zone The zone's place among the platform's zones, 0 to 3.
 */
export function subnetOf(network: Block, kind: SubnetKind, zone: number): Block {
  const bits = network.bits + cuts;
  return { first: network.first + ((kind === "public" ? 0 : 4) + zone) * sizeOf(bits), bits };
}

/** An address in a block by its number; AWS keeps the first four and the last for itself. */
export const addressIn = ({ first }: Block, number: number): string => addressText(first + number);

const sizeOf = (bits: number): number => 2 ** (32 - bits);

const addressText = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
