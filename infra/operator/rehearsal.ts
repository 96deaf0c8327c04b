import { containerAt } from "../commands/docker";
import { UserError } from "../core/errors";
import type { Report } from "../core/report";
import { Trial } from "../trial/trial";
import type { Host } from "./host";
import type { JournalState } from "./journal";
import { loadOrder, ModuleJob } from "./moduleJob";
import type { Situation } from "./modules";
import { readOdooConf } from "./moduleState";
import type { ModuleChanges, ReleasePlan } from "./plan";
import { ownImage } from "./self";
import { canReflink, snapshotSpace } from "./snapshot";
import { tooLittleSpace } from "./snapshotCommand";

/** Gives way to the environment itself, which has four times the weight. */
const limits = ["--cpu-shares", "256", "--memory", "4g", "--pids-limit", "1024"];

/** What a database's volume allows. Sizes in bytes. */
export interface RehearsalSpace {
  readonly canReflink: boolean;
  readonly free: number;
  /** What a copy takes, with some room to spare. */
  readonly needed: number;
}

/**
 * Whether a change of modules is tried on a copy first.
 * @param plan What is asked for, and where.
 * @param space What the database's volume allows.
 * @throws UserError when it is asked for and there is no room.
 */
export function wantsRehearsal(plan: Pick<ReleasePlan, "rehearse" | "stage">, space: RehearsalSpace): boolean {
  const hasRoom = space.free >= space.needed;
  if (plan.rehearse === "always" && !hasRoom) throw tooLittleSpace(space.free, space.needed);
  if (plan.rehearse === "auto") return plan.stage === "production" && space.canReflink && hasRoom;
  return plan.rehearse === "always";
}

/** Whether an operator was ended in the middle of a rehearsal, whose copy is left then. */
export const leftRehearsal = ({ step, seconds }: Pick<JournalState, "step" | "seconds">): boolean =>
  step === "rehearse" && !("rehearse" in seconds);

/**
 * Whether a release that changes modules tries that on a copy first.
 * @throws UserError when it is asked for and there is no room.
 */
export async function isRehearsed(plan: ReleasePlan, host: Host): Promise<boolean> {
  if (plan.rehearse === "never") return false;
  const { engine } = containerAt(await host.postgres());
  if (engine !== undefined) {
    if (plan.rehearse === "auto") return false;
    throw elsewhere(plan.stack);
  }
  const database = { container: () => host.postgres() };
  const [shares, { free, needed }] = await Promise.all([canReflink(database), snapshotSpace(database)]);
  return wantsRehearsal(plan, { canReflink: shares, free, needed });
}

/** A copy to try things on is made on the machine with the files. */
const elsewhere = (stack: string): UserError =>
  new UserError(`PostgreSQL of ${stack} is on another machine than its files: a copy of both can't be made.`, [
    {
      path: "release.rehearse",
      expected: "auto or never",
      found: '"always"',
      hint: "Try the release on staging, which is made from a copy.",
    },
  ]);

/**
 * Tries a change of modules on a copy of the environment's data: with the same image and in the same way as it is done
 * afterwards. The copy is thrown away.
 * @param before What the release starts from.
 * @param changes What is to be done; not empty.
 * @returns how long the change itself took, in seconds, without the copy.
 * @throws UserError when it fails; nothing of the environment was touched.
 */
export async function rehearse(
  plan: ReleasePlan,
  host: Host,
  before: Situation,
  changes: ModuleChanges,
  report: Report,
): Promise<number> {
  try {
    const { stack, image, volumes } = plan;
    const source = { stack, operator: await ownImage(), image: image.id, filestore: volumes.filestore };
    const seconds = await Trial.with(source, report, async ({ place }) => {
      const odooConf = await readOdooConf(await host.web());
      const load = loadOrder([...before.installed.keys(), ...changes.install], before.inImage);
      const job = await ModuleJob.prepare(
        { ...place, stack, image: image.id, odooConf, load, options: limits },
        report,
      );
      const start = performance.now();
      const { upgradeTimeoutSeconds: timeoutSeconds, allowedLogLines } = plan;
      await job.apply(changes, { timeoutSeconds, allowedLogLines });
      return (performance.now() - start) / 1000;
    });
    report(`The rehearsal on a copy went well: changing the modules took ${seconds.toFixed(1)} s.`);
    return seconds;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`The rehearsal on a copy failed: ${reason}`);
  }
}
