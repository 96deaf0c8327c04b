import * as proxy from "../commands/proxy";
import type { Report } from "../core/report";
import type { Host } from "./host";
import type { JournalState } from "./journal";
import type { ModuleChanges, ReleasePlan, ReleaseRecord } from "./plan";

/** Requests under way when a hold begins may take this long, in seconds; new ones wait meanwhile. */
const drainSeconds = 15;

/** Node's timers take no more, in milliseconds: 24 days. */
const longestTimer = 2 ** 31 - 1;

/** What a hold is a part of: it remembers since when requests are kept from Odoo, also over a crash. */
export interface HoldProgress {
  readonly state: Pick<JournalState, "heldSince" | "heldSeconds" | "pageSince" | "pageSeconds"> & {
    readonly plan: Pick<ReleasePlan, "routes" | "maxHoldSeconds">;
  };
  readonly report: Report;
  /** Writes down what has become known. */
  note(changed: Partial<Pick<JournalState, "heldSince" | "pageSince">>): void;
  /** Notes how long it was, once requests go on. */
  noteHold(): void;
}

/**
 * Keeps requests from Odoo while its database changes: they are held, or users see the maintenance page where that would take
 * too long, or turns out to. The proxy remembers both over a restart, so that {@link end} has to follow whatever happens.
 */
export class Hold {
  private timer?: NodeJS.Timeout;
  private switching: Promise<unknown> = Promise.resolve();
  /** When it is expected to be over; undefined where nobody knows. */
  private backAt?: Date;

  constructor(
    private readonly host: Pick<Host, "inProxy" | "resume" | "proxyStartedAfter">,
    private readonly progress: HoldProgress,
  ) {}

  /**
   * Begins it; returns when no request is under way.
   * @param expectedSeconds How long it will take; undefined where nobody knows.
   */
  async begin(expectedSeconds?: number): Promise<void> {
    const { routes, maxHoldSeconds } = this.progress.state.plan;
    const [web] = routes;
    if (!web) return;
    if (expectedSeconds !== undefined) this.backAt = new Date(Date.now() + expectedSeconds * 1000);
    if (isTooLong(expectedSeconds, maxHoldSeconds)) return this.showPage(expectedSeconds);
    this.progress.note({ heldSince: now() });
    this.watch(expectedSeconds);
    await this.host.inProxy(proxy.pause(web.name, maxHoldSeconds, drainSeconds), drainSeconds + 30);
  }

  /** Sees to it that held requests get the page before the proxy gives them up; also those that another process held. */
  watch(expectedSeconds?: number): void {
    const { heldSince, heldSeconds, pageSince, plan } = this.progress.state;
    if (!heldSince || heldSeconds !== undefined || pageSince) return;
    const left = Date.parse(heldSince) + pageAfter(plan.maxHoldSeconds) * 1000 - Date.now();
    this.timer = setTimeout(
      () => {
        this.progress.report("Requests have been held long enough.");
        this.switching = this.showPage(expectedSeconds).catch((error: unknown) => {
          this.progress.report(`The maintenance page can't be shown: ${String(error)}`);
        });
      },
      Math.min(Math.max(0, left), longestTimer),
    );
  }

  /**
   * Lets requests go on.
   * @param routes Where they lead now.
   */
  async end(routes: ReleasePlan["routes"]): Promise<void> {
    clearTimeout(this.timer);
    // Otherwise the page could come after the end, and stay.
    await this.switching;
    try {
      await this.host.resume(routes, this.progress.state.heldSince);
    } finally {
      this.progress.noteHold();
    }
  }

  private async showPage(expectedSeconds?: number): Promise<void> {
    const [web] = this.progress.state.plan.routes;
    if (!web) return;
    const { heldSince } = this.progress.state;
    if (heldSince && (await this.host.proxyStartedAfter(heldSince))) {
      this.progress.report("The proxy was started again: it gives requests up one by one.");
      return;
    }
    const message = pageMessage(new Date(), this.backAt, expectedSeconds);
    this.progress.report(`Users see the maintenance page: ${message}`);
    this.progress.note({ pageSince: now() });
    await this.host.inProxy(proxy.stop(web.name, message, drainSeconds), drainSeconds + 30, heldSince);
  }
}

const now = () => new Date().toISOString();

/** Whether users see the page from the beginning. */
export const isTooLong = (expectedSeconds: number | undefined, maxHoldSeconds: number): boolean =>
  expectedSeconds !== undefined && expectedSeconds > maxHoldSeconds;

/** After how long held requests get the page: 2 s before the proxy would give the first of them up. In seconds. */
export const pageAfter = (maxHoldSeconds: number): number => Math.max(maxHoldSeconds / 2, maxHoldSeconds - 2);

/**
 * How long a change of modules will keep requests from Odoo, in seconds: as long as on the copy, else as long as the last
 * release took that changed at least the same modules. Undefined where there is neither.
 * @param changes What is to be done.
 * @param history Earlier releases, the oldest first.
 * @param rehearsedSeconds How long it took on a copy.
 */
export function expectedSeconds(
  changes: ModuleChanges,
  history: readonly ReleaseRecord[],
  rehearsedSeconds?: number,
): number | undefined {
  if (rehearsedSeconds !== undefined) return rehearsedSeconds;
  const covers = ({ modules }: ReleaseRecord) =>
    (["install", "upgrade", "uninstall"] as const).every((kind) =>
      changes[kind].every((module) => modules[kind].includes(module)),
    );
  const like = history.findLast((record) => record.result === "released" && covers(record));
  if (!like) return undefined;
  const { freeze = 0, modules = 0, warm = 0 } = like.seconds;
  return freeze + modules + warm;
}

/** `about 40 seconds`, `about 3 minutes`: rounded up. */
export function aboutText(seconds: number): string {
  if (seconds <= 90) return `about ${Math.max(1, Math.ceil(seconds / 10)) * 10} seconds`;
  return `about ${Math.ceil(seconds / 60)} minutes`;
}

/**
 * What users read on the page. It stays the same while the page is there, so that it names a time and not what is left.
 * @param at When they begin to see it.
 * @param backAt When Odoo is expected back, if anybody knows.
 * @param seconds How long it takes in all.
 */
export function pageMessage(at: Date, backAt?: Date, seconds = 0): string {
  if (!backAt) return "Odoo is being updated.";
  if (backAt <= at) return "Odoo is being updated. This takes longer than expected.";
  const minute = new Date(Math.ceil(backAt.getTime() / 60_000) * 60_000).toISOString().slice(11, 16);
  return `Odoo is being updated, which takes ${aboutText(seconds)}. Expected to be back at about ${minute} UTC.`;
}
