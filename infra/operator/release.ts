import type { Report } from "../core/report";
import * as proxy from "../commands/proxy";
import { announce } from "./announce";
import { Host } from "./host";
import type { Journal, JournalState, StepName } from "./journal";
import { findFailures, readLogs } from "./logs";
import { applyModules, changesOf, isEmpty } from "./modules";
import type { ModuleChanges, ReleasePlan, ReleaseRecord } from "./plan";
import { keepSet, pruneSets } from "./sets";
import { chooseSnapshot, type Snapshot, snapshotOf } from "./snapshot";
import { warm } from "./warm";

/** Requests under way when a hold begins may take this long, in seconds; new ones wait meanwhile. */
const drainSeconds = 15;

/** Scheduled jobs under way may take this long to end before a release is given up, in seconds. */
const cronStopSeconds = 300;

const none: ModuleChanges = { install: [], upgrade: [], uninstall: [] };

/** What goes wrong in a release; the database and the routes are as before when it is thrown. */
export class ReleaseFailed extends Error {}

/**
 * One release of an environment: from the plan to its record in the history. Every step is written down before it begins,
 * so that another process can take it up or undo it.
 */
export class Release {
  private readonly host: Host;
  private snapshot?: Snapshot;

  private constructor(
    private state: JournalState,
    private readonly journal: Journal,
    private readonly report: Report,
  ) {
    this.host = new Host(state.plan);
  }

  /** A release that begins now. */
  static begin(plan: ReleasePlan, journal: Journal, report: Report): Release {
    const state: JournalState = { plan, startedAt: now(), step: "check", touched: false, seconds: {} };
    journal.write(state);
    return new Release(state, journal, report);
  }

  /** A release that another process began and did not end. */
  static resume(state: JournalState, journal: Journal, report: Report): Release {
    return new Release(state, journal, report);
  }

  /** Carries it out. Whatever fails before the switch is undone, and the old version goes on serving. */
  async run(): Promise<ReleaseRecord> {
    try {
      const changes = await this.step("decide", () => changesOf(this.plan, this.host));
      this.note({ changes });
      this.report(describe(changes));
      if (isEmpty(changes)) await this.switchOver();
      else await this.change(changes);
    } catch (error) {
      return this.fail(error);
    }
    return this.succeed();
  }

  /** Brings a release that was interrupted to an end: past the switch it is finished, before it is undone. */
  async recover(): Promise<ReleaseRecord> {
    this.report(`A release was interrupted at the step ${this.state.step}.`);
    if (this.state.step === "released") return this.succeed();
    return this.fail(new ReleaseFailed(`It was interrupted at the step ${this.state.step}.`));
  }

  /** Code only: the database stays, so that requests can go back to the old version as long as nobody complained. */
  private async switchOver(): Promise<void> {
    this.note({ switchedAt: now() });
    await this.step("route", () => this.host.route(this.plan.routes));
    const failures = await this.step("logs", () => this.failuresInLog());
    if (failures.length > 0) throw new ReleaseFailed(inLog(failures));
    this.note({ step: "released" });
  }

  /** The part in which the database changes: with requests held, and a way back. */
  private async change(changes: ModuleChanges): Promise<void> {
    const { plan, host } = this;
    await this.step("keep", () => keepSet(plan, host));
    this.snapshot = await this.step("prepare", async () => {
      const snapshot = await chooseSnapshot(host, plan.snapshot);
      this.note({ snapshot: snapshot.kind });
      await snapshot.prepare();
      return snapshot;
    });
    await this.step("announce", () => announce(host, plan, this.report));
    const cron = await host.cron();
    if (cron) await this.step("stopCron", () => host.scaleCron(cron, 0, cronStopSeconds));
    await this.step("hold", () => this.hold());
    await this.step("freeze", () => this.requireSnapshot().freeze());
    this.note({ touched: true });
    await this.step("modules", () => applyModules(plan, host, changes, this.report));
    await this.step("warm", () => warm(host, plan));
    this.note({ switchedAt: now() });
    await this.step("route", () => host.route(plan.routes));
    // Past this line users see the new version: what they do must not be undone.
    this.note({ step: "released" });
    await host.resume();
    this.noteHold();
  }

  private async hold(): Promise<void> {
    const [web] = this.plan.routes;
    if (!web) return;
    this.note({ heldSince: now() });
    await this.host.inProxy(proxy.pause(web.name, this.plan.maxHoldSeconds, drainSeconds), drainSeconds + 30);
  }

  private async succeed(): Promise<ReleaseRecord> {
    const { plan } = this;
    await this.host.resume();
    this.noteHold();
    if (this.state.snapshot) {
      const snapshot = this.snapshot ?? snapshotOf(this.host, this.state.snapshot);
      await (plan.keepSets > 0 ? snapshot.keep(plan.id) : snapshot.discard());
      for (const set of pruneSets(plan)) await this.host.dropDatabaseOf(set);
    }
    await this.restartCron();
    this.journal.writeRoutes(plan.routes);
    // Users work with the new version already, so that what is found now is told and not undone.
    const failures = isEmpty(this.state.changes ?? none) ? [] : await this.failuresInLog();
    return this.end(failures.length > 0 ? inLog(failures) : "");
  }

  private async failuresInLog(): Promise<readonly string[]> {
    const lines = await readLogs([await this.host.web()], this.state.switchedAt ?? this.state.startedAt);
    return findFailures(lines, this.plan.allowedLogLines);
  }

  /** Puts everything back, then says why. Each part is tried, whatever becomes of the others. */
  private async fail(cause: unknown): Promise<ReleaseRecord> {
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.report(`The release failed: ${reason}`);
    const troubles: string[] = [];
    const attempt = (what: string, undo: () => Promise<void>) =>
      undo().catch((error: unknown) =>
        troubles.push(`${what}: ${error instanceof Error ? error.message : String(error)}`),
      );
    if (this.state.snapshot) {
      const snapshot = this.snapshot ?? snapshotOf(this.host, this.state.snapshot);
      if (this.state.touched) {
        this.report("Putting the database back as it was.");
        await attempt("the database", () => snapshot.undo());
      }
      await attempt("the snapshot", () => snapshot.discard());
    }
    const routes = this.state.switchedAt && this.journal.routes();
    if (routes) await attempt("the routes", () => this.host.route(routes));
    await attempt("the proxy", () => this.host.resume());
    this.noteHold();
    await attempt("scheduled jobs", () => this.restartCron(true));
    return this.end([reason, ...troubles.map((trouble) => `Not undone: ${trouble}`)].join("\n"));
  }

  /** Scheduled jobs run again, unless Pulumi starts them with the new version next. */
  private async restartCron(always = false): Promise<void> {
    const service = await this.host.cron();
    if (service && (always || (await this.host.cronIsCurrent(service)))) await this.host.scaleCron(service, 1, 0);
  }

  private end(reason: string): ReleaseRecord {
    const { plan, startedAt, seconds, changes, heldSeconds } = this.state;
    const released = this.state.step === "released";
    const record: ReleaseRecord = {
      id: plan.id,
      image: plan.image,
      modules: changes ?? none,
      startedAt,
      endedAt: now(),
      result: released ? "released" : "failed",
      reason,
      seconds,
      heldSeconds: heldSeconds ?? 0,
      set: released && this.state.snapshot !== undefined && plan.keepSets > 0,
      override: plan.override,
      author: plan.author,
    };
    this.journal.end(this.state, record);
    return record;
  }

  private get plan(): ReleasePlan {
    return this.state.plan;
  }

  private requireSnapshot(): Snapshot {
    if (!this.snapshot) throw new Error("there is no snapshot");
    return this.snapshot;
  }

  private note(changed: Partial<JournalState>): void {
    this.state = { ...this.state, ...changed };
    this.journal.write(this.state);
  }

  private noteHold(): void {
    const { heldSince, heldSeconds } = this.state;
    if (heldSince && heldSeconds === undefined) this.note({ heldSeconds: (Date.now() - Date.parse(heldSince)) / 1000 });
  }

  private async step<T>(step: StepName, action: () => Promise<T>): Promise<T> {
    this.note({ step });
    this.report(step);
    const start = performance.now();
    try {
      return await action();
    } finally {
      this.note({ seconds: { ...this.state.seconds, [step]: (performance.now() - start) / 1000 } });
    }
  }
}

const inLog = (failures: readonly string[]) => `The log has errors since the switch:\n${failures.join("\n")}`;

const now = () => new Date().toISOString();

function describe({ install, upgrade, uninstall }: ModuleChanges): string {
  const parts = [
    install.length > 0 ? `install ${install.join(", ")}` : "",
    upgrade.length > 0 ? `upgrade ${upgrade.join(", ")}` : "",
    uninstall.length > 0 ? `uninstall ${uninstall.join(", ")}` : "",
  ].filter(Boolean);
  return parts.length > 0 ? `Modules: ${parts.join("; ")}.` : "No module changes: requests are switched over.";
}
