import type { Declarations, Member, Members } from "./declarations";
import type { Kind } from "./kinds/kind";
import { at, hexOf, type Properties, text, unknown } from "./values";

/** Something that is wrong with an input. */
export interface Failure {
  readonly property: string;
  readonly reason: string;
}

/** What the engine's inputs are checked against. */
export interface Asked {
  readonly type: string;
  /** The resource's name in the program. */
  readonly logicalName: string;
  readonly olds: Properties;
  readonly news: Properties;
  /** What a made-up name follows from, so that a preview and its `up` make up the same; empty for a new one each time. */
  readonly seed: string;
}

/** The key that Pulumi's own providers list made-up inputs under. */
export const madeUp = "__defaults";

/**
 * Checks what a resource is given against what `@pulumi/aws` declares, and makes up its name where it has none.
 * @returns the inputs to go on with, and all that is wrong.
 */
export function check(
  asked: Asked,
  kind: Kind,
  declarations: Declarations,
): { inputs: Properties; failures: Failure[] } {
  const declared = declarations.resource(asked.type);
  if (!declared)
    return { inputs: asked.news, failures: [{ property: "", reason: `@pulumi/aws has no ${asked.type}` }] };
  const given = Object.fromEntries(
    Object.entries(asked.news).filter(([key, value]) => key !== madeUp && value !== null),
  );
  const failures = wrongMembers(given, declared.inputs, "", declarations);
  const named = withName(asked, given, nameProperty(kind, declared.inputs), kind);
  const name = named.property ? text(named.inputs, named.property) : "";
  const longest = kind.longest ?? 255;
  if (name !== unknown && name.length > longest) {
    failures.push({ property: named.property, reason: `"${name}" is longer than ${longest} characters` });
  }
  return { inputs: named.inputs, failures };
}

/** The property with a resource's name; undefined where it has none. */
export function nameProperty(kind: Kind, inputs: Members): string | undefined {
  const property = kind.named ?? "name";
  return property in inputs ? property : undefined;
}

/** All that is wrong with what a resource or a block is given. */
function wrongMembers(given: Properties, members: Members, path: string, declarations: Declarations): Failure[] {
  const missing = Object.entries(members)
    .filter(([name, { optional }]) => !optional && given[name] === undefined)
    .map(([name]) => ({
      property: path + name,
      reason: `The argument "${name}" is required, but no definition was found.`,
    }));
  const wrong = Object.entries(given).flatMap(([name, value]) => {
    const member = Object.hasOwn(members, name) ? members[name] : undefined;
    if (!member) return [{ property: path + name, reason: `An argument named "${name}" is not expected here.` }];
    return wrongValue(value, member, path + name, declarations);
  });
  return [...missing, ...wrong];
}

function wrongValue(value: unknown, member: Member, path: string, declarations: Declarations): Failure[] {
  if (value === unknown) return [];
  if (member.list) {
    if (!Array.isArray(value)) return [{ property: path, reason: "a list is required" }];
    return value.flatMap((item, index) =>
      wrongValue(item, { ...member, list: false }, `${path}[${index}]`, declarations),
    );
  }
  const isBlock = typeof value === "object" && value !== null && !Array.isArray(value);
  // Policies may be given as JSON as well.
  const isText = member.plain === "string" && typeof value === "string";
  if (member.block && !isText) {
    if (!isBlock) return [{ property: path, reason: "an object is required" }];
    return wrongMembers(value as Properties, declarations.block(member.block), `${path}.`, declarations);
  }
  if (member.map) return isBlock ? [] : [{ property: path, reason: "a map is required" }];
  if (member.plain === "other" || fits(value, member.plain)) return [];
  return [{ property: path, reason: `a ${member.plain} is required` }];
}

/** Whether a value can be taken as one of a plain type: Terraform turns texts into numbers and the other way round. */
function fits(value: unknown, plain: "string" | "number" | "boolean"): boolean {
  if (plain === "string") return ["string", "number", "boolean"].includes(typeof value);
  if (plain === "number") return typeof value === "number" || (typeof value === "string" && /^-?[\d.]+$/.test(value));
  return typeof value === "boolean" || value === "true" || value === "false";
}

/** Names that AWS wants in small letters. */
const small: ReadonlySet<string> = new Set(["bucket", "identifier"]);

/** Makes up a name, as Pulumi's provider does: the one in the program with seven hexadecimal digits; one that is there stays. */
function withName(asked: Asked, given: Properties, property: string | undefined, kind: Kind) {
  const none = { inputs: { ...given }, property: property ?? "" };
  if (property === undefined || given[property] !== undefined || given[`${property}Prefix`] !== undefined) return none;
  const kept =
    Array.isArray(asked.olds[madeUp]) && asked.olds[madeUp].includes(property) ? at(asked.olds, property) : "";
  const digits = hexOf(asked.seed || `${asked.logicalName}${performance.now()}${Math.random()}`, 7);
  const fresh = `${kind.id === "name" && asked.type.includes("kms/alias") ? "alias/" : ""}${asked.logicalName}-${digits}`;
  const name = kept || (small.has(property) ? fresh.toLowerCase() : fresh);
  return { inputs: { ...given, [property]: name, [madeUp]: [property] }, property };
}
