import type { Argv } from "../../commands/docker";

/** What is in a folder, at one path. */
export interface Entry {
  /** A file, a folder, or a symbolic link. */
  readonly kind: "f" | "d" | "l";
  readonly bytes: number;
  /** When its content was changed, in seconds with a fraction, as `find` prints it. */
  readonly changed: string;
  /** Numeric owner and group, and the mode: `100:101 755`. */
  readonly owner: string;
}

/** All that is in a folder, by path; `.` is the folder itself. */
export type Listing = ReadonlyMap<string, Entry>;

/** Work under way, and what belongs to the file system. */
const leftOut = ["./.incoming", "./.odoo-stacks-*", "./lost+found"];

/**
 * Prints what is in the folder that it runs in, as {@link ListingReader} reads it. What vanishes meanwhile is no error.
 */
export const listArgv: Argv = [
  ...["find", ".", "-ignore_readdir_race", "(", "-path", leftOut[0] ?? ""],
  ...leftOut.slice(1).flatMap((path) => ["-o", "-path", path]),
  ...[")", "-prune", "-o", "(", "-type", "f", "-o", "-type", "d", "-o", "-type", "l", ")"],
  ...["-printf", "%y %s %T@ %U:%G %m %p\\0"],
];

/** Reads what {@link listArgv} prints, piece by piece: a filestore may have millions of files. */
export class ListingReader {
  readonly entries = new Map<string, Entry>();
  private rest = "";

  /** Takes the next piece. */
  take(piece: string): void {
    const records = (this.rest + piece).split("\0");
    this.rest = records.pop() ?? "";
    for (const record of records) this.add(record);
  }

  private add(record: string): void {
    const [, kind = "f", bytes = "", changed = "", owner = "", path = ""] =
      /^([fdl]) (\d+) (\S+) (\S+ \d+) ([^]+)$/.exec(record) ?? [];
    if (path === "") throw new Error(`find printed something else: ${record.slice(0, 200)}`);
    const inside = path.startsWith("./") ? path.slice(2) : path;
    this.entries.set(inside, { kind: kind as Entry["kind"], bytes: Number(bytes), changed, owner });
  }
}

/** Number and bytes of the files in a listing. */
export function sizeOfListing(listing: Listing): { files: number; bytes: number } {
  let [files, bytes] = [0, 0];
  for (const entry of listing.values()) {
    if (entry.kind !== "f") continue;
    files += 1;
    bytes += entry.bytes;
  }
  return { files, bytes };
}
