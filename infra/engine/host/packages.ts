import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The part of a `package.json` that the language host reads. */
export interface PackageManifest {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  /** What Pulumi packages say about their plugin. */
  readonly pulumi?: {
    /** Whether a resource plugin belongs to the package. */
    readonly resource?: boolean;
    /** The plugin's name, where it differs from the package's. */
    readonly name?: string;
    /** The plugin's version, where it differs from the package's. */
    readonly version?: string;
    /** Where the plugin is downloaded from, where that is not Pulumi's own place. */
    readonly server?: string;
    /** For packages generated over another plugin; `value` in base64. */
    readonly parameterization?: { readonly name: string; readonly version: string; readonly value: string };
  };
}

/** A package as it is installed. */
export interface InstalledPackage {
  /** The folder with its `package.json`. */
  readonly directory: string;
  readonly manifest: PackageManifest;
}

/** Reads a folder's `package.json`; undefined where there is none or it can't be parsed. */
function readPackage(directory: string): InstalledPackage | undefined {
  const file = join(directory, "package.json");
  if (!existsSync(file)) return undefined;
  try {
    return { directory, manifest: JSON.parse(readFileSync(file, "utf8")) as PackageManifest };
  } catch {
    return undefined;
  }
}

/** The folder itself and every folder above it, nearest first. */
function* upwards(directory: string): Generator<string> {
  yield directory;
  const parent = dirname(directory);
  if (parent !== directory) yield* upwards(parent);
}

/**
 * The package that a program belongs to.
 * @param programDirectory The folder that the program's main file is in.
 */
export function findPackage(programDirectory: string): InstalledPackage | undefined {
  for (const directory of upwards(programDirectory)) {
    const found = readPackage(directory);
    if (found) return found;
  }
  return undefined;
}

/**
 * Finds an installed package as Node would, without its `exports` rules, which may hide `package.json`.
 * @param name The package's name.
 * @param from The folder of the package or program that wants it.
 */
function findInstalled(name: string, from: string): InstalledPackage | undefined {
  for (const directory of upwards(from)) {
    const found = readPackage(join(directory, "node_modules", name));
    if (found) return found;
  }
  return undefined;
}

/**
 * The packages that a package needs at run time, directly and through others, each once.
 * Optional dependencies are left out: the engine fetches their plugins when a program first uses one, so that a program
 * pays for no cloud it doesn't use.
 * @param root The package to start at; not part of the result.
 * @param enter Whether to go on to the packages that a package needs. @default always
 */
export function dependenciesOf(
  root: InstalledPackage,
  enter: (manifest: PackageManifest) => boolean = () => true,
): InstalledPackage[] {
  const found = new Map<string, InstalledPackage>();
  const visit = (parent: InstalledPackage): void => {
    for (const name of Object.keys(parent.manifest.dependencies ?? {})) {
      const installed = findInstalled(name, parent.directory);
      if (!installed || found.has(installed.directory)) continue;
      found.set(installed.directory, installed);
      if (enter(installed.manifest)) visit(installed);
    }
  };
  visit(root);
  return [...found.values()];
}

/** Whether a package is built on Pulumi's SDK. Others can't bring a plugin, so their hundreds need not be looked at. */
export function usesPulumi(manifest: PackageManifest): boolean {
  return "@pulumi/pulumi" in { ...manifest.dependencies, ...manifest.peerDependencies };
}

/**
 * The packages that a package's own manifest names, for development too.
 * @param root The package whose manifest it is.
 */
export function declaredBy(root: InstalledPackage): InstalledPackage[] {
  const names = Object.keys({ ...root.manifest.dependencies, ...root.manifest.devDependencies });
  return names.map((name) => findInstalled(name, root.directory)).filter((installed) => installed !== undefined);
}

/** A resource plugin that a program needs. */
export interface RequiredPlugin {
  readonly name: string;
  readonly version: string;
  readonly server?: string;
  readonly parameterization?: { readonly name: string; readonly version: string; readonly value: string };
}

/**
 * The plugin that a package needs; undefined for packages without one.
 * @param manifest The package's manifest.
 */
export function pluginOf(manifest: PackageManifest): RequiredPlugin | undefined {
  const { pulumi } = manifest;
  if (!pulumi?.resource) return undefined;
  const name = pulumi.name ?? manifest.name?.replace(/^@pulumi\//, "");
  const version = pulumi.version ?? manifest.version;
  if (!name || !version) return undefined;
  return { name, version, server: pulumi.server, parameterization: pulumi.parameterization };
}
