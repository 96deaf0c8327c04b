import { z } from "zod";
import { isOneLine, oneLine, type Refusal, type Settings } from "../commands/settings";
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

/**
 * A key whose value has its own check.
 *
 * @param type How the documentation calls the value.
 * @param refuse What is wrong with a value, or `undefined` when nothing is.
 */
export function value<T>(type: string, refuse: (value: unknown) => Refusal | undefined): z.ZodType<T, T> {
  const schema = z.custom<T>().superRefine((input, context) => {
    const refusal = refuse(input);
    if (refusal) report(context, refusal);
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

/** A number of processor cores, also a part of one, to a hundredth. */
export function cores(): z.ZodType<number, number> {
  return value("number of cores, 0.1 to 256", (input) =>
    typeof input === "number" && input >= 0.1 && input <= 256 && Number.isInteger(Math.round(input * 1e4) / 100)
      ? undefined
      : { expected: "a number of cores from 0.1 to 256, to a hundredth" },
  );
}

/** `true` or `false`. */
export function flag(): z.ZodType<boolean, boolean> {
  return value("true or false", (input) => (typeof input === "boolean" ? undefined : { expected: "true or false" }));
}

/** One of a few words. */
export function oneOf<const Word extends string>(words: readonly Word[]): z.ZodType<Word, Word> {
  const expected = words.length > 1 ? `one of ${words.join(", ")}` : `"${words.join("")}"`;
  return value<Word>(words.join(", "), (input) => {
    if (words.some((word) => word === input)) return undefined;
    // YAML reads 19.0 as a number.
    const unquoted = words.find((word) => typeof input === "number" && Number(word) === input);
    if (unquoted) return { expected, hint: `Write "${unquoted}", with quotes.` };
    const meant = typeof input === "string" && nearest(input, words);
    return { expected, hint: meant ? `Did you mean "${meant}"?` : undefined };
  });
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
    const meant =
      typeof input === "string"
        ? input
            .trim()
            .replace(/^[a-z]+:\/\//i, "")
            .replace(/[/:].*$|\.$/g, "")
        : "";
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

/** Further settings of a program that this project configures; `refuse` says which it does not take. */
export function settings(refuse: (name: string) => Refusal | undefined): z.ZodType<Settings, Settings> {
  const schema = z.custom<Settings>().superRefine((input: unknown, context) => {
    if (typeof input !== "object" || input === null || Array.isArray(input)) {
      context.addIssue({ code: "custom", message: "settings, each with its value" });
      return;
    }
    for (const [name, setting] of Object.entries(input)) {
      const refusal = refuse(name) ?? (isOneLine(setting) ? undefined : { expected: oneLine });
      if (refusal) report(context, refusal, [name]);
    }
  });
  return schema.register(keyTypes, { type: "settings" });
}

function report(context: z.core.$RefinementCtx, refusal: Refusal, path: string[] = []): void {
  context.addIssue({ code: "custom", path, message: refusal.expected, params: { hint: refusal.hint } });
}

/** A module's technical name. */
export const moduleName = () =>
  text(/^[a-z][a-z0-9_]{0,127}$/, "a module's technical name such as sale_management", "module name");
