import { safeParse, type z } from "zod";
import { UserError, type Problem } from "../core/errors";
import { nearest } from "../core/nearest";
import { onceOnRds, preparesRds } from "./aws/rdsWishes";
import { explain, type Source } from "./explain";
import { shapeOf } from "./keyTree";
import { environmentRules, placementRules, platformRules, type PlacedOn } from "./rules";
import { schemas, type EnvironmentConfig, type Kind, type PlatformConfig, type StackConfig } from "./schema";
import { sizingOf } from "./sizing";

export { plannedMachine } from "./machine";

/** Kinds that a later version brings. */
const laterKinds = ["dr"];

/**
 * Reads a stack's configuration: checks every key and fills in every default.
 *
 * @param raw The project's own configuration as Pulumi hands it over: keys without namespace, values as text, nested
 *   objects as JSON, secrets decrypted.
 * @param secretKeys Keys of `raw` that Pulumi holds as secrets; their values never appear in an error.
 * @param platform The platform an environment is placed on, once known: its machine and proxy are then part of the check.
 * @param stack Name of the stack, where it is known: an environment can't be a copy of itself.
 * @throws UserError with every problem found.
 */
export function loadConfig(
  raw: Readonly<Record<string, string>>,
  secretKeys: readonly string[],
  platform?: PlacedOn,
  stack?: string,
): StackConfig {
  const problems = checkKind(raw.kind);
  const kind = likelyKind(raw);
  const { config, problems: wrong } =
    kind === "platform"
      ? check(kind, raw, secretKeys, (parsed) => platformRules(parsed as PlatformConfig))
      : check(kind, raw, secretKeys, (parsed) => environmentProblems(parsed as EnvironmentConfig, platform, stack));
  problems.push(...wrong.filter((problem) => problem.path !== "kind"));
  if (!config || problems.length > 0) {
    const count = problems.length === 1 ? "one problem" : `${problems.length} problems`;
    throw new UserError(`The stack's configuration has ${count}.`, problems);
  }
  return config;
}

function environmentProblems(config: EnvironmentConfig, platform?: PlacedOn, stack?: string): Problem[] {
  const ofItself = environmentRules(config, stack);
  return platform ? [...ofItself, ...placementRules(config, platform), ...sizingProblems(config, platform)] : ofItself;
}

/** One whose database goes to RDS has to fit there too, before it is moved. */
function sizingProblems(config: EnvironmentConfig, platform: PlacedOn): Problem[] {
  const { problems } = sizingOf(config, platform);
  if (problems.length > 0 || !preparesRds(config)) return problems;
  return sizingOf(onceOnRds(config), platform).problems;
}

/** Checks the values against the schema, then against the rules; the rules also see what is right beside what is wrong. */
function check(
  kind: Kind,
  raw: Readonly<Record<string, string>>,
  secretKeys: readonly string[],
  rules: (config: StackConfig) => Problem[],
): { config?: StackConfig; problems: Problem[] } {
  const schema = schemas[kind];
  const values = { ...readValues(kind, raw), kind };
  const source: Source = { values, secretKeys };
  const parsed = schema.safeParse(values);
  if (parsed.success) return { config: parsed.data, problems: rules(parsed.data) };
  const problems = parsed.error.issues.flatMap((issue) => explain(issue, schema, source));
  const rest = schema.safeParse(without(values, parsed.error.issues));
  const known = new Set(problems.map((problem) => problem.path));
  const further = rest.success ? rules(rest.data).filter((problem) => !known.has(problem.path)) : [];
  return { problems: [...problems, ...further] };
}

/** The values with their types: what the schema takes as text stays text, all else is read as JSON where it is JSON. */
function readValues(kind: Kind, raw: Readonly<Record<string, string>>): Record<string, unknown> {
  const shape = shapeOf(schemas[kind]) ?? {};
  const takes = (key: string, text: string) =>
    Object.hasOwn(shape, key) && safeParse(shape[key] as z.core.$ZodType, text).success;
  const read = Object.entries(raw).map(([key, text]): [string, unknown] => [
    key,
    takes(key, text) ? text : withoutNulls(parseJson(text)),
  ]);
  return Object.fromEntries(read.filter(([, value]) => value !== undefined));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** In YAML, a key whose lines below are all commented out is null: as good as not there. */
function withoutNulls(value: unknown): unknown {
  if (value === null) return undefined;
  if (typeof value !== "object" || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [key, withoutNulls(inner)]);
  return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined));
}

/** A copy of the values without those that the issues are about. */
function without(
  values: Record<string, unknown>,
  issues: readonly { path: PropertyKey[]; keys?: string[] }[],
): unknown {
  const copy = structuredClone(values);
  for (const { path, keys } of issues) {
    for (const full of keys ? keys.map((key) => [...path, key]) : [path]) remove(copy, full);
  }
  return copy;
}

function remove(from: unknown, path: readonly PropertyKey[]): void {
  const [step, ...below] = path;
  if (typeof from !== "object" || from === null || step === undefined) return;
  const inner = (from as Record<PropertyKey, unknown>)[step];
  // An element of a list can't go alone: the places of the others would move.
  if (below.length === 0 || Array.isArray(inner)) Reflect.deleteProperty(from, step);
  else remove(inner, below);
}

function checkKind(kind: string | undefined): Problem[] {
  const kinds = Object.keys(schemas);
  if (kind !== undefined && kinds.includes(kind)) return [];
  const meant = kind === undefined ? undefined : nearest(kind, kinds);
  const later = kind !== undefined && laterKinds.includes(kind);
  return [
    {
      path: "kind",
      expected: `one of ${kinds.join(", ")}`,
      found:
        kind === undefined ? "nothing" : `${JSON.stringify(kind)}${later ? ", which comes with a later version" : ""}`,
      hint: meant
        ? `Did you mean "${meant}"?`
        : "Say what the stack declares, for example odoo-stacks:kind: environment.",
    },
  ];
}

/** The kind that a stack says it is, or that most of its keys belong to, so that these are checked whatever it says. */
function likelyKind(raw: Readonly<Record<string, string>>): Kind {
  const kinds = Object.keys(schemas) as Kind[];
  const said = kinds.find((kind) => kind === (raw.kind && nearest(raw.kind, kinds)));
  if (said) return said;
  const known = (kind: Kind) =>
    Object.keys(raw).filter((key) => Object.hasOwn(shapeOf(schemas[kind]) ?? {}, key)).length;
  return known("platform") > known("environment") ? "platform" : "environment";
}
