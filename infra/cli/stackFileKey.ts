import { isDeepStrictEqual } from "node:util";
import { isMap, isScalar, parseDocument, type Pair, type Scalar, type YAMLMap } from "yaml";
import { UserError } from "../core/errors";

/** A key of a group in a stack's file, such as `image` of `odoo-stacks:release`. */
export interface KeyPlace {
  readonly group: `odoo-stacks:${string}`;
  readonly key: string;
}

/** The version that an environment runs. */
export const releaseImage: KeyPlace = { group: "odoo-stacks:release", key: "image" };

/** What makes a copy of another environment anew. */
export const restoreRefresh: KeyPlace = { group: "odoo-stacks:restore", key: "refresh" };

/** Where PostgreSQL runs. */
export const databaseKind: KeyPlace = { group: "odoo-stacks:database", key: "kind" };

/** What of another environment is copied. */
export const restoreSnapshot: KeyPlace = { group: "odoo-stacks:restore", key: "snapshot" };

/** A part of the text to be replaced by another. */
interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/**
 * Sets or takes out a key in the text of a stack's file. All else stays as it was written, comments and style included: a
 * YAML library would write the user's lines anew in its own style.
 * @param text The file's text.
 * @param place Which key.
 * @param value The text to set; undefined takes the key out.
 * @returns the new text; the same when it says so already.
 * @throws UserError when the file is written in a way that can't be edited safely.
 */
export function withKey(text: string, place: KeyPlace, value: string | undefined): string {
  if (keyIn(text, place) === value) return text;
  const { from, to, text: by } = value === undefined ? removal(text, place) : insertion(text, place, written(value));
  const edited = text.slice(0, from) + by + text.slice(to);
  if (!isDeepStrictEqual(parseDocument(edited).toJS(), expected(text, place, value))) throw cannotEdit(place);
  return edited;
}

/** The text that a key has in a stack's file. */
export function keyIn(text: string, { group, key }: KeyPlace): string | undefined {
  const found = parseDocument(text).getIn(["config", group, key]);
  return typeof found === "string" ? found : undefined;
}

/** A text as YAML reads it back: what could be taken for a number or a time in quotes. */
const written = (value: string): string => (/^[a-z][\w./:-]*$/i.test(value) ? value : JSON.stringify(value));

/** What the file is to say afterwards. */
function expected(text: string, { group, key }: KeyPlace, value: string | undefined): unknown {
  const document = parseDocument(text);
  const path = ["config", group];
  if (value !== undefined) {
    if (!isMap(document.getIn(path))) document.setIn(path, document.createNode({}));
    document.setIn([...path, key], value);
  } else {
    document.deleteIn([...path, key]);
    const left = document.getIn(path);
    if (isMap(left) && left.items.length === 0) document.deleteIn(path);
  }
  return document.toJS();
}

function insertion(text: string, place: KeyPlace, value: string): Edit {
  const { group, key } = place;
  const config = parseDocument(text).get("config");
  if (!isMap(config) || config.flow || !config.items[0]) throw cannotEdit(place);
  const indent = " ".repeat(columnOf(text, keyOf(config.items[0]).range?.[0] ?? 0));
  const pair = pairOf(config, group);
  if (!pair) return insertAt(endOf(text, config), `${indent}${group}:\n${indent}  ${key}: ${value}\n`, text);

  const release = pair.value;
  if (isMap(release) && release.items[0]) {
    const existing = pairOf(release, key);
    if (isScalar(existing?.value)) return replaceValue(existing.value, value);
    const first = keyOf(release.items[0]).range?.[0] ?? 0;
    const by = release.flow ? `${key}: ${value}, ` : `${key}: ${value}\n${" ".repeat(columnOf(text, first))}`;
    return { from: first, to: first, text: by };
  }
  if (isMap(release) && release.range) {
    return { from: release.range[0], to: release.range[1], text: `{ ${key}: ${value} }` };
  }
  // `odoo-stacks:release:` without a value.
  const line = text.indexOf("\n", keyOf(pair).range?.[1] ?? 0);
  return insertAt(line < 0 ? text.length : line + 1, `${indent}  ${key}: ${value}\n`, text);
}

function removal(text: string, place: KeyPlace): Edit {
  const { group, key } = place;
  const config = parseDocument(text).get("config");
  const release = isMap(config) ? pairOf(config, group)?.value : undefined;
  if (!isMap(config) || !isMap(release)) throw cannotEdit(place);
  const alone = release.items.length === 1;
  const pair = alone ? pairOf(config, group) : pairOf(release, key);
  const scalar = pairOf(release, key)?.value;
  if (!pair || !isScalar(scalar) || !scalar.range) throw cannotEdit(place);
  const from = keyOf(pair).range?.[0] ?? 0;
  if (release.flow && !alone) {
    const comma = /^\s*,\s*/.exec(text.slice(scalar.range[1]));
    return { from, to: scalar.range[1] + (comma?.[0].length ?? 0), text: "" };
  }
  const lineStart = text.lastIndexOf("\n", from) + 1;
  const valueEnd = release.flow && release.range ? release.range[1] : scalar.range[1];
  const lineEnd = text.indexOf("\n", valueEnd);
  return { from: lineStart, to: lineEnd < 0 ? text.length : lineEnd + 1, text: "" };
}

const pairOf = (map: YAMLMap, key: string): Pair | undefined => map.items.find((pair) => keyOf(pair).value === key);

function keyOf(pair: Pair): Scalar {
  if (isScalar(pair.key)) return pair.key;
  throw cannotEdit({ group: "odoo-stacks:", key: "" });
}

const replaceValue = ({ range }: Scalar, text: string): Edit => ({ from: range?.[0] ?? 0, to: range?.[1] ?? 0, text });

/** How many characters stand before an offset in its line. */
const columnOf = (text: string, offset: number): number => offset - (text.lastIndexOf("\n", offset - 1) + 1);

/** Where the last line of a block ends that says something; comments that follow belong to what comes next. */
function endOf(text: string, map: YAMLMap): number {
  const last = map.items.at(-1)?.value;
  const key = map.items.at(-1)?.key;
  const range = (last ?? key) as { range?: [number, number, number] | null } | undefined;
  const end = range?.range?.[1] ?? text.length;
  // The range of a block ends after its line break, that of a scalar before it.
  if (text[end - 1] === "\n") return end;
  const line = text.indexOf("\n", end);
  return line < 0 ? text.length : line + 1;
}

/** Inserts whole lines; the line before gets its end where the file lacks it. */
const insertAt = (at: number, lines: string, text: string): Edit => ({
  from: at,
  to: at,
  text: at > 0 && text[at - 1] !== "\n" ? `\n${lines}` : lines,
});

const cannotEdit = ({ group, key }: KeyPlace): UserError =>
  new UserError("The stack's file can't be edited safely.", [
    {
      path: `config → ${group} → ${key}`,
      expected: "a file with `config:` and its keys on lines of their own",
      found: "another form of YAML",
      hint: `Set ${group.replace("odoo-stacks:", "")}.${key} by hand, then run the command without it, or \`pulumi up\`.`,
    },
  ]);
