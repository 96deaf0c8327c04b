import type { ReleaseRecord } from "../../../infra/operator/plan";

/** A version by a letter, as an image that a release brings. */
export const imageOf = (version: string): ReleaseRecord["image"] => ({
  id: `sha256:${version.repeat(8)}`,
  tag: `odoo-stacks/odoo:19.0-${version.repeat(8)}`,
});

/** The record of a release, ten minutes after the one before and 12 seconds long. */
export function recordOf(
  number: number,
  version: string,
  more: Partial<ReleaseRecord> & { readonly upgrade?: readonly string[] } = {},
): ReleaseRecord {
  const { upgrade = [], ...rest } = more;
  const start = Date.UTC(2026, 10, 23, 18, 10 * number);
  return {
    id: `20261123-18${number}000-abc${number}`,
    image: imageOf(version),
    modules: { install: [], upgrade, uninstall: [] },
    startedAt: new Date(start).toISOString(),
    endedAt: new Date(start + 12_000).toISOString(),
    result: "released",
    reason: "",
    seconds: {},
    heldSeconds: upgrade.length > 0 ? 4 : 0,
    set: upgrade.length > 0,
    author: { user: "anna", host: "laptop", commit: "3f2a1b9c0d+" },
    ...rest,
  };
}
