import { createHash } from "node:crypto";

/**
 * A name of letters, digits and hyphens that AWS accepts, and that is the same every time.
 * @param name What it should be called.
 * @param limit The longest that AWS allows, in characters; a longer name is cut, and its end becomes a checksum of the whole.
 */
export function awsName(name: string, limit: number): string {
  const plain = name.replaceAll(/[^A-Za-z0-9]+/g, "-").replaceAll(/^-+|-+$/g, "");
  if (plain.length <= limit) return plain;
  const checksum = createHash("sha256").update(name).digest("hex").slice(0, 6);
  return `${plain.slice(0, limit - checksum.length - 1).replace(/-+$/, "")}-${checksum}`;
}
