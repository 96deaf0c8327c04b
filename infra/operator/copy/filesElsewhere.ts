import type { Argv } from "../../commands/docker";
import { UserError } from "../../core/errors";
import { attempt } from "../../core/exec";
import type { Report } from "../../core/report";
import { pass, read, unlessVanished } from "../files/flow";
import { headBytes, Meter } from "../files/meter";
import type { OriginFolder, Reach } from "./origin";

/** How many files came from where. */
export interface Brought {
  /** That were here already. */
  readonly here: number;
  /** That came from the other machine. */
  readonly sent: number;
}

/** Says it. @param from What the other machine is called. */
export const broughtText = ({ here, sent }: Brought, from: string): string =>
  `Of the files, ${sent} came from ${from}, and ${here} were here already.`;

/** Where files are brought to. */
export interface Destination {
  /** A folder that does not exist yet, in one that does. Beside it, lists of files are kept meanwhile. */
  readonly to: string;
  /** A folder with other filestores of this machine, each in one of its folders; there may be none. */
  readonly like: string;
  /** Makes a command about these folders into one that this process runs. @default they are this process's own */
  readonly reach?: Reach;
}

/** Lists folders and files with sizes: `f 1234 ./ab/abcd…`, each ended by NUL. */
export const listFiles = (folder: string): Argv => [
  ...["find", folder, "-ignore_readdir_race", "(", "-type", "d", "-o", "-type", "f", ")"],
  ...["-printf", String.raw`%y %s ./%P\0`],
];

/** Sends what standard input lists, each ended by NUL, as an archive; files that have vanished meanwhile are no error. */
export const sendFiles = (folder: string): Argv => [
  ...["tar", "--create", "--directory", folder, "--no-recursion", "--ignore-failed-read", "--null", "--files-from=-"],
];

/** Prints which of the files that standard input lists are there, each ended by NUL. */
const stillThere = (folder: string): Argv => [
  ...["env", "--chdir", folder, "xargs", "--null", "--no-run-if-empty", "stat", "--printf", String.raw`%n\0`, "--"],
];

/** Files of a filestore are named by their content, and never change: a file of the same name and size is the same. */
const byContent = String.raw`^f [0-9]+ \./[0-9a-f]{2}/[0-9a-f]{40}$`;

/** One order for all programs. `$1`: where the files are to be. `$1.wanted`: the list of what is wanted. */
const scripts = {
  list: 'sort --zero-terminated >"$1.wanted" && mkdir -p "$1"',
  /** `$2`: a folder with filestores. What can't be taken, such as a file that Odoo removes meanwhile, is sent. Never makes a hard link. */
  take: String.raw`
    for own in "$2"/*/; do
      cd "$own" && find . -ignore_readdir_race -type f -printf 'f %s %p\0' \
        | grep --null-data --extended-regexp '${byContent}' | sort --zero-terminated \
        | comm --zero-terminated -12 - "$1.wanted" | cut --zero-terminated --delimiter=' ' --fields=3- \
        | xargs -0 --no-run-if-empty cp --archive --reflink=auto --parents --target-directory="$1" --
    done 2>/dev/null
    true`,
  /** Prints how many files are wanted, and what of the list is not there, each ended by NUL. */
  lacks: String.raw`
    set -o pipefail
    printf '%s\0' "$(grep --null-data --count '^f ' "$1.wanted")"
    cd "$1" && find . -type f -printf 'f %s %p\0' | sort --zero-terminated | comm --zero-terminated -13 - "$1.wanted"`,
  end: 'rm -f "$1.wanted"',
};

/**
 * Copies a filestore from another machine: owners and modes stay, and files that vanish meanwhile are no error. Files that
 * are in another filestore of the machine that they go to are taken from there.
 * @throws UserError when not all of it has come.
 */
export async function bringFiles(
  { path, reach: there }: Required<OriginFolder>,
  { to, like, reach: here = (command) => command }: Destination,
  report: Report,
): Promise<Brought> {
  const script = (name: keyof typeof scripts, ...args: Argv): Argv =>
    here(["env", "LC_ALL=C", "bash", "-c", scripts[name], "bash", to, ...args]);
  try {
    await pass(there(listFiles(path)), script("list"), [], ignore);
    await read(script("take", like), [], ignore);
    const { wanted, names, files, bytes } = await lacking(script("lacks"));
    const progress = new Meter(bytes + names.length * headBytes, (line) => report(`files: ${line}`));
    const receive = here(["tar", "--extract", "--numeric-owner", "--directory", to]);
    await pass(there(sendFiles(path)), receive, names, (count) => progress.add(count));
    await requireAll((await lacking(script("lacks"))).files, (): Argv => there(stillThere(path)));
    return { here: wanted - files.length, sent: files.length };
  } finally {
    await attempt(script("end"), { timeoutSeconds: 60 });
  }
}

/** What is wanted and not there. */
interface Lacking {
  /** Number of all files that are wanted. */
  readonly wanted: number;
  /** Folders, whose owners and modes have to come, and files; outer ones first. */
  readonly names: readonly string[];
  readonly files: readonly string[];
  /** Of the files. */
  readonly bytes: number;
}

async function lacking(argv: Argv): Promise<Lacking> {
  let printed = "";
  await read(argv, [], (piece) => (printed += piece));
  const [wanted = "", ...lines] = printed.split("\0").slice(0, -1);
  const entries = lines.map((line) => /^(?<kind>.) (?<size>\d+) (?<name>[^]*)$/.exec(line)?.groups ?? {});
  const files = entries.filter(({ kind }) => kind === "f");
  const nameOf = ({ name = "" }: Record<string, string | undefined>) => name;
  return {
    wanted: Number(wanted),
    names: entries.map(nameOf).sort(),
    files: files.map(nameOf),
    bytes: files.reduce((sum, { size }) => sum + Number(size), 0),
  };
}

/** What has not come must have vanished. */
async function requireAll(files: readonly string[], whichExist: () => Argv): Promise<void> {
  if (files.length === 0) return;
  let printed = "";
  await read(whichExist(), files, (piece) => (printed += piece)).catch(unlessVanished);
  const lost = printed.split("\0").filter(Boolean);
  if (lost.length === 0) return;
  throw new UserError("Not all files have come.", [
    {
      path: "the filestore",
      expected: "all files of the source, each with its size",
      found: `${lost.length} of them are missing, such as ${lost[0] ?? ""}`,
    },
  ]);
}

const ignore = () => undefined;
