import { UserError } from "../core/errors";
import type { ReleaseRecord } from "../operator/plan";
import { type CommonOptions, elapsed } from "./display";
import { modulesText, versionOf } from "./history";

/** What became of a release, as `--json` prints it. */
export interface ReleaseOutcome {
  readonly stack: string;
  /** Tag of the version before; undefined where there was none. */
  readonly before?: string;
  /** Undefined where there was nothing to release. */
  readonly release?: ReleaseRecord;
  /** Seconds of each part of the command, and of all as `total`. */
  readonly seconds: Readonly<Record<string, number>>;
}

/** Prints how a release went, and the way back. */
export function showOutcome(outcome: ReleaseOutcome, options: CommonOptions): void {
  if (options.json) console.log(JSON.stringify(outcome));
  else console.log(`\n${outcomeLines(outcome).join("\n")}`);
}

/** How a release went, in a few lines. */
export function outcomeLines({ stack, before, release, seconds }: ReleaseOutcome): string[] {
  if (!release) return [`There was nothing to release: ${stack} runs this version already.`];
  const version = versionOf(release.image.tag);
  const modules = modulesText(release.modules);
  const back = `npx odoo-stacks rollback -s ${stack}`;
  return [
    `${stack}: ${before ? `${versionOf(before)} → ` : ""}${version} (release ${release.id})`,
    `  modules   ${modules || "unchanged"}`,
    `  requests  ${requestsText(release)}`,
    `  took      ${elapsed(seconds.release ?? 0)}, ${elapsed(seconds.total ?? 0)} with all preparations`,
    ...(before && before !== release.image.tag ? [`  back      ${back}`] : []),
    ...(release.set ? [`  with data ${back} --with-data (a set with the data from before is kept)`] : []),
  ];
}

/** What became of requests while the database changed. */
function requestsText({ heldSeconds, pageSeconds }: ReleaseRecord): string {
  const held = heldSeconds > 0 ? [`held for ${elapsed(heldSeconds)}`] : [];
  const page = pageSeconds === undefined ? [] : [`answered by the maintenance page for ${elapsed(pageSeconds)}`];
  return [...held, ...page].join(", then ") || "never held";
}

/**
 * What a failed release tells the user: the operator's own reason where it came to that.
 * @param error What was thrown.
 * @param outcome What is known of the release; undefined where it did not come to that.
 */
export function failureOf(error: unknown, outcome: ReleaseOutcome | undefined): unknown {
  const record = outcome?.release;
  if (!record?.reason) return error;
  const summary =
    record.result === "failed"
      ? "The release failed. The version before serves as it did, with its data."
      : "The new version serves, but its log shows errors.";
  return new UserError(summary, [
    {
      path: `release ${record.id}`,
      expected: "a release without errors",
      found: record.reason.split("\n").join("\n              "),
      hint: `npx odoo-stacks history -s ${outcome?.stack ?? ""}`,
    },
  ]);
}
