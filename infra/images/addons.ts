import { readFileSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import { odooPaths } from "../commands/odooConf";
import { UserError } from "../core/errors";
import { listFiles, type SourceFile } from "./files";

/** One of the user's own modules. */
export interface AddonModule {
  /** Its technical name: that of its folder. */
  readonly name: string;
  /** As in its manifest, such as `19.0.1.0.0`; `0` where the manifest has none. */
  readonly version: string;
  /** Its folder, relative to the addons folder. */
  readonly folder: string;
}

/** What the user's addons folder holds. */
export interface Addons {
  /** Everything that goes into the image: the files of all folders with modules, and the two lists of needs. */
  readonly files: readonly SourceFile[];
  readonly modules: readonly AddonModule[];
  /** Folders that contain modules, relative to the addons folder: `.`, and one for each collection within it. */
  readonly paths: readonly string[];
}

const manifest = /(?:^|\/)__manifest__\.py$/;
const needs = /^(?:[^/]+\/)?(?:requirements|packages)\.txt$/;

/**
 * Reads an addons folder. It holds modules, or collections of modules (a git submodule, say), or both; `requirements.txt`
 * (Python packages) and `packages.txt` (Debian packages) beside the modules name what they need.
 * @param directory The addons folder.
 * @throws UserError when it is missing or has two modules of the same name.
 */
export function readAddons(directory: string): Addons {
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) throw missing(directory);
  const all = listFiles(directory);
  const modules = all
    .map(({ path }) => path.split("/"))
    .filter((names) => (names.length === 2 || names.length === 3) && manifest.test(names.join("/")))
    // A module within a module is no module.
    .filter(([first, , third]) => !third || !all.some(({ path }) => path === `${first ?? ""}/__manifest__.py`))
    .map((names) => names.slice(0, -1).join("/"))
    .map((folder) => ({
      name: folder.split("/").at(-1) ?? folder,
      version: manifestVersion(readFileSync(join(directory, folder, "__manifest__.py"), "utf8")),
      folder,
    }));
  refuseDuplicates(directory, modules);
  const paths = [...new Set(modules.map(({ folder }) => (folder.includes("/") ? (folder.split("/")[0] ?? "") : ".")))];
  const files = all.filter(({ path }) => path.includes("/") || needs.test(path));
  return { files, modules, paths: paths.sort() };
}

/** The lists of needs of one kind, the addons folder's own and those of its collections, joined. */
export function readNeeds(addons: Addons, name: "requirements.txt" | "packages.txt"): string {
  const lists = addons.files.filter(({ path }) => needs.test(path) && path.split("/").at(-1) === name);
  return lists.map(({ source }) => readFileSync(source, "utf8").trimEnd() + "\n").join("");
}

/**
 * The value of `ODOO_ADDONS_PATH`: the folders that Odoo looks for modules in, as its containers see them. The addons folder is
 * not among them without modules, because Odoo warns of folders that have none.
 */
export function addonsPath(addons: Pick<Addons, "paths">): string {
  return [...addons.paths.map((path) => posix.join(odooPaths.addons, path)), odooPaths.server].join(",");
}

/** The version in a manifest, which is a Python dictionary; `0` where it has none. */
export function manifestVersion(source: string): string {
  return /^\s*['"]version['"]\s*:\s*['"]([\w.+-]+)['"]/m.exec(source)?.[1] ?? "0";
}

function refuseDuplicates(directory: string, modules: readonly AddonModule[]): void {
  const first = new Map<string, string>();
  const problems = modules.flatMap(({ name, folder }) => {
    const other = first.get(name);
    first.set(name, other ?? folder);
    return other === undefined
      ? []
      : [{ path: join(directory, folder), expected: "one module of a name", found: `a second one in ${other}` }];
  });
  if (problems.length > 0) throw new UserError("Two modules have the same name: Odoo would take either.", problems);
}

function missing(directory: string): UserError {
  return new UserError("The folder with your modules is missing.", [
    {
      path: "addons",
      expected: "an existing folder; it may be empty",
      found: directory,
      hint: `mkdir -p ${directory}, or set the key to the folder that has them`,
    },
  ]);
}
