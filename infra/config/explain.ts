import type { z } from "zod";
import { hidesSecret } from "../commands/settings";
import type { Problem } from "../core/errors";
import { nearest } from "../core/nearest";
import { keysOf, shapeAt } from "./keyTree";

/** What a value was read from, as far as an error message may tell. */
export interface Source {
  /** The values as they were checked. */
  readonly values: unknown;
  /** Keys on the top level whose values are secrets. */
  readonly secretKeys: readonly string[];
}

/** Puts an issue that the schema found into the words of whoever has to put it right; a misspelt key each its own. */
export function explain(issue: z.core.$ZodIssue, schema: z.core.$ZodType, source: Source): Problem[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey([...issue.path, key], schema));
  const hint = issue.code === "custom" ? (issue.params?.hint as string | undefined) : undefined;
  const expected = issue.code === "invalid_type" && issue.expected === "object" ? "a group of keys" : issue.message;
  return [{ path: pathText(issue.path), expected, found: found(issue.path, source), hint }];
}

/** Writes a path as people do: `domains[0]`, `odoo.workers`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.map((step, at) => (typeof step === "number" ? `[${step}]` : `${at ? "." : ""}${String(step)}`)).join("");
}

function unknownKey(path: readonly PropertyKey[], schema: z.core.$ZodType): Problem {
  const name = String(path.at(-1));
  const group = path.slice(0, -1);
  const siblings = Object.keys(shapeAt(schema, group) ?? {});
  const near = nearest(name, siblings);
  const meant = near ? pathText([...group, near]) : elsewhere(name, schema);
  return {
    path: pathText(path),
    expected: `a key ${group.length > 0 ? `of ${pathText(group)}` : "that this kind of stack has"}: ${siblings.join(", ")}`,
    found: `the unknown key "${name}"`,
    hint: meant && `Did you mean "${meant}"?`,
  };
}

/** The key of the same name that is in another group, for one that was put on the wrong level. */
function elsewhere(name: string, schema: z.core.$ZodType): string | undefined {
  return keysOf(schema).find((key) => key.path.split(".").at(-1) === name)?.path;
}

/** What stands at a path, in a few words, and never a secret. */
function found(path: readonly PropertyKey[], { values, secretKeys }: Source): string {
  const value = path.reduce<unknown>((at, step) => (at as Record<PropertyKey, unknown> | undefined)?.[step], values);
  if (value === undefined) return "nothing";
  if (secretKeys.includes(String(path[0])) || path.some((step) => hidesSecret(String(step)))) {
    return "a value that is not shown";
  }
  if (Array.isArray(value)) return value.length > 0 ? `a list of ${value.length}` : "an empty list";
  if (typeof value === "object") return "a group of keys";
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…"` : text;
}
