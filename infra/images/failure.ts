import { type Problem, UserError } from "../core/errors";
import { formatSize } from "../core/units";

/** Why making an image failed, as far as that shows in what was written. */
export type FailureKind = "disk-full" | "unreachable" | "not-found" | "refused" | "other";

const patterns: readonly (readonly [FailureKind, RegExp])[] = [
  ["disk-full", /no space left on device|not enough free space|write error: ENOSPC/i],
  ["not-found", /manifest unknown|manifest for .* not found|not found: manifest/i],
  ["refused", /toomanyrequests|rate limit|unauthorized|denied: /i],
  [
    "unreachable",
    /no such host|temporary failure (?:in name resolution|resolving)|could not (?:resolve|connect)|connection (?:refused|reset|timed out)|network is unreachable|no route to host|i\/o timeout|tls handshake timeout|context deadline|request canceled|no answer within|couldn't download|failed getting release file|unable to (?:fetch|connect)|failed to fetch|proxyconnect/i,
  ],
];

/** Recognises why making an image failed. */
export function classify(lines: readonly string[]): FailureKind {
  const text = lines.join("\n");
  return patterns.find(([, pattern]) => pattern.test(text))?.[0] ?? "other";
}

/** The line that says best why something failed: the last one that looks like an error, else the last one. */
export function reason(lines: readonly string[]): string {
  const telling = lines.filter(
    (line) => patterns.some(([, pattern]) => pattern.test(line)) || /\berror\b|^E: /i.test(line),
  );
  return (telling.at(-1) ?? lines.at(-1) ?? "it said nothing").slice(0, 300);
}

/** The disk ran full, or is about to. */
export function diskFull(path: string, neededBytes: number, freeBytes: number | undefined): UserError {
  return new UserError("There is not enough room on the disk for the images.", [
    {
      path,
      expected: `${formatSize(neededBytes)} free`,
      found: freeBytes === undefined ? "no space left" : `${formatSize(freeBytes)} free`,
      hint: "make room (`docker system df` shows what Docker holds, `docker image prune` removes what nothing uses), then run the command again",
    },
  ]);
}

/** Neither of the places that images come from can be reached. */
export function nothingReachable(tried: readonly Problem[]): UserError {
  return new UserError("No place that images come from can be reached.", tried);
}

/** What to do about some failures of a build, by what they say. */
const hints: readonly (readonly [RegExp, string])[] = [
  [/Unable to locate package/, "is it named correctly in packages.txt of your addons folder?"],
  [
    /No matching distribution found|Could not find a version/,
    "is it named correctly in requirements.txt of your addons folder?",
  ],
  [/CERTIFICATE_VERIFY_FAILED/, "point PIP_CERT to the file with the certificates that your network needs"],
];

/** Making an image failed for a reason of its own. */
export function buildFailed(title: string, lines: readonly string[]): UserError {
  const found = [reason(lines), "its last lines:", ...lines.slice(-8)].join("\n              ");
  const hint = hints.findLast(([pattern]) => pattern.test(lines.join("\n")))?.[1];
  return new UserError(`Building ${title} failed.`, [{ path: title, expected: "a build that ends well", found, hint }]);
}
