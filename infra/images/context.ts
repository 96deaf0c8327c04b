import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheDir } from "../core/paths";
import { listFiles, type SourceFile } from "./files";

/**
 * Gathers what an image is built from in a folder that is gone afterwards.
 * @param action Fills the folder and uses it.
 */
export async function withContext<T>(action: (folder: string) => Promise<T>): Promise<T> {
  const parent = join(cacheDir(), "tmp");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, "image-"));
  try {
    return await action(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Copies a recipe's folder. */
export function copyRecipe(recipe: string, folder: string): void {
  copyFiles(listFiles(recipe), folder);
}

/**
 * Copies files with the same permissions for everyone. Their times are kept: Odoo tells by them whether a page's scripts
 * and styles must be made anew, and a browser whether what it has is still good.
 * @param files What to copy.
 * @param folder Where to.
 */
export function copyFiles(files: readonly SourceFile[], folder: string): void {
  for (const { path, source, executable } of files) {
    const target = join(folder, path);
    makeFolder(dirname(target), folder);
    copyFileSync(source, target);
    chmodSync(target, executable ? 0o755 : 0o644);
    const { atime, mtime } = statSync(source);
    utimesSync(target, atime, mtime);
  }
}

/** Makes a folder, and those above it up to `root`, that everyone may enter, whatever this process's umask says. */
export function makeFolder(folder: string, root: string): void {
  mkdirSync(folder, { recursive: true });
  for (let at = folder; at.startsWith(root); at = dirname(at)) chmodSync(at, 0o755);
}
