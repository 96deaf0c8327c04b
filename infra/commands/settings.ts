/** Settings of a program that this project configures: names to values, each on a line of its own. */
export type Settings = Readonly<Record<string, string | number | boolean>>;

/** Why a setting can't be given: what would be accepted, and what to do instead. */
export interface Refusal {
  readonly expected: string;
  readonly hint?: string;
}

/** Names under which somebody keeps a password. Configuration is in plain text, so their values belong elsewhere. */
const secretName = /passw|passphrase|secret|token|api_?key|credential/i;

/** Whether a value under this name is most likely a secret, which must be neither accepted in plain text nor shown. */
export function hidesSecret(name: string): boolean {
  return secretName.test(name);
}

/** Whether a value can be written on one line: nothing in it starts another one. */
export function isOneLine(value: unknown): value is string | number | boolean {
  if (typeof value === "string") return !/[\p{Cc}\u2028\u2029]/u.test(value);
  return typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value));
}

/** What {@link isOneLine} asks for, in an error's words. */
export const oneLine = "a text of one line, a number, true or false";
