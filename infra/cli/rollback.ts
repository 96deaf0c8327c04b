import { author } from "../operator/author";
import { existingImage } from "../images";
import { UserError } from "../core/errors";
import { newId } from "../operator/client";
import type { ReleaseRecord } from "../operator/plan";
import type { RestorePlan } from "../operator/restore";
import { confirm } from "./confirm";
import type { CommonOptions } from "./display";
import { openEnvironment, type Released, requireReleased } from "./environment";
import { versionOf } from "./history";
import { switchMaintenance } from "./maintenance";
import { setImage } from "./release";
import { type Part, runRelease } from "./releaseRun";
import { lossText, rollbackTarget } from "./rollbackTarget";

/** What `rollback` is asked for. */
export interface RollbackOptions extends CommonOptions {
  readonly stack: string;
  /** Whether database and files go back as well. */
  readonly withData?: boolean;
  /** Ask nothing. */
  readonly yes?: boolean;
}

/** What users read while an earlier state is put back. */
const message = "An earlier version is being put back.";

/**
 * Goes back to an earlier version, and with `--with-data` to the data that it left.
 * @param id The release that brought the version. @default the one before the version that runs
 */
export async function rollback(id: string | undefined, options: RollbackOptions): Promise<void> {
  const environment = await openEnvironment(options.stack, (line) => console.error(line));
  const { file } = environment;
  const overview = await requireReleased(environment);
  const { to, set } = rollbackTarget(overview, id, options.withData ?? false);
  await existingImage(to.image.tag);
  if (!options.yes) await ask(file.name, to, set);
  setImage(file, to.image.tag);
  const parts = set ? restoring(overview, to, set) : {};
  await runRelease(file, { ...options, image: to.image.tag, ...parts });
}

/** Says what a rollback means, and asks: for the stack's name where data would be lost. */
async function ask(stack: string, to: ReleaseRecord, set: ReleaseRecord | undefined): Promise<void> {
  const version = versionOf(to.image.tag);
  const command = `odoo-stacks rollback ${to.id} -s ${stack}${set ? " --with-data" : ""} --yes`;
  if (!set) {
    // Odoo deletes what a module no longer has at the end of its upgrade (ir.model.data, _process_end).
    const data = "The data stays, except for fields and records that the modules of that version don't have";
    await confirm({ what: `This puts ${version} back on ${stack}. ${data}: Odoo removes them.`, command });
    return;
  }
  const lost = lossText(set, new Date());
  await confirm({ what: `This puts ${version} back on ${stack}, with its data. ${lost}`, name: stack, command });
}

/** The parts of a rollback that put the data back, while users see the maintenance page. */
function restoring(
  { maintenance, current, history }: Released,
  to: ReleaseRecord,
  set: ReleaseRecord,
): { before: readonly Part[]; after: readonly Part[] } {
  const page: Part = {
    title: "Showing the maintenance page",
    run: (environment, report) => switchMaintenance(environment, { message, allow: [] }, report),
  };
  const restore: Part = {
    title: `Putting the data back as it was before release ${set.id}`,
    run: async ({ operator }, report) => {
      // The last release may have failed: what serves is what the last one that succeeded brought.
      const image = history.findLast(({ result }) => result !== "failed")?.image ?? current.plan.image;
      const plan: RestorePlan = {
        id: newId(),
        set: set.id,
        release: { ...current.plan, image },
        versionFollows: to.image.id !== image.id,
        author: await author(),
      };
      await operator.start(current.plan.volumes, ["restore", JSON.stringify(plan)]);
      const record = await operator.follow(report);
      if (record.result === "failed") throw failed(record);
    },
  };
  const back: Part = {
    title: "Letting users in again",
    run: (environment, report) => switchMaintenance(environment, undefined, report),
  };
  // An environment that was in maintenance before stays in it.
  return maintenance ? { before: [restore], after: [] } : { before: [page, restore], after: [back] };
}

function failed({ id, reason }: ReleaseRecord): UserError {
  return new UserError("The data could not be put back. Users still see the maintenance page.", [
    {
      path: `restore ${id}`,
      expected: "the data of the set in place",
      found: reason,
      hint: "Run the same rollback again, or `npx odoo-stacks maintenance off`",
    },
  ]);
}
