import { setTimeout as delay } from "node:timers/promises";
import { onContainer } from "../commands/docker";
import { UserError } from "../core/errors";
import { attempt } from "../core/exec";
import { isMissingCopy, type SnapshotDatabase, snapshotError, trySnapshot } from "./snapshotCommand";

const intervalMilliseconds = 200;

/**
 * Puts the copy in the database's place: marks it as wanted, ends the server at once (what it would still write goes anyway),
 * and lets the container's restart do the rest. At every step the container may be starting, failing or gone.
 * @param withinSeconds How long it may take in all.
 * @throws UserError when there is no copy, or the database does not answer in time.
 */
export async function undo(database: SnapshotDatabase, withinSeconds: number): Promise<void> {
  const deadline = performance.now() + withinSeconds * 1000;
  let marked = false;
  let last = "";
  do {
    try {
      marked ||= await mark(database);
      if (marked && (await isDone(database))) return;
    } catch (error) {
      if (error instanceof UserError) throw error;
      last = error instanceof Error ? error.message : String(error);
    }
    await delay(intervalMilliseconds);
  } while (performance.now() < deadline);
  throw new UserError("The database was not put back in time.", [
    {
      path: marked ? "its container" : "the mark that asks for it",
      expected: `within ${withinSeconds} seconds ${marked ? "the database answers, as it was before" : "it is written"}`,
      found: [last, await log(database)].filter(Boolean).join("\n") || "nothing",
      hint: "The container goes on trying at every start: see its log. Neither the copy nor the database is lost.",
    },
  ]);
}

/** Writes the mark that the container's next start looks for. Fails while the container can't be reached. */
async function mark(database: SnapshotDatabase): Promise<boolean> {
  const command = ["apply-undo"];
  const result = await trySnapshot(database, command);
  if (result.exitCode === 0) return true;
  const error = snapshotError(command, result);
  throw isMissingCopy(result) ? error : new Error(error.message);
}

/** Whether the database answers again. A server that still runs on what is to be replaced is ended. */
async function isDone(database: SnapshotDatabase): Promise<boolean> {
  const state = (await trySnapshot(database, ["undo-state"])).stdout.trim();
  if (state === "wanted") await trySnapshot(database, ["stop"]);
  return state === "done" && (await isHealthy(database));
}

/** Whether Docker takes the container for well: until then a Swarm does not resolve its name. */
async function isHealthy(database: SnapshotDatabase): Promise<boolean> {
  const format = "{{if .State.Health}}{{.State.Health.Status}}{{else}}healthy{{end}}";
  const argv = onContainer(await database.container(), (id) => ["docker", "inspect", "--format", format, id]);
  return (await attempt(argv, { env: database.env })).stdout.trim() === "healthy";
}

/** The end of the container's log, if there is a container. */
async function log(database: SnapshotDatabase): Promise<string> {
  try {
    const container = await database.container();
    const argv = onContainer(container, (id) => ["docker", "logs", "--tail", "20", id]);
    const { stdout, stderr } = await attempt(argv, { env: database.env });
    return `${stdout}\n${stderr}`.trim();
  } catch {
    return "";
  }
}
