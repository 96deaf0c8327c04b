import type { ProxyService } from "../../commands/proxy";
import { UserError } from "../../core/errors";
import type { Report } from "../../core/report";
import { formatSize } from "../../core/units";
import { Hold } from "../hold";
import { Host } from "../host";
import type { Journal } from "../journal";
import { MoveMachines } from "./machines";
import { type MovePlan, type MoveRecord, moveSteps, type MoveSource, type MoveState, type MoveStep } from "./plan";
import { endMove, type MoveProgress, moveProgress, readMove } from "./state";
import type { MoveWork } from "./work";

/** Requests are held about this long, in seconds; where that is more than `release.maxHold`, users see the page at once. */
const expectedSeconds = 10;
/** Scheduled jobs under way may take this long to end, in seconds. */
const cronStopSeconds = 300;

/** What may have to be done by hand when the server could not be reached. */
const closed = "the end of sessions (ALTER DATABASE … CONNECTION LIMIT -1 lets Odoo in)";

/** What a move is carried out with. */
export interface MoveParts {
  readonly work: MoveWork;
  readonly host: Pick<Host, "cron" | "scaleCron">;
  readonly hold: Pick<Hold, "begin" | "end" | "watch">;
  /** Where requests lead. */
  readonly routes: readonly ProxyService[];
}

/**
 * Moves an environment's database to another machine of its platform. Run again after a crash, it is undone, or finished where
 * the database serves from its new place already.
 * @param folder Where the volume of the releases is mounted.
 */
export async function moveDatabase(
  plan: MovePlan,
  journal: Journal,
  folder: string,
  report: Report,
): Promise<MoveRecord> {
  const earlier = readMove(folder);
  if (earlier?.plan.id === plan.id && earlier.outcome) return earlier.outcome;
  const ended = await recoverMove(journal, folder, report);
  if (ended?.id === plan.id) return ended;
  // A volume that could not be removed is known to be no environment's.
  const made = readMove(folder)?.made;
  return open({ plan, startedAt: now(), step: "check", seconds: {}, made }, journal, folder, report).run();
}

/** Ends a move that was interrupted; undefined where there is none. Whatever else changes the environment comes after that. */
export async function recoverMove(journal: Journal, folder: string, report: Report): Promise<MoveRecord | undefined> {
  const state = readMove(folder);
  return state && !state.outcome ? open(state, journal, folder, report).recover() : undefined;
}

function open(state: MoveState, journal: Journal, folder: string, report: Report): Move {
  const progress = moveProgress(state, folder, report);
  const host = new Host(state.plan, report);
  const parts: MoveParts = {
    work: new MoveMachines(state.plan, host, report),
    host,
    hold: new Hold(host, progress),
    routes: journal.routes() ?? state.plan.routes,
  };
  return new Move(progress, parts, folder);
}

/** One move of a database: from the plan to its record. */
export class Move {
  /** @param folder Where the volume of the releases is mounted. */
  constructor(
    private readonly progress: MoveProgress,
    private readonly parts: MoveParts,
    private readonly folder: string,
  ) {}

  /** Carries it out. Whatever fails before the database serves from its new place is undone. */
  async run(): Promise<MoveRecord> {
    const { progress, parts } = this;
    try {
      const source = await progress.step("check", () => parts.work.find(), "Looking at the database and its machines.");
      progress.note({ source });
      if (source.from === this.plan.to) return this.end("unchanged", "");
      await this.move(source);
    } catch (error) {
      return this.undo(error);
    }
    return this.succeed();
  }

  /** Brings a move that was interrupted to an end. */
  async recover(): Promise<MoveRecord> {
    const { step } = this.progress.state;
    this.progress.report(`A move of the database was interrupted at the step ${step}.`);
    if (step === "moved") return this.succeed();
    this.parts.hold.watch();
    return this.undo(new Error("the operator was interrupted"));
  }

  private async move(source: MoveSource): Promise<void> {
    const { progress, plan } = this;
    const { work, hold } = this.parts;
    await progress.step("volume", () => this.makeVolume(source), `Making room on ${plan.to}.`);
    await progress.step("copy", () => work.copy(source, progress.report), "Copying the database.");
    const followed = await progress.step("follow", () => work.follow(), "Waiting until the copy keeps up.");
    await progress.step("announce", () => work.tellUsers(), "Telling users.");
    await progress.step("stopCron", () => this.stopCron(), "Waiting for scheduled jobs to end.");
    await progress.step("settle", () => work.settle(source), "Writing to disk what is due.");
    await progress.step("hold", () => hold.begin(expectedSeconds), "Holding requests.");
    const before = await progress.step("freeze", () => work.freeze(followed), "Counting rows.");
    const said = `Ending the server on ${source.from}, starting the one on ${plan.to}.`;
    await progress.step("switch", () => work.switchOver(source), said);
    const check = await progress.step("verify", () => work.verify(followed, before), "Comparing both places.");
    progress.note({ check, step: "moved" });
  }

  private async stopCron(): Promise<void> {
    const { host } = this.parts;
    const cron = await host.cron();
    if (cron === undefined) return;
    this.progress.note({ cron });
    await host.scaleCron(cron, 0, cronStopSeconds);
  }

  /** Makes the volume; what an earlier move left of one is removed, any other that is not empty is refused. */
  private async makeVolume(source: MoveSource): Promise<void> {
    const { progress, plan } = this;
    const { work } = this.parts;
    const { volume, needed } = source;
    const { made } = progress.state;
    if (made?.machine === plan.to && made.volume === volume) await work.volume.remove(volume);
    const own = { machine: plan.to, volume };
    if (!(await work.volume.exists(volume))) {
      progress.note({ made: own });
      await work.volume.make(source);
    }
    const { free, empty } = await work.volume.look(volume);
    if (!empty) throw notEmpty(plan, volume);
    if (free < needed) throw tooLittle(plan, free, needed);
    progress.note({ made: own });
  }

  private async succeed(): Promise<MoveRecord> {
    const { progress, plan } = this;
    const { work, host, hold, routes } = this.parts;
    const { cron, source } = progress.state;
    if (source) await work.letIn(plan.to, source);
    await hold.end(routes);
    const troubles: string[] = [];
    if (cron) await tried(troubles, "scheduled jobs", () => host.scaleCron(cron, 1, 0));
    if (source) await tried(troubles, "the copy's containers", () => work.removeContainers(source));
    await tried(troubles, "the copy's role", () => work.dismiss(plan.to));
    progress.note({ made: undefined });
    return this.end("moved", troubles.join("\n"));
  }

  /** Puts everything back, then says why. Each part is tried, whatever becomes of the others. */
  private async undo(cause: unknown): Promise<MoveRecord> {
    const { progress } = this;
    const { work, host, hold, routes } = this.parts;
    const { source, cron, heldSince, pageSince, step } = progress.state;
    const reason = cause instanceof UserError ? cause.message : `At the step ${step}: ${messageOf(cause)}`;
    progress.report(`The database stays where it is: ${reason}`);
    const troubles: string[] = [];
    if (source) {
      // Users wait for the server; the copy is of no use any more.
      await Promise.all([
        this.isPast("switch") && tried(troubles, "the end of the server", () => work.goBack(source)),
        this.isPast("volume") && tried(troubles, "the copy's containers", () => work.removeContainers(source)),
      ]);
      if (this.isPast("freeze")) await tried(troubles, closed, () => work.letIn(source.from, source));
    }
    if (heldSince ?? pageSince) await tried(troubles, "the hold", () => hold.end(routes));
    if (cron) await tried(troubles, "the stop of scheduled jobs", () => host.scaleCron(cron, 1, 0));
    if (source && this.isPast("copy")) await tried(troubles, "the copy's role", () => work.dismiss(source.from));
    await this.removeMade(troubles);
    return this.end("failed", [reason, ...troubles].join("\n"));
  }

  private async removeMade(troubles: string[]): Promise<void> {
    const { made } = this.progress.state;
    if (made?.machine !== this.plan.to) return;
    await tried(troubles, `the volume on ${made.machine}`, async () => {
      await this.parts.work.volume.remove(made.volume);
      this.progress.note({ made: undefined });
    });
  }

  private isPast(step: MoveStep): boolean {
    return moveSteps.indexOf(this.progress.state.step) >= moveSteps.indexOf(step);
  }

  private end(result: MoveRecord["result"], reason: string): MoveRecord {
    const { plan, startedAt, source, check, heldSeconds = 0, pageSeconds, seconds } = this.progress.state;
    const { from = "", volume = "", bytes = 0, left = [] } = source ?? {};
    const record: MoveRecord = {
      ...{ id: plan.id, from, to: plan.to, result, reason, volume, bytes, left },
      ...(check ?? { compared: 0, tables: 0, rows: 0 }),
      ...{ heldSeconds, pageSeconds, seconds, startedAt, endedAt: now(), author: plan.author },
    };
    endMove(this.progress, this.folder, record);
    return record;
  }

  private get plan(): MovePlan {
    return this.progress.state.plan;
  }
}

async function tried(troubles: string[], what: string, part: () => Promise<unknown>): Promise<void> {
  try {
    await part();
  } catch (error) {
    troubles.push(`Left undone: ${what}: ${messageOf(error)}`);
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

const now = () => new Date().toISOString();

function notEmpty({ stack, to }: MovePlan, volume: string): UserError {
  return new UserError(`The database of ${stack} can't go to ${to}.`, [
    {
      path: `the volume ${volume} on ${to}`,
      expected: "none, or an empty one",
      found: "one with files in it, such as a database that was there before",
      hint: `If nothing of it is needed any more: npx odoo-stacks let-go ${stack} ${to}`,
    },
  ]);
}

function tooLittle({ stack, to }: MovePlan, free: number, needed: number): UserError {
  return new UserError(`The database of ${stack} can't go to ${to}.`, [
    {
      path: `the disk of ${to}`,
      expected: `${formatSize(needed)} free: the database, a quarter of it, and its write-ahead log`,
      found: `${formatSize(free)} free`,
      hint: "Free some space or enlarge the disk.",
    },
  ]);
}
