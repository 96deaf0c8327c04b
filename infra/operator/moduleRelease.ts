import { UserError } from "../core/errors";
import { Trial } from "../trial/trial";
import { announce } from "./announce";
import { aboutText, expectedSeconds, type Hold, isTooLong } from "./hold";
import type { Host } from "./host";
import { endModuleJob, loadOrder, ModuleJob } from "./moduleJob";
import { readOdooConf, readTrust } from "./moduleState";
import type { Situation } from "./modules";
import type { ModuleChanges, ReleasePlan, ReleaseRecord } from "./plan";
import type { Progress } from "./progress";
import { isRehearsed, leftRehearsal, rehearse } from "./rehearsal";
import { dropSet, keepSet, pruneSets } from "./sets";
import { keepChecksums } from "./situation";
import { chooseSnapshot, type Snapshot, snapshotOf } from "./snapshot";
import { markOf } from "./snapshotMark";
import { dropSnapshot, keptSnapshots } from "./snapshotsKept";
import { unanswered, warmAll, warmAssets } from "./warm";

/** Scheduled jobs under way may take this long to end before a release is given up, in seconds. */
const cronStopSeconds = 300;

/** Requests that make a new version's processes and pages ready are given up after this, in seconds. */
const warmSeconds = 60;

/** The part of a release in which the database changes: with requests held, and a way back. */
export class ModuleRelease {
  private readonly plan: ReleasePlan;
  private readonly database: { container(): Promise<string> };
  private job?: ModuleJob;

  /**
   * @param progress Of the release that it is a part of.
   * @param hold Of the same release; it is not ended here.
   */
  constructor(
    private readonly host: Host,
    private readonly progress: Progress,
    private readonly hold: Hold,
  ) {
    this.plan = progress.state.plan;
    this.database = { container: () => host.postgres() };
  }

  /**
   * Goes from the old version to the new one. When it returns, requests are answered by the new one, and nothing may be
   * undone; when it throws, {@link undo} has to follow.
   * @param before What the release starts from.
   * @param changes What is to be done.
   * @param history Earlier releases, the oldest first.
   */
  async run(before: Situation, changes: ModuleChanges, history: readonly ReleaseRecord[]): Promise<void> {
    const { plan, host, progress } = this;
    // Of a database on RDS there is neither a copy to keep nor one to try things on.
    if (!plan.remoteDatabase) await progress.step("keep", () => keepSet(plan, host));
    if (!plan.remoteDatabase && (await isRehearsed(plan, host)))
      await progress.step("rehearse", () => this.rehearse(before, changes));
    const { job, snapshot } = await progress.step("prepare", () => this.prepare(before, changes));
    const expected = expectedSeconds(changes, history, progress.state.rehearsedSeconds);
    await progress.step("announce", () => this.announce(expected));
    const cron = await host.cron();
    if (cron) await progress.step("stopCron", () => host.scaleCron(cron, 0, cronStopSeconds));
    await snapshot.settle();
    await progress.step("hold", () => this.hold.begin(expected));
    await progress.step("freeze", () => snapshot.freeze());
    progress.note({ touched: true, ...(plan.remoteDatabase ? { markedAt: new Date().toISOString() } : {}) });
    const limits = { timeoutSeconds: plan.upgradeTimeoutSeconds, allowedLogLines: plan.allowedLogLines };
    await progress.step("modules", () => job.apply(changes, limits));
    await progress.step("warm", () => this.warm(before, changes));
    progress.note({ switchedAt: new Date().toISOString() });
    await progress.step("route", () => host.route(plan.routes));
    // Past this line users see the new version: what they do must not be undone.
    progress.note({ step: "released" });
  }

  /** After success: keeps the copy of the database as a part of the set, and forgets the oldest sets. */
  async keep(): Promise<void> {
    const { plan, database } = this;
    const snapshot = this.snapshot();
    if (!snapshot || snapshot.kind === "mark") return;
    await (plan.keepSets > 0 ? snapshot.keep(plan.id) : snapshot.discard());
    const kept = new Set((await keptSnapshots(database)).map(({ id }) => id));
    for (const id of pruneSets(plan)) if (kept.has(id)) await dropSnapshot(database, id);
  }

  /**
   * Puts everything back, also for another process that was interrupted.
   * @param attempt Carries a part out; one that fails does not keep the others from being tried.
   */
  async undo(attempt: (what: string, part: () => Promise<void>) => Promise<boolean>): Promise<void> {
    const { job } = this;
    if (leftRehearsal(this.progress.state)) await attempt("the rehearsal's copy", () => Trial.remove(this.plan.stack));
    await attempt("the change of modules", () => (job ? job.cancel() : endModuleJob(this.plan.stack)));
    const snapshot = this.snapshot();
    if (snapshot) {
      if (this.progress.state.touched) this.progress.report("Putting the database back as it was.");
      const isBack = !this.progress.state.touched || (await attempt("the database", () => snapshot.undo()));
      if (isBack) await attempt("the copy of the database", () => snapshot.discard());
    }
    dropSet(this.plan.id);
  }

  /** The copy of the database that this process made, or another one before it. */
  private snapshot(): Snapshot | undefined {
    const { snapshot, markedAt } = this.progress.state;
    return snapshot === "mark" ? markOf(markedAt) : snapshot && snapshotOf(this.database, snapshot);
  }

  /** All that takes long, while users go on working: the copy is begun, the new code loaded, its pages made. */
  private async prepare(before: Situation, changes: ModuleChanges): Promise<{ job: ModuleJob; snapshot: Snapshot }> {
    const { plan, host, progress } = this;
    const [target] = await host.warmTargets();
    if (!target) throw new Error("the new version has no web container");
    const snapshot = plan.remoteDatabase ? markOf(undefined) : await chooseSnapshot(this.database, plan.snapshot);
    progress.note({ snapshot: snapshot.kind });
    const args = {
      stack: plan.stack,
      image: plan.image.id,
      network: plan.network,
      filestore: plan.volumes.filestore,
      odooConf: await readOdooConf(target.container),
      ...(plan.remoteDatabase ? { trust: await readTrust(target.container) } : {}),
      load: loadOrder([...before.installed.keys(), ...changes.install], before.inImage),
    };
    const givenUp = new AbortController();
    const orGiveUp = (part: Promise<unknown>) =>
      part.catch((error: unknown) => {
        givenUp.abort();
        throw error;
      });
    const postgres = await host.postgres();
    const work = await Promise.allSettled([
      orGiveUp(ModuleJob.prepare(args, progress.report).then((job) => (this.job = job))),
      orGiveUp(snapshot.prepare(progress.report)),
      // Pages whose parts come with the upgrade can't be made yet: those are made when somebody asks for them.
      host.webIsHealthy(givenUp.signal).then(() => warmAssets(target, postgres, plan.database, warmSeconds)),
    ]);
    for (const part of work) if (part.status === "rejected") throw part.reason;
    if (!this.job) throw new Error("the job is not ready");
    return { job: this.job, snapshot };
  }

  private async rehearse(before: Situation, changes: ModuleChanges): Promise<void> {
    const { plan, host, progress } = this;
    progress.note({ rehearsedSeconds: await rehearse(plan, host, before, changes, progress.report) });
  }

  /** @param expected How long it will take, in seconds; undefined where nobody knows. */
  private async announce(expected?: number): Promise<void> {
    const { plan, host, progress } = this;
    const message =
      expected !== undefined && isTooLong(expected, plan.maxHoldSeconds)
        ? `Odoo will be away for ${aboutText(expected)}. Save what you are at.`
        : "Pages may take some seconds to answer. You can go on working.";
    const announcement = { title: "A new version comes", message };
    await announce(await host.postgres(), plan.database, announcement, progress.report);
  }

  /** Has each process of the new version read the changed models, and keeps what the modules were made from. */
  private async warm(before: Situation, changes: ModuleChanges): Promise<void> {
    const [warmed] = await Promise.all([
      warmAll(await this.host.warmTargets(), this.plan.workers, warmSeconds),
      keepChecksums(this.host, this.plan, before, changes),
    ]);
    const failed = unanswered(warmed);
    if (!failed) return;
    // A version whose login page fails is not one to send people to.
    throw new UserError("The new version answers no request.", [
      { path: "/web/login", expected: "a page", found: failed.failures[0] ?? "nothing" },
    ]);
  }
}
