import { exec } from "../../commands/docker";
import { UserError } from "../../core/errors";
import type { Report } from "../../core/report";
import { formatSize } from "../../core/units";
import { managerEnv } from "../../swarm/engines";
import { markPlace, placeOf, swarmNodes } from "../../swarm/places";
import { serverOf } from "../copy/source";
import { databaseClient } from "../databaseClient";
import { FlowFailed, pass } from "../files/flow";
import { psql } from "../psql";
import { TimedSteps } from "../timedSteps";
import { letInSql, limitSql } from "./sql";
import { closeSql, emptySql, extensionsSql, missingSql, partsSql, readParts, sumsSql, writeSql } from "./toRdsSql";

/** What is moved out of its container. */
export interface ToRdsPlan {
  readonly stack: string;
  /** Name of the database, in both places. */
  readonly database: string;
}

/** How a move to RDS went. */
export interface ToRdsRecord {
  /** The machine that the database was on. */
  readonly from: string;
  /** What was compared in both places: how many tables and sequences, and rows; 0 where the database was on RDS before. */
  readonly parts: number;
  readonly rows: number;
  /** Bytes that were sent. */
  readonly bytes: number;
  /** Seconds of each step. */
  readonly seconds: Readonly<Record<string, number>>;
}

/** What went wrong in a move to RDS; the container has the database, as before. */
export interface ToRdsFailure {
  readonly step: string;
  readonly reason: string;
}

/** Sums over a table of some hundred gigabytes take hours. In seconds. */
const longSeconds = 24 * 3600;

/** How often it is said how much was sent, in milliseconds. */
const tellEvery = 5000;

/**
 * Moves an environment's database from its container to the instance that was made for it. Requests have to be answered by the maintenance
 * page meanwhile. Until all is compared the container has the database, and takes sessions again when anything fails; then the Swarm's
 * mark says that it is on RDS, the container's server ends, and none is started on the old data again, which stays in its volume.
 * @throws UserError where there is nothing to move, or no place to move it to.
 */
export async function moveToRds({ stack, database }: ToRdsPlan, report: Report): Promise<ToRdsRecord | ToRdsFailure> {
  const { database: from, onRds } = placeOf(stack, await swarmNodes(managerEnv()));
  if (from === undefined) throw nothingToMove(stack);
  // Moved before, by a command that did not come to its end.
  if (onRds) return { from, parts: 0, rows: 0, bytes: 0, seconds: {} };
  const [server, client] = [await serverOf(stack), await clientOf(stack)];
  const steps = new TimedSteps(report, "move: ");
  const { time, seconds } = steps;
  const limit = Number((await psql(server, "postgres", limitSql(database))).trim());
  try {
    // Shows before anybody is shut out that the instance answers.
    await time("extensions", () => requireExtensions(server, client, database));
    await time("empty", () => psql(client, database, emptySql, longSeconds));
    await time("close", () => psql(server, "postgres", closeSql(database)));
    const bytes = await time("copy", () => send(server, client, database, report));
    const { parts, rows } = await time("compare", () => compare(server, client, database));
    await time("write", () => psql(client, database, writeSql));
    await time("statistics", () => psql(client, database, "ANALYZE", longSeconds));
    await markPlace("database", stack, from, managerEnv(), "rds");
    return { from, parts, rows, bytes, seconds };
  } catch (error) {
    // What went wrong first counts more than what does now.
    await psql(server, "postgres", letInSql(database, limit)).catch((trouble: unknown) =>
      report(
        `${database} takes no sessions: ${String(trouble)}. ALTER DATABASE … CONNECTION LIMIT ${limit} lets them in.`,
      ),
    );
    return { step: steps.step, reason: reasonOf(error) };
  }
}

/** What PostgreSQL's programs say of an error, without the statement that it was in. */
function reasonOf(error: unknown): string {
  const said = error instanceof FlowFailed ? error.said : error instanceof Error ? error.message : String(error);
  const lines = said.split("\n").filter((line) => /error:|ERROR:/.test(line));
  return (lines.length > 0 ? lines : [said]).join("\n");
}

/** @throws Error naming extensions that the instance's database does not have: only its master user may make them. */
async function requireExtensions(server: string, client: string, database: string): Promise<void> {
  const wanted = (await psql(server, database, extensionsSql)).trim();
  const missing = (await psql(client, database, missingSql(wanted))).trim();
  if (missing) throw new Error(`the database on RDS lacks extensions, which its master user can make: ${missing}`);
}

/** Sends the database from one server to the other, and returns how many bytes went through. */
async function send(server: string, client: string, database: string, report: Report): Promise<number> {
  // Extensions are there already, and the schema of one: only the master user may make them.
  const without = ["--exclude-extension=*", "--exclude-schema=unaccent_schema"];
  const from = ["pg_dump", "-U", "postgres", "--format=custom", "--compress=0", ...without, database];
  const to = ["pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--dbname", database];
  let [bytes, told] = [0, Date.now()];
  await pass(exec(server, from), exec(client, to, true), [], (more) => {
    bytes += more;
    if (Date.now() - told < tellEvery) return;
    told = Date.now();
    report(`sent ${formatSize(bytes)}`);
  });
  return bytes;
}

/** Compares all that is in both places. @throws Error naming what differs. */
async function compare(server: string, client: string, database: string): Promise<{ parts: number; rows: number }> {
  const parts = readParts(await psql(server, database, partsSql));
  const sums = async (container: string) =>
    (await psql(container, database, sumsSql(parts), longSeconds)).split("\n").filter(Boolean);
  const [before, after] = await Promise.all([sums(server), sums(client)]);
  const differing = before.filter((line, index) => line !== after[index]);
  if (differing.length > 0 || before.length !== parts.length) {
    const shown = differing.slice(0, 5).map((line) => line.split("|")[0]);
    const many = `${differing.length} of ${parts.length}`;
    throw new Error(`${many} tables and sequences are not the same on RDS: ${shown.join(", ")}`);
  }
  const counts = before.map((line, index) => (parts[index]?.kind === "S" ? 0 : Number(line.split("|").at(-2))));
  return { parts: parts.length, rows: counts.reduce((sum, count) => sum + count, 0) };
}

/** The container from which psql reaches the instance. */
async function clientOf(stack: string): Promise<string> {
  const found = await databaseClient(stack);
  if (found) return found;
  throw new UserError(`There is no instance on RDS that the database of ${stack} could go to.`, [
    {
      path: "database.rds",
      expected: "an instance that was brought up beside the container",
      found: "none",
      hint: `Write database.rds into its file, keep kind: container, and: npx odoo-stacks up ${stack}`,
    },
  ]);
}

const nothingToMove = (stack: string): UserError =>
  new UserError(`There is no database of ${stack} in a container.`, [
    {
      path: "the labels of the Swarm's nodes",
      expected: "one that says which machine has it",
      found: "none",
      hint: `database.kind: rds in its file, then: npx odoo-stacks up ${stack}`,
    },
  ]);
