import { once } from "node:events";
import type { Server } from "node:http";
import { hostname } from "node:os";
import { text } from "node:stream/consumers";
import { UserError } from "../core/errors";
import { attempt } from "../core/exec";
import { CopyFailed, CopyRun } from "./copy/make";
import { RdsCopyRun } from "./copy/makeOnRds";
import type { CopyPlan } from "./copy/plan";
import type { RdsCopyPlan } from "./copy/rdsPlan";
import type { CopyRecord } from "./copy/record";
import { fetchFiles, type FetchPlan } from "./files/fetch";
import { Journal } from "./journal";
import { openGate } from "./maintenance/gate";
import { type MaintenancePlan, switchMaintenance } from "./maintenance/switch";
import { moveDatabase, recoverMove } from "./move/move";
import type { MovePlan } from "./move/plan";
import { moveToRds, type ToRdsPlan } from "./move/toRds";
import { readMove } from "./move/state";
import type { ReleasePlan, ReleaseRecord } from "./plan";
import { Release } from "./release";
import { restore, type RestorePlan } from "./restore";
import { overview } from "./show";
import { keepTests, type KeptTests } from "./tests";
import { endWatch, watch, type WatchPlan } from "./watch";
import { meetPeers } from "./peers";
import { withWatched } from "./watched";

/** Where the volume with journal and history is mounted. */
const folder = "/releases";

/** What changes an environment first ends a move of its database that was interrupted. */
const changing = ["run", "restore", "maintenance", "copy", "copy-on-rds", "move-to-rds"];

const report = (line: string) => console.error(line);

/**
 * The operator: carries out one release on the machine that it concerns, whatever becomes of the machine that asked for
 * it. It prints progress on standard error and, last, the record of the release on standard output.
 * @param command `run PLAN` carries out a plan, or first ends what an earlier operator left; `restore PLAN` puts the data of
 *   a set back; `move-database PLAN` moves the database to another machine, and `move-to-rds PLAN` out of its container to RDS; `copy`
 *   makes a copy of another environment by the plan on standard input, and `copy-on-rds` secures one that was restored on RDS;
 *   `fetch-files PLAN` brings an environment's files from another machine or volume; `watch PLAN` watches the logs after a release;
 *   `maintenance PLAN` begins or ends maintenance, and `gate` is what stands before Odoo meanwhile;
 *   `keep-tests` keeps a report; `history`, `state`, `move-state` and `show` print what the volume holds.
 */
async function main([command, argument = ""]: readonly string[]): Promise<number> {
  const journal = new Journal(folder);
  await meetPeers();
  if (command === "history") return print(withWatched(folder, journal.history()));
  if (command === "watch") {
    await watch(JSON.parse(argument) as WatchPlan, folder, print);
    return endForGood();
  }
  if (command === "state") return print(journal.read() ?? null);
  if (command === "move-state") return print(readMove(folder) ?? null);
  if (command === "show") return print(overview(journal, folder));
  if (changing.includes(command ?? "")) await recoverMove(journal, folder, report);
  if (command === "keep-tests") return keepTests(folder, JSON.parse(await text(process.stdin)) as KeptTests);
  if (command === "gate") return serve(await openGate(folder, report));
  if (command === "maintenance") {
    const state = await switchMaintenance(JSON.parse(argument) as MaintenancePlan, journal, folder, report);
    return print(state ?? null);
  }
  if (command === "copy") return copy(new CopyRun(JSON.parse(await text(process.stdin)) as CopyPlan, report));
  if (command === "copy-on-rds")
    return copy(new RdsCopyRun(JSON.parse(await text(process.stdin)) as RdsCopyPlan, report));
  if (command === "restore") {
    const plan = JSON.parse(argument) as RestorePlan;
    // Without its database Odoo writes errors that say nothing of the version.
    await endWatch(plan.release.stack);
    return finish(await restore(plan, journal, folder, report));
  }
  if (command === "fetch-files") {
    // What an interrupted release has left on this machine is undone before its records are replaced.
    const left = journal.read();
    if (left && !left.outcome) await Release.resume(left, journal, report).recover();
    return print(await fetchFiles(JSON.parse(argument) as FetchPlan, report));
  }
  if (command === "move-to-rds") {
    await recoverRelease(journal);
    return print(await moveToRds(JSON.parse(argument) as ToRdsPlan, report));
  }
  if (command === "move-database") return move(JSON.parse(argument) as MovePlan, journal);
  if (command !== "run") throw new Error(`unknown command: ${command ?? ""}`);

  const plan = JSON.parse(argument) as ReleasePlan;
  const earlier = journal.read();
  const recovered = await recoverRelease(journal);
  if (recovered?.id === plan.id) return finish(recovered);
  if (earlier?.outcome && earlier.plan.id === plan.id) return finish(earlier.outcome);
  return finish(await Release.begin(plan, journal, report).run());
}

/** Ends a release that was interrupted; undefined where there is none. */
async function recoverRelease(journal: Journal): Promise<ReleaseRecord | undefined> {
  const state = journal.read();
  return state && !state.outcome ? Release.resume(state, journal, report).recover() : undefined;
}

/** Moves the database; prints the record. */
async function move(plan: MovePlan, journal: Journal): Promise<number> {
  await recoverRelease(journal);
  const record = await moveDatabase(plan, journal, folder, report);
  await endForGood();
  print(record);
  return record.result === "failed" ? 1 : 0;
}

/** Makes a copy of another environment; prints its record, or what went wrong as `{ step, reason }`. */
async function copy(made: { run(): Promise<CopyRecord> }): Promise<number> {
  try {
    return print(await made.run());
  } catch (error) {
    if (!(error instanceof CopyFailed)) throw error;
    return print({ step: error.step, reason: error.message });
  }
}

/** Docker starts the operator again after a crash or a power cut, but not after this. Returns 0. */
async function endForGood(): Promise<number> {
  await attempt(["docker", "update", "--restart", "no", hostname()], { timeoutSeconds: 30 });
  return 0;
}

/** Ends for good, with a record. */
async function finish(record: ReleaseRecord): Promise<number> {
  await endForGood();
  print(record);
  return record.result === "restored" || (record.result === "released" && record.reason === "") ? 0 : 1;
}

/** Goes on until it is stopped: as long as the servers do. */
const serve = (servers: readonly Server[]): Promise<number> =>
  Promise.race(servers.map((server) => once(server, "close").then(() => 1)));

function print(value: unknown): number {
  console.log(JSON.stringify(value));
  return 0;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    // What is the user's to put right says it all; of the rest, where it happened helps.
    console.error(error instanceof UserError ? error.message : error instanceof Error ? error.stack : String(error));
    process.exit(1);
  },
);
