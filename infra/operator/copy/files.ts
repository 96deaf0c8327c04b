import { attempt, run } from "../../core/exec";
import type { OriginFolder, Reach } from "./origin";

/** Whether copied files share their blocks with the originals until either changes: the values of `cp --reflink`. */
export type Sharing = "always" | "never";

/** How a folder is copied. */
export interface TreeOptions {
  readonly sharing: Sharing;
  /** Patterns of `find -path`, from the folder on; such files are left out, folders are made all the same. @default none */
  readonly leaveOut?: readonly string[];
  readonly timeoutSeconds: number;
}

/** Two at a time: more would only take the disk from whoever works with it. */
const atOnce = 2;

/**
 * Copies a folder of a running program: owners, modes and times stay, and files that vanish meanwhile are no error. Never
 * makes a hard link, so that nobody who writes to the copy can change the original.
 */
const script = `
set -u
from=$1 to=$2 sharing=$3 at_once=$4
shift 4
cd "$from"
mkdir -p "$to"
chown --reference=. "$to"
copy="cp --archive --reflink=$sharing --target-directory=$to"
errors=$(mktemp)
if [ $# = 0 ]; then
  # Folder by folder, which is faster than file by file.
  find . -mindepth 1 -maxdepth 1 -print0 | xargs -0 --no-run-if-empty --max-procs="$at_once" --max-args=16 $copy 2>"$errors"
else
  set -- $(for pattern; do printf ' ! -path %s' "$pattern"; done)
  # Folders first, with owners and modes: two programs at a time would make the same ones.
  find . -ignore_readdir_race -mindepth 1 -type d "$@" -print0 \\
    | tar --create --no-recursion --null --files-from=- --ignore-failed-read | tar --extract --directory "$to" || exit 1
  find . -ignore_readdir_race -type f "$@" -print0 \\
    | xargs -0 --no-run-if-empty --max-procs="$at_once" --max-args=500 $copy --parents 2>"$errors"
fi
result=$?
# xargs has 123 for errors that cp told of; those of files that have vanished don't count.
if [ "$result" = 123 ] && ! grep -qvE "cannot (stat|open|access) '.*'( for reading)?: No such file or directory$" "$errors"; then
  result=0
fi
[ "$result" = 0 ] || head -n 5 "$errors" >&2
rm -f "$errors"
exit "$result"
`;

/** Copies a folder, as {@link script} says. */
export async function copyTree(from: string, to: string, options: TreeOptions): Promise<void> {
  const argv = [
    "bash",
    "-f",
    "-c",
    script,
    "bash",
    from,
    to,
    options.sharing,
    String(atOnce),
    ...(options.leaveOut ?? []),
  ];
  await run(argv, { env: { LC_ALL: "C" }, timeoutSeconds: options.timeoutSeconds });
}

/**
 * Whether files of one folder can share their blocks with copies in another one.
 * @param file A small file to try it with.
 * @param folder Where the copies would be.
 */
export async function canShare(file: string, folder: string): Promise<boolean> {
  const probe = `${folder}/.odoo-stacks-probe`;
  const { exitCode } = await attempt(["cp", "--reflink=always", file, probe], { timeoutSeconds: 30 });
  await attempt(["rm", "-f", probe], { timeoutSeconds: 30 });
  return exitCode === 0;
}

/** Bytes and number of the files in a folder; 0 where there is none. */
export async function sizeOf({ path, reach }: OriginFolder): Promise<{ bytes: number; files: number }> {
  const count = '{ files += 1; bytes += $1 } END { printf "%d %d", bytes, files }';
  const argv = [
    "sh",
    "-c",
    `find "$1" -ignore_readdir_race -type f -printf '%b\\n' 2>/dev/null | awk '{ $1 *= 512 } ${count}'`,
    "sh",
    path,
  ];
  const shown = await run(reach ? reach(argv) : argv, { timeoutSeconds: 600 });
  const [bytes = 0, files = 0] = shown.trim().split(" ").map(Number);
  return { bytes, files };
}

/**
 * Bytes that are free where a folder is.
 * @param reach How it is reached. @default it is this process's own
 */
export async function freeBytes(folder: string, reach?: Reach): Promise<number> {
  const argv = ["df", "--block-size=1", "--output=avail", folder];
  const shown = await run(reach ? reach(argv) : argv, { timeoutSeconds: 60 });
  return Number(shown.trim().split("\n").at(-1));
}
