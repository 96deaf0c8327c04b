import type { Report } from "../core/report";
import { CopySwitch } from "./copy/release";
import { alone, FilesMove } from "./files/move";
import { Hold } from "./hold";
import { Host } from "./host";
import type { Journal, JournalState } from "./journal";
import { describeFailure, findFailures, readLogs } from "./logs";
import { ModuleRelease } from "./moduleRelease";
import { decideChanges, isEmpty, type Situation } from "./modules";
import type { ModuleChanges, ReleasePlan, ReleaseRecord } from "./plan";
import { Progress } from "./progress";
import { keepChecksums, readSituation } from "./situation";
import { isLeftChanged, keepClosed, requireWayBack } from "./snapshotMark";
import { warmAll } from "./warm";
import { endWatch, startWatch } from "./watch";

/** Where the volume of the releases is mounted. */
const folder = "/releases";

const none: ModuleChanges = { install: [], upgrade: [], uninstall: [] };

/** Requests that make a new version's processes ready are given up after this, in seconds; users then wait for them. */
const warmSeconds = 20;

/** What goes wrong in a release; the database and the routes are as before when it is thrown. */
export class ReleaseFailed extends Error {}

/** One release of an environment: from the plan to its record in the history. */
export class Release {
  private readonly host: Host;
  private readonly hold: Hold;
  private readonly modules: ModuleRelease;
  private readonly copy: CopySwitch;
  private readonly files: FilesMove;

  private constructor(
    private readonly progress: Progress,
    private readonly journal: Journal,
  ) {
    this.host = new Host(progress.state.plan, progress.report);
    this.hold = new Hold(this.host, progress);
    this.modules = new ModuleRelease(this.host, progress, this.hold);
    this.copy = new CopySwitch(this.host, progress, this.hold);
    this.files = new FilesMove(this.host, progress, this.hold);
  }

  /** A release that begins now. */
  static begin(plan: ReleasePlan, journal: Journal, report: Report): Release {
    return Release.resume({ plan, startedAt: now(), step: "check", touched: false, seconds: {} }, journal, report);
  }

  /** A release that another process began and did not end. */
  static resume(state: JournalState, journal: Journal, report: Report): Release {
    return new Release(new Progress(state, (known) => journal.write(known), report), journal);
  }

  /** Carries it out. Whatever fails before the switch is undone, and the old version goes on serving. */
  async run(): Promise<ReleaseRecord> {
    try {
      // What is done now shows in the logs of the version that serves.
      await endWatch(this.plan.stack);
      if (await this.files.isDue()) await this.move();
      else if (await this.copy.isDue()) await this.copy.run();
      else await this.change();
    } catch (error) {
      return this.fail(error);
    }
    return this.succeed();
  }

  /** Has the files go to another place, and nothing else: what fails has one thing to undo. */
  private async move(): Promise<void> {
    const { progress, plan, files } = this;
    await files.requireReady(this.journal.history());
    if (await this.copy.isDue()) throw alone(plan.stack, `a switch to the copy ${plan.copy ?? ""}`);
    const changes = decideChanges(await progress.step("decide", () => readSituation(this.host, plan)), plan);
    if (!isEmpty(changes)) throw alone(plan.stack, describe(changes));
    progress.note({ changes });
    await files.run();
  }

  /** Brings code and modules to the new version; the data is the environment's own. */
  private async change(): Promise<void> {
    const { progress, plan } = this;
    const situation = await progress.step("decide", () => readSituation(this.host, plan));
    const changes = decideChanges(situation, plan);
    progress.note({ changes });
    progress.report(describe(changes));
    if (!isEmpty(changes) && plan.remoteDatabase) requireWayBack(plan);
    if (isEmpty(changes)) await this.switchOver(situation);
    else await this.modules.run(situation, changes, this.journal.history());
  }

  /** Brings a release that was interrupted to an end: past the switch it is finished, before it is undone. */
  async recover(): Promise<ReleaseRecord> {
    const { step } = this.progress.state;
    this.progress.report(`A release was interrupted at the step ${step}.`);
    if (step === "released") return this.succeed();
    this.hold.watch();
    return this.fail(new ReleaseFailed(`It was interrupted at the step ${step}.`));
  }

  /** Code only: the database stays, so that requests can go back to the old version as long as nobody complained. */
  private async switchOver(before: Situation): Promise<void> {
    const { progress, plan } = this;
    await progress.step("health", () => this.host.webIsHealthy());
    // The first to be sent to a process that has not read its models yet would wait for that.
    await progress.step("warm", async () => warmAll(await this.host.warmTargets(), plan.workers, warmSeconds));
    progress.note({ switchedAt: now() });
    await progress.step("route", () => this.host.route(plan.routes));
    const failures = await progress.step("logs", () => this.failuresInLog());
    if (failures.length > 0) throw new ReleaseFailed(inLog(failures));
    await keepChecksums(this.host, plan, before, none);
    progress.note({ step: "released" });
  }

  private async succeed(): Promise<ReleaseRecord> {
    await this.hold.end(this.plan.routes);
    await this.modules.keep();
    await this.copy.keep();
    await this.files.keep();
    const { files, changes = none } = this.progress.state;
    // Those of an environment whose files have moved are at the old place until Pulumi starts them at the new one.
    if (!files) await this.restartCron();
    this.journal.writeRoutes(this.plan.routes);
    // Users work with the new version already, so that what is found now is told and not undone.
    const failures = isEmpty(changes) && !files ? [] : await this.failuresInLog();
    if (failures.length === 0) await this.watch();
    return this.end(failures.length > 0 ? inLog(failures) : "");
  }

  /** Has the logs watched from now on. The release is made, with or without. */
  private async watch(): Promise<void> {
    const { switchedAt, startedAt } = this.progress.state;
    try {
      await startWatch(this.plan, switchedAt ?? startedAt);
    } catch (error) {
      this.progress.report(`The logs are not watched: ${messageOf(error)}`);
    }
  }

  /** Puts everything back, then says why. Each part is tried, whatever becomes of the others. */
  private async fail(cause: unknown): Promise<ReleaseRecord> {
    const { progress, host } = this;
    const reason = messageOf(cause);
    progress.report(`The release failed: ${reason}`);
    const troubles: string[] = [];
    const attempt = async (what: string, part: () => Promise<void>): Promise<boolean> => {
      try {
        await part();
        return true;
      } catch (error) {
        troubles.push(`Not undone: ${what}: ${messageOf(error)}`);
        return false;
      }
    };
    const { copy, files } = progress.state;
    await (files ? this.files : copy ? this.copy : this.modules).undo(attempt);
    const closed = isLeftChanged(progress.state);
    if (closed) {
      await attempt("the old version's way to users", () =>
        keepClosed(this.plan, this.journal, folder, progress.report),
      );
    }
    const before = this.journal.routes();
    if (before && progress.state.switchedAt) await attempt("the routes", () => host.route(before));
    await attempt("the hold", () => this.hold.end(before ?? this.plan.routes));
    if (!closed) await attempt("the stop of scheduled jobs", () => this.restartCron(true));
    return this.end([reason, ...troubles].join("\n"));
  }

  private async failuresInLog(): Promise<readonly string[]> {
    const { switchedAt, startedAt } = this.progress.state;
    const logs = await readLogs(await this.host.webs(), new Date(switchedAt ?? startedAt));
    const failures = logs.flatMap(({ lines }) => findFailures(lines, this.plan.allowedLogLines));
    return failures.map((failure) => describeFailure(failure));
  }

  /** Scheduled jobs run again, unless Pulumi starts them with the new version next. */
  private async restartCron(always = false): Promise<void> {
    const service = await this.host.cron();
    if (service && (always || (await this.host.cronIsCurrent(service)))) await this.host.scaleCron(service, 1, 0);
  }

  private end(reason: string): ReleaseRecord {
    const { plan, startedAt, step, snapshot, seconds, changes, heldSeconds, pageSeconds, rehearsedSeconds } =
      this.progress.state;
    const { copy, files } = this.progress.state;
    const released = step === "released";
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
      pageSeconds,
      rehearsedSeconds,
      set: released && snapshot !== undefined && snapshot !== "mark" && plan.keepSets > 0,
      copy,
      files,
      override: plan.override,
      author: plan.author,
    };
    this.journal.end(this.progress.state, record);
    return record;
  }

  private get plan(): ReleasePlan {
    return this.progress.state.plan;
  }
}

const inLog = (failures: readonly string[]) => `The log has errors since the switch:\n${failures.join("\n")}`;

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

const now = () => new Date().toISOString();

function describe({ install, upgrade, uninstall }: ModuleChanges): string {
  const parts = [
    install.length > 0 ? `install ${install.join(", ")}` : "",
    upgrade.length > 0 ? `upgrade ${upgrade.join(", ")}` : "",
    uninstall.length > 0 ? `uninstall ${uninstall.join(", ")}` : "",
  ].filter(Boolean);
  return parts.length > 0 ? `Modules: ${parts.join("; ")}.` : "No module changes: requests are switched over.";
}
