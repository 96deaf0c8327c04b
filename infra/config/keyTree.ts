import { z } from "zod";
import { keyDocs, keyTypes, type KeyDoc } from "./keys";

/** One configuration key, as the schema has it. */
export interface Key {
  /** Where it is: `odoo.limits.timeReal`. */
  readonly path: string;
  /** How its kind of value is called. */
  readonly type: string;
  readonly doc: KeyDoc;
  /** The default of the schema; `undefined` where the value is required or derived. */
  readonly fallback: unknown;
  /** Whether a stack must have it. */
  readonly required: boolean;
  /** The group that may be left out, with the key in it; `undefined` where there is none. */
  readonly optionalGroup?: string;
}

/** The keys of a group, or `undefined` where a schema is none. */
export function shapeOf(schema: z.core.$ZodType): Readonly<Record<string, z.core.$ZodType>> | undefined {
  const inner = unwrap(schema);
  return inner instanceof z.ZodObject ? inner.shape : undefined;
}

/** The keys of the group at a path, or `undefined` where there is none. */
export function shapeAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): ReturnType<typeof shapeOf> {
  let at: z.core.$ZodType | undefined = schema;
  for (const step of path) at = at && (typeof step === "number" ? elementOf(at) : shapeOf(at)?.[String(step)]);
  return at && shapeOf(at);
}

/** What a list is of, or `undefined` where a schema is none. */
function elementOf(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  const inner = unwrap(schema);
  return inner instanceof z.ZodArray ? inner.element : undefined;
}

/**
 * Every key of a kind of stack, in the order of the schema, without the groups that hold them.
 *
 * @throws Error when a key is not documented.
 */
export function keysOf(schema: z.core.$ZodType, above: readonly string[] = [], optionalGroup?: string): Key[] {
  return Object.entries(shapeOf(schema) ?? {}).flatMap(([name, child]) => {
    const path = [...above, name];
    if (!shapeOf(child)) {
      const own = { ...describe(path.join("."), child), optionalGroup };
      // Keys of the groups in a list: `machines[].name`.
      const element = elementOf(child);
      const each = [...above, `${name}[]`];
      return element && shapeOf(element) ? [own, ...keysOf(element, each, each.join("."))] : [own];
    }
    return keysOf(child, path, child instanceof z.ZodOptional ? path.join(".") : optionalGroup);
  });
}

function describe(path: string, schema: z.core.$ZodType): Key {
  const doc = keyDocs.get(schema);
  const element = elementOf(schema);
  const type = element ? `list of ${typeOf(element)}s` : typeOf(unwrap(schema));
  if (!doc || !type) throw new Error(`The configuration key ${path} is not documented.`);
  const fallback = schema instanceof z.ZodDefault ? schema.def.defaultValue : undefined;
  return { path, type, doc, fallback, required: fallback === undefined && !(schema instanceof z.ZodOptional) };
}

function typeOf(schema: z.core.$ZodType): string {
  return keyTypes.get(schema)?.type ?? "";
}

/** The schema inside defaults and the like. */
function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    return unwrap(schema.def.innerType);
  }
  return schema;
}
