import { join } from "node:path";
import * as proxy from "../commands/proxy";
import type { Report } from "../core/report";
import { Host } from "./host";
import { type Journal, readJson, writeDurably } from "./journal";
import type { Author, ReleasePlan, ReleaseRecord } from "./plan";
import { restoreFilestore } from "./sets";
import { useSnapshot } from "./snapshotsKept";
import { undo } from "./snapshotUndo";

/** What is put back. Handed over as JSON. */
export interface RestorePlan {
  /** Time and a random part, as a release has it. */
  readonly id: string;
  /** The release before which the set was kept. */
  readonly set: string;
  /** The environment's last release: it says where everything is. */
  readonly release: ReleasePlan;
  /** Whether a release of another version follows, which starts scheduled jobs itself: with the version that fits the data. */
  readonly versionFollows: boolean;
  readonly author: Author;
}

/** How far it is, for an operator that takes it up after a crash. */
interface RestoreState {
  readonly id: string;
  readonly startedAt: string;
  /** Whether the set's database has been copied to where it can be put in place. */
  readonly copied: boolean;
}

/** Requests under way may take this long to end, in seconds. */
const drainSeconds = 15;
/** Scheduled jobs under way may take this long to end, in seconds. */
const cronStopSeconds = 300;
/** PostgreSQL may take this long to come up on the data that was put back, in seconds. */
const undoSeconds = 600;

/** What users read meanwhile. */
const message = "An earlier state of the data is being put back.";

/**
 * Puts the database and the files of a set back. All that has come since is gone afterwards; what was there stays in
 * PostgreSQL's volume until the next release. Run again after a crash, it goes on where it was.
 * @param folder Where the volume of the releases is mounted.
 */
export async function restore(
  plan: RestorePlan,
  journal: Journal,
  folder: string,
  report: Report,
): Promise<ReleaseRecord> {
  const done = journal.history().find(({ id }) => id === plan.id);
  if (done) return done;
  const file = join(folder, "restore.json");
  const earlier = readJson(file) as RestoreState | undefined;
  const state = earlier?.id === plan.id ? earlier : { id: plan.id, startedAt: now(), copied: false };
  const keep = (changed: RestoreState) => writeDurably(file, JSON.stringify(changed));
  try {
    const heldSeconds = await putBack(plan, state, keep, report);
    return end(plan, state, journal, {
      result: "restored",
      reason: `The data is as before release ${plan.set}.`,
      heldSeconds,
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    report(`The data could not be put back: ${reason}`);
    return end(plan, state, journal, { result: "failed", reason, heldSeconds: 0 });
  }
}

/** Does it, with requests answered by the maintenance page; returns for how long, in seconds. */
async function putBack(
  plan: RestorePlan,
  state: RestoreState,
  keep: (state: RestoreState) => void,
  report: Report,
): Promise<number> {
  const host = new Host(plan.release, report);
  const database = { container: () => host.postgres() };
  if (!state.copied) {
    report("Copying the data of the set.");
    await useSnapshot(database, plan.set);
    keep({ ...state, copied: true });
  }
  const [web] = plan.release.routes;
  const cron = await host.cron();
  const held = performance.now();
  try {
    report("Showing the maintenance page.");
    if (web) await host.inProxy(proxy.stop(web.name, message, drainSeconds), drainSeconds + 30);
    report("Waiting for scheduled jobs to end.");
    if (cron) await host.scaleCron(cron, 0, cronStopSeconds);
    report("Putting the database back.");
    await undo(database, undoSeconds);
    await restoreFilestore(plan.release, plan.set);
  } finally {
    await host.resume(plan.release.routes);
  }
  if (cron && !plan.versionFollows) await host.scaleCron(cron, 1, 0);
  return (performance.now() - held) / 1000;
}

function end(
  { id, release, author }: RestorePlan,
  { startedAt }: RestoreState,
  journal: Journal,
  outcome: Pick<ReleaseRecord, "result" | "reason" | "heldSeconds">,
): ReleaseRecord {
  const record: ReleaseRecord = {
    id,
    image: release.image,
    modules: { install: [], upgrade: [], uninstall: [] },
    startedAt,
    endedAt: now(),
    seconds: {},
    set: false,
    author,
    ...outcome,
  };
  journal.end({ plan: { ...release, id }, startedAt, step: "released", touched: true, seconds: {} }, record);
  return record;
}

const now = () => new Date().toISOString();
