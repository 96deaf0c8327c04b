import { BlockList, isIP } from "node:net";

/** The version of an IP address as Node's address lists call it. */
type Family = "ipv4" | "ipv6";

/** An address, or a network: all addresses that share its first bits. */
interface Network {
  readonly address: string;
  readonly family: Family;
  readonly bits: number;
}

/** Reads `203.0.113.7`, `203.0.113.0/24`, `2001:db8::1` or `2001:db8::/32`; undefined for anything else. */
function parse(text: string): Network | undefined {
  const [address = "", suffix, ...rest] = text.split("/");
  const version = isIP(address);
  if (version === 0 || rest.length > 0 || address.includes("%")) return undefined;
  const longest = version === 4 ? 32 : 128;
  if (suffix !== undefined && !/^\d{1,3}$/.test(suffix)) return undefined;
  const bits = suffix === undefined ? longest : Number(suffix);
  return bits > longest ? undefined : { address, family: version === 4 ? "ipv4" : "ipv6", bits };
}

/** Whether a text is an IP address, or a network in CIDR notation. */
export const isAddress = (text: string): boolean => parse(text) !== undefined;

const loopback = listOf(["127.0.0.0/8", "::1"]);

/** Whether an address is that of the machine itself. */
export const isLoopback = (text: string): boolean => matches(loopback, text.split("/")[0] ?? "");

/**
 * Whether an address is one of those allowed.
 * @param allowed Addresses and networks, each of which {@link isAddress} accepts.
 * @param client The address asked about; an IPv4 address may be written as IPv6 does (`::ffff:203.0.113.7`).
 */
export const isAllowed = (allowed: readonly string[], client: string): boolean => matches(listOf(allowed), client);

function listOf(allowed: readonly string[]): BlockList {
  const list = new BlockList();
  for (const { address, family, bits } of allowed.flatMap((text) => parse(text) ?? [])) {
    list.addSubnet(address, bits, family);
  }
  return list;
}

function matches(list: BlockList, client: string): boolean {
  const version = isIP(client);
  return version !== 0 && list.check(client, version === 4 ? "ipv4" : "ipv6");
}
