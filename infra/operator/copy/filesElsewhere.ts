import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Argv } from "../../commands/docker";
import { attempt, run } from "../../core/exec";
import type { OriginFolder } from "./origin";

/** How many files came from where. */
export interface Brought {
  /** That were here already. */
  readonly here: number;
  /** That came from the other machine. */
  readonly sent: number;
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

/** Files of a filestore are named by their content, and never change: a file of the same name and size is the same. */
const byContent = String.raw`^f [0-9]+ \./[0-9a-f]{2}/[0-9a-f]{40}$`;

/** `$1`: the list of what is wanted. */
const scripts = {
  list: 'set -o pipefail; list=$1; shift; "$@" | sort --zero-terminated >"$list"',
  /** `$2`: a filestore of this machine. `$3`: where the files are to be. Never makes a hard link. */
  take: String.raw`
    cd "$2" && find . -ignore_readdir_race -type f -printf 'f %s %p\0' | grep --null-data --extended-regexp '${byContent}' \
      | sort --zero-terminated | comm --zero-terminated -12 - "$1" | cut --zero-terminated --delimiter=' ' --fields=3- \
      | xargs -0 --no-run-if-empty cp --archive --reflink=auto --parents --target-directory="$3" --`,
  /** `$2`: where the files are to be. `$3`: the list of what has to be sent. Prints how many files are wanted and sent. */
  missing: String.raw`
    set -o pipefail
    cd "$2" && find . -type f -printf 'f %s %p\0' | sort --zero-terminated | comm --zero-terminated -13 - "$1" >"$3.all" || exit 1
    cut --zero-terminated --delimiter=' ' --fields=3- "$3.all" | sort --zero-terminated >"$3" || exit 1
    for list in "$1" "$3.all"; do grep --null-data --count '^f ' "$list"; done
    true`,
  /** `$2`: where the files are to be. */
  send: 'set -o pipefail; list=$1 to=$2; shift 2; "$@" <"$list" | tar --extract --numeric-owner --directory "$to"',
};

/**
 * Copies a filestore from another machine: owners and modes stay, and files that vanish meanwhile are no error. Files that
 * are in another filestore on this machine are taken from there.
 * @param own The filestore on this machine; there may be none.
 * @param to A folder that does not exist yet.
 * @param timeoutSeconds How long each part may take.
 */
export async function bringFiles(
  { path, reach }: Required<OriginFolder>,
  own: string,
  to: string,
  timeoutSeconds: number,
): Promise<Brought> {
  const folder = mkdtempSync(join(tmpdir(), "odoo-stacks-copy-"));
  const [wanted, missing] = [join(folder, "wanted"), join(folder, "missing")];
  // One order for all programs.
  const bash = (script: keyof typeof scripts, ...args: Argv): [Argv, object] => [
    ["bash", "-c", scripts[script], "bash", ...args],
    { env: { LC_ALL: "C" }, timeoutSeconds },
  ];
  try {
    await run(...bash("list", wanted, ...reach(listFiles(path))));
    mkdirSync(to, { recursive: true });
    // What can't be taken, such as a file that Odoo removes meanwhile, is sent.
    await attempt(...bash("take", wanted, own, to));
    const counts = await run(...bash("missing", wanted, to, missing));
    const [all = 0, sent = 0] = counts.trim().split("\n").map(Number);
    await run(...bash("send", missing, to, ...reach(sendFiles(path))));
    return { here: all - sent, sent };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
