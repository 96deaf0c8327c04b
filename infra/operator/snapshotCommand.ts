import { exec } from "../commands/docker";
import { UserError, type Problem } from "../core/errors";
import { attempt, type RunResult } from "../core/exec";
import type { Report } from "../core/report";
import { formatSize } from "../core/units";

/** The database of an environment, as far as copies of it are concerned. */
export interface SnapshotDatabase {
  /** The ID of the server's running container; may fail while there is none. Asked again before every command. */
  container(): Promise<string>;
  /** Added to the environment of `docker`, such as `DOCKER_HOST`. */
  readonly env?: Readonly<Record<string, string>>;
}

/** In the postgres image; its head says what its commands do. */
const script = "/opt/odoo-stacks/snapshot.sh";

/** Exit codes of the script, and Docker's own for a program that is not in the container. */
const exitCodes = { noSpace: 28, noCopy: 66, notBegun: 69, notFound: [126, 127] } as const;

/**
 * The longest a command may take, in seconds: a first copy of a large database over a slow disk. Commands that people wait for
 * have bounds of their own inside the container.
 */
const limitSeconds = 24 * 3600;

/** Runs a command of the script in the database's container and returns what it did, whatever its exit code. */
export async function trySnapshot(
  database: SnapshotDatabase,
  command: readonly string[],
  report?: Report,
): Promise<RunResult> {
  const container = await database.container();
  return attempt(exec(container, [script, ...command]), { env: database.env, report, timeoutSeconds: limitSeconds });
}

/**
 * Runs a command of the script in the database's container and returns what it prints.
 * @param report Receives each line of its progress.
 * @throws UserError when it fails.
 */
export async function tellSnapshot(
  database: SnapshotDatabase,
  command: readonly string[],
  report?: Report,
): Promise<string> {
  const result = await trySnapshot(database, command, report);
  if (result.exitCode !== 0) throw snapshotError(command, result);
  return result.stdout;
}

/** Whether a command failed because there is no copy, which trying again does not change. */
export const isMissingCopy = (result: RunResult): boolean => result.exitCode === exitCodes.noCopy;

/** What went wrong, for people. */
export function snapshotError(command: readonly string[], { exitCode, stdout, stderr }: RunResult): UserError {
  const said = stderr.trim().split("\n").slice(-5).join("\n") || `exit code ${exitCode}`;
  const path = `snapshot.sh ${command.join(" ")}`;
  if (exitCode === exitCodes.noSpace) {
    const { free, needed } = JSON.parse(stdout) as { free: number; needed: number };
    return tooLittleSpace(free, needed);
  }
  if (exitCode === exitCodes.noCopy) {
    return failure({ path, expected: "a copy that was made before and not discarded", found: said });
  }
  if (exitCode === exitCodes.notBegun) {
    return failure({
      path,
      expected: "the copy that was begun before the hold, by the same server",
      found: said,
      hint: "Start the release again: it makes another one.",
    });
  }
  if (exitCodes.notFound.some((code) => code === exitCode)) {
    return failure({
      path,
      expected: "a container of this project's current postgres image",
      found: said,
      hint: "Run `pulumi up` without a release once: it brings the database's container up to date.",
    });
  }
  return failure({ path, expected: "exit code 0", found: said });
}

/** The error for a volume without room for a copy. Sizes in bytes. */
export function tooLittleSpace(free: number, needed: number): UserError {
  return failure({
    path: "the disk with the database's volume",
    expected: `${formatSize(needed)} free: the database, a tenth of it, and its write-ahead log`,
    found: `${formatSize(free)} free`,
    hint: "Free some space or enlarge the disk. On XFS or btrfs a copy shares its blocks and takes next to nothing.",
  });
}

const failure = (problem: Problem) => new UserError("The database can't be copied or put back.", [problem]);
