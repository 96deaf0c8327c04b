import { madeUp } from "./check";
import type { Members } from "./declarations";
import type { Kind } from "./kinds/kind";
import { at, type Properties, same } from "./values";

/** What a change of inputs means for a resource. */
export interface Difference {
  /** Properties that change. */
  readonly changed: readonly string[];
  /** Those of them that a new resource has to be made for. */
  readonly replaces: readonly string[];
  /** Whether the old one has to go first: both would have the same name. */
  readonly deleteFirst: boolean;
}

/**
 * Compares what a resource was given with what it is given.
 * @param outputs What `@pulumi/aws` declares that it gives out.
 * @param name The property with its name.
 */
export function difference(
  kind: Kind,
  olds: Properties,
  news: Properties,
  outputs: Members,
  name: string | undefined,
): Difference {
  const keys = new Set([...Object.keys(olds), ...Object.keys(news)]);
  keys.delete(madeUp);
  const changed = [...keys].filter((key) => !same(olds[key], news[key]) && !leftToAws(key, news, outputs));
  const replaces = changed.filter((key) => forcesNew(kind, key, olds, news));
  const chosen = name !== undefined && !isMadeUp(news, name) && same(olds[name], news[name]);
  return { changed, replaces, deleteFirst: replaces.length > 0 && chosen && kind.unique !== "no" };
}

/** Whether something that is not given any more stays as it is: AWS has a value of its own for it. */
const leftToAws = (key: string, news: Properties, outputs: Members): boolean =>
  news[key] === undefined && outputs[key]?.optional === false;

function forcesNew({ replaces = [] }: Kind, key: string, olds: Properties, news: Properties): boolean {
  if (key === "region" || replaces.includes(key)) return true;
  if (key === "userData" || key === "userDataBase64") return news.userDataReplaceOnChange === true;
  if (replaces.includes("*")) return key !== "tags" && key !== "description";
  return replaces.some((path) => path.startsWith(`${key}.`) && !same(at(olds, path) ?? false, at(news, path) ?? false));
}

const isMadeUp = (inputs: Properties, name: string): boolean => {
  const list = inputs[madeUp];
  return Array.isArray(list) && list.includes(name);
};
