import { isDeepStrictEqual } from "node:util";
import { isMap, isScalar, parseDocument, type Pair, type Scalar, type YAMLMap } from "yaml";
import { UserError } from "../core/errors";

const releaseKey = "odoo-stacks:release";

/** A part of the text to be replaced by another. */
interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/**
 * Sets or takes out `release.image` in the text of a stack's file. All else stays as it was written, comments and style
 * included: a YAML library would write the user's lines anew in its own style.
 * @param text The file's text.
 * @param image The tag to set; undefined takes the key out, and the next release is of the modules in `addons`.
 * @returns the new text; the same when it says so already.
 * @throws UserError when the file is written in a way that can't be edited safely.
 */
export function withReleaseImage(text: string, image: string | undefined): string {
  if (imageIn(text) === image) return text;
  const { from, to, text: by } = image === undefined ? removal(text) : insertion(text, image);
  const edited = text.slice(0, from) + by + text.slice(to);
  if (!isDeepStrictEqual(parseDocument(edited).toJS(), expected(text, image))) throw cannotEdit();
  return edited;
}

/** The `release.image` that the text of a stack's file sets. */
export function imageIn(text: string): string | undefined {
  const found = parseDocument(text).getIn(["config", releaseKey, "image"]);
  return typeof found === "string" ? found : undefined;
}

/** What the file is to say afterwards. */
function expected(text: string, image: string | undefined): unknown {
  const document = parseDocument(text);
  const path = ["config", releaseKey];
  if (image !== undefined) {
    if (!isMap(document.getIn(path))) document.setIn(path, document.createNode({}));
    document.setIn([...path, "image"], image);
  } else {
    document.deleteIn([...path, "image"]);
    const left = document.getIn(path);
    if (isMap(left) && left.items.length === 0) document.deleteIn(path);
  }
  return document.toJS();
}

function insertion(text: string, image: string): Edit {
  const config = parseDocument(text).get("config");
  if (!isMap(config) || config.flow || !config.items[0]) throw cannotEdit();
  const indent = " ".repeat(columnOf(text, keyOf(config.items[0]).range?.[0] ?? 0));
  const pair = pairOf(config, releaseKey);
  if (!pair) return insertAt(endOf(text, config), `${indent}${releaseKey}:\n${indent}  image: ${image}\n`, text);

  const release = pair.value;
  if (isMap(release) && release.items[0]) {
    const existing = pairOf(release, "image");
    if (isScalar(existing?.value)) return replaceValue(existing.value, image);
    const first = keyOf(release.items[0]).range?.[0] ?? 0;
    const by = release.flow ? `image: ${image}, ` : `image: ${image}\n${" ".repeat(columnOf(text, first))}`;
    return { from: first, to: first, text: by };
  }
  if (isMap(release) && release.range) {
    return { from: release.range[0], to: release.range[1], text: `{ image: ${image} }` };
  }
  // `odoo-stacks:release:` without a value.
  const line = text.indexOf("\n", keyOf(pair).range?.[1] ?? 0);
  return insertAt(line < 0 ? text.length : line + 1, `${indent}  image: ${image}\n`, text);
}

function removal(text: string): Edit {
  const config = parseDocument(text).get("config");
  const release = isMap(config) ? pairOf(config, releaseKey)?.value : undefined;
  if (!isMap(config) || !isMap(release)) throw cannotEdit();
  const alone = release.items.length === 1;
  const pair = alone ? pairOf(config, releaseKey) : pairOf(release, "image");
  const value = pairOf(release, "image")?.value;
  if (!pair || !isScalar(value) || !value.range) throw cannotEdit();
  const from = keyOf(pair).range?.[0] ?? 0;
  if (release.flow && !alone) {
    const comma = /^\s*,\s*/.exec(text.slice(value.range[1]));
    return { from, to: value.range[1] + (comma?.[0].length ?? 0), text: "" };
  }
  const lineStart = text.lastIndexOf("\n", from) + 1;
  const valueEnd = release.flow && release.range ? release.range[1] : value.range[1];
  const lineEnd = text.indexOf("\n", valueEnd);
  return { from: lineStart, to: lineEnd < 0 ? text.length : lineEnd + 1, text: "" };
}

const pairOf = (map: YAMLMap, key: string): Pair | undefined => map.items.find((pair) => keyOf(pair).value === key);

function keyOf(pair: Pair): Scalar {
  if (isScalar(pair.key)) return pair.key;
  throw cannotEdit();
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

const cannotEdit = (): UserError =>
  new UserError("The stack's file can't be edited safely.", [
    {
      path: `config → ${releaseKey} → image`,
      expected: "a file with `config:` and its keys on lines of their own",
      found: "another form of YAML",
      hint: "Set release.image by hand, then run `npx odoo-stacks release` without --image",
    },
  ]);
