import { readFileSync } from "node:fs";
import semver from "semver";

/** The version of an installed package. */
export function packageVersion(name: string): string {
  return (JSON.parse(readFileSync(require.resolve(`${name}/package.json`), "utf8")) as { version: string }).version;
}

/**
 * The version of Pulumi's SDK that this project is pinned to, as in `3.259.0`; an engine must be at least as new, because a
 * program may ask it for what its own SDK knows.
 */
export const pinnedVersion = packageVersion("@pulumi/pulumi");

/**
 * Reads the version out of what `pulumi version` prints (`v3.259.0`, or `v3.260.0-alpha.1` of a development build).
 * @returns undefined where it isn't one.
 */
export function parsePulumiVersion(printed: string): string | undefined {
  return semver.parse(printed.trim())?.version;
}

/**
 * Whether an engine can run this project's programs: of the same major version and not older than the SDK.
 * @param version The engine's version.
 * @param pinned The SDK's version.
 */
export function isCompatible(version: string, pinned = pinnedVersion): boolean {
  return semver.major(version) === semver.major(pinned) && semver.gte(version, pinned);
}
