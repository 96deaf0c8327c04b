import { createHash, randomBytes } from "node:crypto";

/** Properties of a resource, as the engine sends them to a provider that asks for neither secrets nor references. */
export type Properties = Readonly<Record<string, unknown>>;

/** What stands in the place of a value that a preview can't know. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether a value, or any part of it, is not known yet. */
export function hasUnknown(value: unknown): boolean {
  if (value === unknown) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(hasUnknown);
}

/** Whether two values are the same, whatever the order of their keys. */
export function same(one: unknown, other: unknown): boolean {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return one === other;
  const [keys, others] = [Object.keys(one), Object.keys(other)];
  return (
    Array.isArray(one) === Array.isArray(other) &&
    keys.length === others.length &&
    keys.every((key) => same((one as Properties)[key], (other as Properties)[key]))
  );
}

/** A value of a property along a path: `rootBlockDevice.encrypted`. */
export function at(properties: Properties, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (value, key) => (typeof value === "object" && value ? (value as Properties)[key] : undefined),
      properties,
    );
}

/** A text property; empty where it is none. */
export const text = (properties: Properties, key: string): string => {
  const value = properties[key];
  return typeof value === "string" ? value : "";
};

/** So many hexadecimal digits, another each time. */
export const randomHex = (digits: number): string => randomBytes(digits).toString("hex").slice(0, digits);

/** So many hexadecimal digits that follow from a text. */
export const hexOf = (from: string, digits: number): string =>
  createHash("sha256").update(from).digest("hex").slice(0, digits);
