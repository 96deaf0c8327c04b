import { onContainer } from "../commands/docker";
import { run } from "../core/exec";

/** Something that went wrong, as a log tells it. */
export interface LogFailure {
  /** `CRITICAL` or `ERROR`; `TRACEBACK` where an exception shows in a less important entry, or outside of any. */
  readonly level: "CRITICAL" | "ERROR" | "TRACEBACK";
  /** The whole entry: its first line and what follows it, such as a traceback. */
  readonly lines: readonly string[];
}

/** The beginning of an entry in Odoo's log (odoo/netsvc.py): time, process, level, database, logger, message. */
const entry = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ (?<level>DEBUG|INFO|WARNING|ERROR|CRITICAL) \S+ [\w.?-]+: /;
const traceback = /^Traceback \(most recent call last\):/;

/** Entries that look like failures and are none, whatever the release. */
const harmless = [
  // Two requests that changed the same record: Odoo logs the query and tries again. When that fails too, it says so apart
  // (odoo/service/model.py, retrying).
  String.raw`^ERROR: (?:could not serialize access|deadlock detected)`,
  // A page that was expected to read only (odoo/http.py).
  "retrying with a read/write cursor",
  // Debian's package leaves out a library that is not free; what needs it, blurred backgrounds in calls, is off there.
  "Could not get content for mail/static/lib/selfie_segmentation/",
];

/**
 * Finds what a log of Odoo says went wrong: entries of level CRITICAL or ERROR, and tracebacks wherever they are.
 * @param lines The log; lines that begin no entry belong to the one before.
 * @param allow Patterns of entries that are no failure, matched against the whole entry line by line.
 */
export function findFailures(lines: readonly string[], allow: readonly string[] = []): readonly LogFailure[] {
  const allowed = [...harmless, ...allow].map((pattern) => new RegExp(pattern, "m"));
  return entries(lines).flatMap((block): LogFailure[] => {
    const level = levelOf(block);
    if (!level || allowed.some((pattern) => pattern.test(block.join("\n")))) return [];
    return [{ level, lines: block }];
  });
}

/**
 * A failure in a few lines: its first one and the end of what follows, where Python says what happened.
 * @param failure The failure.
 * @param most Lines at most, 2 or more. @default 12
 */
export function describeFailure(failure: LogFailure, most = 12): string {
  // Python underlines the part of each line that it means.
  const lines = failure.lines.filter((line) => !/^[\s~^]+$/.test(line));
  if (lines.length <= most) return lines.join("\n");
  return [...lines.slice(0, 1), `  … ${lines.length - most + 1} lines …`, ...lines.slice(2 - most)].join("\n");
}

/** A log's lines by entry. */
function entries(lines: readonly string[]): string[][] {
  const blocks: string[][] = [];
  for (const line of lines) {
    const last = blocks.at(-1);
    if (last && !entry.test(line)) last.push(line);
    else blocks.push([line]);
  }
  return blocks.map(withoutEmptyEnd);
}

function levelOf(block: readonly string[]): LogFailure["level"] | undefined {
  const level = entry.exec(block[0] ?? "")?.groups?.level;
  if (level === "CRITICAL" || level === "ERROR") return level;
  return block.some((line) => traceback.test(line)) ? "TRACEBACK" : undefined;
}

function withoutEmptyEnd(block: readonly string[]): string[] {
  return block.slice(0, Math.max(1, block.findLastIndex((line) => line.trim() !== "") + 1));
}

/** What a container has written. */
export interface ContainerLog {
  readonly container: string;
  readonly lines: readonly string[];
}

/** Lines of one container that are read at most: what a broken release writes in minutes. */
const mostLines = 50_000;

/**
 * Reads what containers have written since some time. Odoo writes to standard error alone.
 * @param containers IDs or names; each must still exist, running or not.
 * @param since By the Engine's clock, which is this machine's.
 */
export function readLogs(containers: readonly string[], since: Date): Promise<readonly ContainerLog[]> {
  return Promise.all(
    containers.map(async (container) => {
      // Both outputs in one, in the order written, which needs a shell: Docker's own client keeps them apart.
      const options = ["--since", since.toISOString(), "--tail", String(mostLines)];
      const logs = onContainer(container, (id) => ["docker", "logs", ...options, id]);
      const argv = ["sh", "-c", 'exec "$@" 2>&1', "sh", ...logs];
      const text = await run(argv, { timeoutSeconds: 60 });
      return { container, lines: text.split("\n") };
    }),
  );
}
