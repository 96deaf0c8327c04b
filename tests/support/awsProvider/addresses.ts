/** A block of IPv4 addresses, as numbers. */
export interface Block {
  readonly first: number;
  readonly last: number;
}

/** Reads a block as CIDR writes it; undefined where it is none, or its address is not its first. */
export function blockOf(cidr: string): Block | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  const numbers = (match?.slice(1) ?? []).map(Number);
  const bits = numbers.pop() ?? 33;
  if (bits > 32 || numbers.some((number) => number > 255)) return undefined;
  const first = numbers.reduce((sum, number) => sum * 256 + number, 0);
  const size = 2 ** (32 - bits);
  return first % size === 0 ? { first, last: first + size - 1 } : undefined;
}

/** Whether two blocks have addresses in common. */
export function overlap(one: string, other: string): boolean {
  const [a, b] = [blockOf(one), blockOf(other)];
  return a !== undefined && b !== undefined && a.first <= b.last && b.first <= a.last;
}
