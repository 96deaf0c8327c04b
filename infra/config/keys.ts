import { z } from "zod";
import { nearest } from "../core/nearest";
import {
  bytes,
  isDuration,
  isSize,
  seconds,
  suggestDuration,
  suggestSize,
  type Duration,
  type Size,
} from "../core/units";

/** What the documentation says about one configuration key, beside what its schema tells by itself. */
export interface KeyDoc {
  /** What the key is for, with units and limits where its type does not tell them. */
  readonly about: string;
  /** How the value comes about where none is given and the schema has no fixed default. */
  readonly derived?: string;
  /** A value worth copying. */
  readonly example?: string;
  /** What changing the key later costs, for example that it replaces the database. */
  readonly caution?: string;
}

/** The documentation of every key; `docs.ts` refuses a key that is missing here. */
export const keyDocs = z.registry<KeyDoc>();

/** How a kind of value is called in the documentation: `size`, `host name`, `number, 1 to 65535`. */
export const keyTypes = z.registry<{ readonly type: string }>();

/** A check of a whole value: what is wrong with it and, where known, what to write instead. */
interface Complaint {
  readonly expected: string;
  readonly hint?: string;
}

/**
 * A key whose value has its own check.
 *
 * @param type How the documentation calls the value.
 * @param complain What is wrong with a value, or `undefined` when nothing is.
 */
export function value<T>(type: string, complain: (value: unknown) => Complaint | undefined): z.ZodType<T, T> {
  const schema = z.custom<T>().superRefine((input, context) => {
    const complaint = complain(input);
    if (complaint) context.addIssue({ code: "custom", message: complaint.expected, params: { hint: complaint.hint } });
  });
  return schema.register(keyTypes, { type });
}

/** A text that a pattern describes; `expected` is how an error and the documentation put that pattern into words. */
export function text(pattern: RegExp, expected: string, type = "text"): z.ZodType<string, string> {
  return value(type, (input) => (typeof input === "string" && pattern.test(input) ? undefined : { expected }));
}

/** A whole number within limits, both included. */
export function wholeNumber(min: number, max: number): z.ZodType<number, number> {
  const range = `${min} to ${max}`;
  return value(`number, ${range}`, (input) => {
    if (typeof input === "number" && Number.isInteger(input) && input >= min && input <= max) return undefined;
    const quoted = typeof input === "string" && /^\d+$/.test(input);
    return { expected: `a whole number from ${range}`, hint: quoted ? "Write the number without quotes." : undefined };
  });
}

/** `true` or `false`. */
export function flag(): z.ZodType<boolean, boolean> {
  return value("true or false", (input) => (typeof input === "boolean" ? undefined : { expected: "true or false" }));
}

/** One of a few words. */
export function oneOf<const Word extends string>(words: readonly Word[]): z.ZodType<Word, Word> {
  const expected = words.length > 1 ? `one of ${words.join(", ")}` : `"${words.join("")}"`;
  const schema = value<Word>(words.join(", "), (input) => {
    if (words.some((word) => word === input)) return undefined;
    const meant = typeof input === "string" && nearest(input, words);
    return { expected, hint: meant ? `Did you mean "${meant}"?` : undefined };
  });
  return schema;
}

/** An amount of memory or disk such as `"512 MB"`, at least `min`. */
export function size(min: Size): z.ZodType<Size, Size> {
  return value(`size, at least ${min}`, (input) => {
    if (isSize(input) && bytes(input) >= bytes(min)) return undefined;
    const meant = isSize(input) ? undefined : suggestSize(String(input));
    return { expected: `a size such as "2 GB", at least "${min}"`, hint: meant && `Write "${meant}".` };
  });
}

/** A span of time such as `"90 seconds"`, at least `min`. */
export function duration(min: Duration): z.ZodType<Duration, Duration> {
  return value(`duration, at least ${min}`, (input) => {
    if (isDuration(input) && seconds(input) >= seconds(min)) return undefined;
    const meant = isDuration(input) ? undefined : suggestDuration(String(input));
    return { expected: `a duration such as "90 seconds", at least "${min}"`, hint: meant && `Write "${meant}".` };
  });
}

/** A host name as RFC 1123 has it, in lower case, without a trailing dot and no IP address. */
export function hostName(): z.ZodType<string, string> {
  return value("host name", (input) => {
    if (typeof input === "string" && isHostName(input)) return undefined;
    const meant = typeof input === "string" ? input.trim().replace(/^[a-z]+:\/\//i, "").replace(/[/:].*$|\.$/g, "") : "";
    return {
      expected: "a host name in lower case, without scheme, port or path",
      hint: isHostName(meant.toLowerCase()) ? `Write "${meant.toLowerCase()}".` : undefined,
    };
  });
}

/** Whether a text is a host name: labels of 1 to 63 letters, digits and inner hyphens (RFC 1123), 253 characters at most. */
export function isHostName(name: string): boolean {
  const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
  const labels = name.split(".");
  // A last label of digits alone would be read as an IP address.
  return name.length <= 253 && labels.every((part) => label.test(part)) && !/^\d+$/.test(labels.at(-1) ?? "");
}

/** Extra settings of a program that this project configures: names to plain values, one line each. */
export function settings(refuse: (key: string) => Complaint | undefined): z.ZodType<Settings, Settings> {
  return z.custom<Settings>().superRefine((input, context) => {
    if (typeof input !== "object" || input === null || Array.isArray(input)) {
      context.addIssue({ code: "custom", message: "settings, each with its value" });
      return;
    }
    for (const [key, setting] of Object.entries(input as Record<string, unknown>)) {
      const complaint = refuse(key) ?? (isScalar(setting) ? undefined : { expected: "a text of one line, a number, true or false" });
      if (!complaint) continue;
      context.addIssue({ code: "custom", path: [key], message: complaint.expected, params: { hint: complaint.hint } });
    }
  }).register(keyTypes, { type: "settings" });
}

/** Names of settings to their values. */
export type Settings = Readonly<Record<string, string | number | boolean>>;

function isScalar(setting: unknown): boolean {
  if (typeof setting === "string") return !/\p{Cc}/u.test(setting);
  return typeof setting === "boolean" || (typeof setting === "number" && Number.isFinite(setting));
}
