import { type Hash } from "node:crypto";
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../core/errors";

/** A file that goes into an image. */
export interface SourceFile {
  /** Where it is in the image's folder, with `/` between names. */
  readonly path: string;
  /** Where it is on this machine. */
  readonly source: string;
  readonly executable: boolean;
  /** In bytes. */
  readonly size: number;
}

/**
 * Names of files and folders that are no part of a module: anything hidden (version control, editors), compiled Python,
 * caches, and what editors leave beside a file.
 */
const ignored = /^\.|^__pycache__$|^node_modules$|\.py[co]$|~$|\.sw[op]$/;

/**
 * All files under a folder that count, sorted by path. Symbolic links are followed, because what they point to must be in
 * the image.
 * @param root The folder.
 * @throws UserError for a link that leads nowhere or into a folder that contains it.
 */
export function listFiles(root: string): readonly SourceFile[] {
  const files: SourceFile[] = [];
  const visit = (folder: string, prefix: string, above: readonly string[]) => {
    const real = realpathSync(folder);
    if (above.includes(real)) throw badLink(folder, "a link to a folder that it is in itself");
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (ignored.test(entry.name)) continue;
      const source = join(folder, entry.name);
      const path = `${prefix}${entry.name}`;
      const stats = statSync(source, { throwIfNoEntry: false });
      if (!stats) throw badLink(source, "a link to something that does not exist");
      if (stats.isDirectory()) visit(source, `${path}/`, [...above, real]);
      else if (stats.isFile()) files.push({ path, source, executable: (stats.mode & 0o100) !== 0, size: stats.size });
    }
  };
  visit(root, "", []);
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * Adds files to a hash: their paths, whether they are executable, and their contents; not their times, which differ
 * between two checkouts of the same commit.
 */
export function hashFiles(hash: Hash, files: readonly SourceFile[]): void {
  for (const file of files) {
    const content = readFileSync(file.source);
    hash.update(`${file.path}\0${file.executable ? "x" : "-"}\0${content.length}\0`).update(content);
  }
}

function badLink(path: string, found: string): UserError {
  return new UserError("The modules can't be put into an image.", [
    { path, expected: "a file or folder", found, hint: "remove the link or point it to what it stands for" },
  ]);
}
