import type { Entry, Listing } from "./listing";

/** Files of a kept set that are the same as others at the new place: they are made there, and not brought over again. */
export interface Twins {
  /** The folder that has them, and the one that gets them. */
  readonly from: string;
  readonly to: string;
  /** Paths inside both. */
  readonly files: string[];
}

/** What a place lacks of another one. */
export interface Missing {
  /** Folders to make, or to give their owner and mode, outer ones first. */
  readonly folders: readonly string[];
  /** Files to bring over, and their bytes. */
  readonly files: readonly string[];
  readonly bytes: number;
  readonly twins: readonly Twins[];
  /** What is not there any more, and has to go here as well: inner ones first. */
  readonly gone: readonly string[];
}

/** A folder whose content is to be the same here as there: what is here alone goes. */
export type Mirrored = (path: string) => boolean;

/** Of a filestore: somebody who has logged out must not be logged in again, and sets that were forgotten stay so. */
export const mirroredFiles: Mirrored = (path) => /^(sessions|\.sets|\.former)\//.test(path);

/** Files that are named by their content: one of the same size is the same. */
const isNamedByContent = (path: string): boolean => /^(filestore|\.sets|\.former)\//.test(path);

const setFile = /^(\.sets\/[^/]+)\/(.+)$/;

/**
 * What has to be done so that one place has all that another one has.
 * @param there What the old place has, folders before what is in them.
 * @param here What the new one has.
 * @param mirrored Which folders are to be the same.
 * @param database Name of the database, whose files the kept sets have in common. @default none
 */
export function missing(there: Listing, here: Listing, mirrored: Mirrored, database?: string): Missing {
  const folders: string[] = [];
  const files: string[] = [];
  const twins = new Map<string, Twins>();
  const firstOf = new Map<string, string>();
  let bytes = 0;
  for (const [path, entry] of there) {
    const set = setFile.exec(path);
    const twin = set && entry.kind === "f" ? twinOf(there, entry, set[2] ?? "", database, firstOf) : undefined;
    if (set && entry.kind === "f" && twin === undefined) firstOf.set(keyOf(entry, set[2] ?? ""), set[1] ?? "");
    if (isSame(path, entry, here.get(path))) continue;
    if (entry.kind === "d") folders.push(path);
    else if (set && twin !== undefined) addTwin(twins, twin, set[1] ?? "", set[2] ?? "");
    else {
      files.push(path);
      bytes += entry.kind === "f" ? entry.bytes : 0;
    }
  }
  const gone = [...here.keys()].filter((path) => mirrored(path) && there.get(path)?.kind !== here.get(path)?.kind);
  return { folders, files, bytes, twins: [...twins.values()], gone: gone.sort().reverse() };
}

/** A set's file by its path in the set and its size: the same in another set is the same file. */
const keyOf = ({ bytes }: Entry, inside: string): string => `${bytes} ${inside}`;

/** The folder that has a set's file as well; undefined where none does. */
function twinOf(
  there: Listing,
  entry: Entry,
  inside: string,
  database: string | undefined,
  firstOf: ReadonlyMap<string, string>,
): string | undefined {
  const own = database === undefined ? undefined : `filestore/${database}`;
  const served = own === undefined ? undefined : there.get(`${own}/${inside}`);
  if (own !== undefined && served?.kind === "f" && served.bytes === entry.bytes) return own;
  return firstOf.get(keyOf(entry, inside));
}

function addTwin(twins: Map<string, Twins>, from: string, to: string, file: string): void {
  const key = `${from}\0${to}`;
  const known = twins.get(key) ?? { from, to, files: [] };
  known.files.push(file);
  twins.set(key, known);
}

function isSame(path: string, there: Entry, here: Entry | undefined): boolean {
  if (here?.kind !== there.kind) return false;
  if (there.kind === "d") return here.owner === there.owner;
  if (there.kind === "l") return here.bytes === there.bytes;
  if (here.bytes !== there.bytes) return false;
  return isNamedByContent(path) || here.changed === there.changed;
}

/** How the new place differs from the old one, file by file: nothing where all of it has come. */
export function differences(there: Listing, here: Listing): string[] {
  const wrong: string[] = [];
  for (const [path, entry] of there) {
    const found = here.get(path);
    if (!found) wrong.push(`${path} is not there`);
    else if (found.kind !== entry.kind) wrong.push(`${path} is something else`);
    else if (entry.kind === "f" && found.bytes !== entry.bytes)
      wrong.push(`${path} has ${found.bytes} bytes of ${entry.bytes}`);
  }
  return wrong;
}
