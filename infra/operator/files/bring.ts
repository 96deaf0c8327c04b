import type { Argv } from "../../commands/docker";
import { formatSize } from "../../core/units";
import { UserError } from "../../core/errors";
import type { Report } from "../../core/report";
import { canShare, freeBytes } from "../copy/files";
import { run } from "../../core/exec";
import {
  copyAll,
  copyTwins,
  type FilesRoute,
  listHere,
  listThere,
  pack,
  removeAll,
  sumsHere,
  sumsThere,
  unpack,
} from "./argv";
import { pass, read, unlessVanished } from "./flow";
import { type Listing, ListingReader, sizeOfListing } from "./listing";
import { headBytes, Meter } from "./meter";
import { differences, missing, type Missing, type Mirrored } from "./missing";

/** Room that is left on the disk, in bytes. */
const spareBytes = 256 * 1024 ** 2;
/** So many files are read again after they have come, none of them larger than this, in bytes. */
const sample = { files: 200, bytes: 8 * 1024 ** 2 } as const;

/** What has come, and what there is. */
export interface Brought {
  /** What was missing. */
  readonly files: number;
  readonly bytes: number;
  /** All that the old place had when it was asked. */
  readonly all: { readonly files: number; readonly bytes: number };
  readonly seconds: number;
}

/** How files are brought. */
export interface BringOptions {
  /** Which folders are to be the same here as there. */
  readonly mirrored: Mirrored;
  /** Name of the database whose files kept sets have in common. @default none */
  readonly database?: string;
  /** Receives progress. */
  readonly report: Report;
  /** Whether nobody writes to the old place any more: all of it has to be here afterwards. */
  readonly last: boolean;
}

/**
 * Brings over what the new place lacks of the old one, which is not changed. Files come whole or not at all as far as this
 * function can tell: one that was cut off has another size, and comes again the next time.
 * @throws UserError when the disk would not hold it, or something of it is not as it was.
 */
export async function bring(route: FilesRoute, options: BringOptions): Promise<Brought> {
  const start = performance.now();
  const [there, here] = await Promise.all([listing(listThere(route)), listing(listHere(route))]);
  const lacks = missing(there, here, options.mirrored, options.database);
  await requireSpace(route, lacks);
  if (lacks.gone.length > 0) await read(removeAll(route), lacks.gone, ignore);
  await transfer(route, lacks, options.report);
  await makeTwins(route, lacks);
  if (options.last) await requireAll(route, there, lacksNothing(lacks) ? here : undefined);
  await requireChecksums(
    route,
    lacks.files.filter((path) => (there.get(path)?.bytes ?? 0) <= sample.bytes),
    options.report,
  );
  // What is brought with requests held is as safe as what Odoo itself writes; all else is on the disk.
  if (!options.last) await run(["sync", "--file-system", route.to.folder], { timeoutSeconds: 3600 });
  const seconds = (performance.now() - start) / 1000;
  return { files: lacks.files.length, bytes: lacks.bytes, all: sizeOfListing(there), seconds };
}

async function listing(argv: readonly string[]): Promise<Listing> {
  const reader = new ListingReader();
  await read(argv, [], (piece) => reader.take(piece));
  return reader.entries;
}

async function requireSpace({ to }: FilesRoute, { bytes, files }: Missing): Promise<void> {
  if (files.length === 0) return;
  const needed = bytes + spareBytes;
  const free = await freeBytes(to.folder);
  if (free >= needed) return;
  throw new UserError("There is too little space for the files.", [
    {
      path: `the disk with the volume ${to.volume}`,
      expected: `${formatSize(needed)} free`,
      found: `${formatSize(free)} free`,
      hint: "Free some space or enlarge the disk, then run the same command again: what has come stays.",
    },
  ]);
}

/** Folders first, then files: from another machine packed, on this one copied. */
async function transfer(route: FilesRoute, { folders, files, bytes }: Missing, report: Report): Promise<void> {
  const remote = route.from.engine !== undefined;
  const names = remote ? [...folders, ...files] : folders;
  if (names.length > 0) {
    const progress = new Meter(bytes + names.length * headBytes, report);
    await pass(pack(route), unpack(route), names, (count) => progress.add(count));
  }
  if (remote || files.length === 0) return;
  const progress = new Meter(files.length, report);
  await read(copyAll(route), files, (piece) => progress.add(piece.split(" -> ").length - 1)).catch(unlessVanished);
}

async function makeTwins(route: FilesRoute, { twins }: Missing): Promise<void> {
  for (const twin of twins) {
    const { folder } = route.to;
    const [file = ""] = twin.files;
    const link = !(await canShare(`${folder}/${twin.from}/${file}`, folder));
    await read(copyTwins(route, twin, link), twin.files, ignore).catch(unlessVanished);
  }
}

const lacksNothing = ({ folders, files, twins }: Missing): boolean =>
  folders.length + files.length + twins.length === 0;

/** @param known What is at the new place, where that is known. */
async function requireAll(route: FilesRoute, there: Listing, known?: Listing): Promise<void> {
  const here = known ?? (await listing(listHere(route)));
  const wrong = differences(there, here);
  if (wrong.length === 0) return;
  throw new UserError("Not all files have come.", [
    {
      path: `the volume ${route.to.volume}`,
      expected: "all files of the old place, each with its size",
      found: [`${wrong.length} differ`, ...wrong.slice(0, 5)].join("\n              "),
    },
  ]);
}

/** The name of a file of the filestore is the checksum of its content; not of those that only list what may go. */
const isNamedByChecksum = (path: string): boolean => /^filestore\/[^/]+\/[0-9a-f]{2}\/[0-9a-f]{40}$/.test(path);

/** Reads some of the files that have come, chosen at random. One that was wrong at the old place already is told of. */
async function requireChecksums(route: FilesRoute, files: readonly string[], report: Report): Promise<void> {
  const some = chosen(files.filter(isNamedByChecksum), sample.files);
  const here = await checksums(sumsHere(route), some);
  const odd = [...here].filter(([path, sum]) => !path.endsWith(sum));
  const there = await checksums(
    sumsThere(route),
    odd.map(([path]) => path),
  );
  const wrong = odd.filter(([path, sum]) => there.has(path) && there.get(path) !== sum);
  for (const [path] of odd.filter((one) => !wrong.includes(one)))
    report(`${path} is not what its name says, at the old place as well.`);
  if (wrong.length === 0) return;
  throw new UserError("Files have come with another content.", [
    {
      path: `the volume ${route.to.volume}`,
      expected: "files that are the same as at the old place",
      found: `${wrong.length} of ${some.length} that are not, such as ${wrong[0]?.[0] ?? ""}`,
    },
  ]);
}

/** The checksums of files, by path. */
async function checksums(argv: Argv, files: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (files.length === 0) return new Map();
  let printed = "";
  await read(argv, files, (piece) => (printed += piece)).catch(unlessVanished);
  const lines = printed.split("\n").filter(Boolean);
  return new Map(lines.map((line) => [line.slice(42), line.slice(0, 40)]));
}

/** Some of many, at random. */
export function chosen<T>(all: readonly T[], count: number, random: () => number = Math.random): readonly T[] {
  if (all.length <= count) return all;
  const picked = new Set<number>();
  while (picked.size < count) picked.add(Math.floor(random() * all.length));
  return [...picked].map((at) => all[at]).filter((one) => one !== undefined);
}

const ignore = () => undefined;
