import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../core/errors";
import { announce } from "../announce";
import type { Hold } from "../hold";
import type { Host } from "../host";
import type { Progress } from "../progress";
import { unanswered, warmAll } from "../warm";
import { copyFolders } from "./plan";
import { readCopies, writeCopy } from "./record";
import { copyState, putInPlace, settle, takeOut } from "./switch";

/** Scheduled jobs under way may take this long to end before a switch is given up, in seconds. */
const cronStopSeconds = 300;
/** Requests that make processes read the copied database are given up after this, in seconds. */
const warmSeconds = 60;

/**
 * The part of a release in which an environment goes over to a copy of another one: made and secured before, it takes the
 * place of the data with requests held, and goes out again when no page comes of it.
 */
export class CopySwitch {
  private readonly database: { container(): Promise<string> };

  /**
   * @param progress Of the release that it is a part of.
   * @param hold Of the same release; it is not ended here.
   */
  constructor(
    private readonly host: Host,
    private readonly progress: Progress,
    private readonly hold: Hold,
  ) {
    this.database = { container: () => host.postgres() };
  }

  /**
   * Whether the plan's copy waits.
   * @throws UserError when the data is neither of that copy, nor is it there.
   */
  async isDue(): Promise<boolean> {
    const { copy, stack, remoteDatabase } = this.progress.state.plan;
    // On RDS the new containers are on the copy already: there is nothing to go over but requests.
    if (!copy || remoteDatabase) return false;
    const { current, incoming } = await copyState(this.database);
    if (current === copy) return false;
    if (incoming === copy) return true;
    throw new UserError("The copy to switch to is not there any more.", [
      {
        path: `copy ${copy}`,
        expected: "one that waits beside the data",
        found: incoming || "none",
        hint: `Make another one: npx odoo-stacks refresh-staging -s ${stack}`,
      },
    ]);
  }

  /** Goes over to it. When it returns, requests are answered from the copy; when it throws, {@link undo} has to follow. */
  async run(): Promise<void> {
    const { host, progress } = this;
    const { plan } = progress.state;
    const id = plan.copy ?? "";
    progress.report(`The data goes over to the copy ${id}.`);
    await progress.step("health", () => host.webIsHealthy());
    await progress.step("announce", () => this.announce());
    const cron = await host.cron();
    if (cron) await progress.step("stopCron", () => host.scaleCron(cron, 0, cronStopSeconds));
    await progress.step("hold", () => this.hold.begin());
    progress.note({ copy: id });
    await progress.step("data", () => putInPlace(this.database, plan.database, id));
    progress.note({ switchedAt: new Date().toISOString() });
    await progress.step("warm", () => this.warm());
    await progress.step("route", () => host.route(plan.routes));
    // Past this line users work with the copy: what they do must not be undone.
    progress.note({ step: "released" });
  }

  /** After success: notes that the data is of the copy now, and lets go of what was there before, or keeps it. */
  async keep(): Promise<void> {
    const { copy, plan, switchedAt } = this.progress.state;
    if (plan.copy && plan.remoteDatabase) {
      this.keepOnRds(plan.copy);
      return;
    }
    if (!copy) return;
    const record = readCopies(copyFolders.own.releases).find(({ id }) => id === copy);
    if (record) writeCopy(copyFolders.own.releases, { ...record, switchedAt });
    await settle(this.database, copy, plan.keepFormer ?? 0);
  }

  /** Notes the same of a copy on RDS; the files of databases before it go, as their instances do when Pulumi has come to its end. */
  private keepOnRds(copy: string): void {
    const { progress } = this;
    const { plan, switchedAt } = progress.state;
    const { own } = copyFolders;
    const record = readCopies(own.releases).find(({ id }) => id === copy);
    if (record && record.switchedAt === undefined) {
      progress.note({ copy });
      writeCopy(own.releases, { ...record, switchedAt });
    }
    const folder = join(own.files, "filestore");
    const others = existsSync(folder) ? readdirSync(folder).filter((name) => name !== plan.database) : [];
    for (const name of others) rmSync(join(folder, name), { recursive: true, force: true });
  }

  /** Puts back what was there before, also for another process that was interrupted. */
  async undo(attempt: (what: string, part: () => Promise<void>) => Promise<boolean>): Promise<void> {
    const { copy, plan } = this.progress.state;
    if (!copy) return;
    this.progress.report("Putting back the data that was there before.");
    await attempt("the data", () => takeOut(this.database, plan.database, copy));
  }

  private async announce(): Promise<void> {
    const { plan, report } = { plan: this.progress.state.plan, report: this.progress.report };
    const message = "All data here is about to be replaced by a fresh copy. What you are at will be gone.";
    await announce(await this.host.postgres(), plan.database, { title: "Fresh data comes", message }, report);
  }

  private async warm(): Promise<void> {
    const { workers } = this.progress.state.plan;
    const failed = unanswered(await warmAll(await this.host.warmTargets(), workers, warmSeconds));
    if (!failed) return;
    throw new UserError("No page comes of the copied data.", [
      { path: "/web/login", expected: "a page", found: failed.failures[0] ?? "nothing" },
    ]);
  }
}
