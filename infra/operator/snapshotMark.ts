import { UserError } from "../core/errors";
import type { Report } from "../core/report";
import type { Journal, JournalState } from "./journal";
import { switchMaintenance } from "./maintenance/switch";
import type { ReleasePlan } from "./plan";
import type { Snapshot } from "./snapshot";

/** What leads on from here. */
const guide = 'docs/aws-rds.md, "After a change of modules that failed"';

/**
 * Refuses to change the modules of a database on RDS unless somebody has chosen how it could be brought back: nothing does that by itself.
 * A copy of another environment is made anew instead.
 */
export function requireWayBack({ snapshot, copy }: Pick<ReleasePlan, "snapshot" | "copy">): void {
  if (copy !== undefined || snapshot === "pitr" || snapshot === "rds") return;
  throw new UserError(
    "Modules are to be changed, and nothing brings a database on RDS back by itself when that fails.",
    [
      {
        path: "release.snapshot",
        expected: "pitr, a moment to take the database back to by hand, or rds, a snapshot besides",
        found: `"${snapshot}"`,
        hint: `Choose one, or release code alone with release.upgrade: none. What happens then: ${guide}`,
      },
    ],
  );
}

/**
 * The moment before modules are changed, in place of a copy: RDS can make another instance as the database was then, which takes minutes
 * to hours and is for people to decide.
 * @param markedAt When nobody wrote to the database any more, ISO 8601; undefined before that.
 */
export function markOf(markedAt: string | undefined): Snapshot {
  const nothing = () => Promise.resolve();
  return {
    kind: "mark",
    prepare: (report: Report = () => undefined) => {
      report(
        "No copy is made of a database on RDS: if the change of modules fails, users see the maintenance page from then on.",
      );
      return Promise.resolve();
    },
    settle: nothing,
    freeze: nothing,
    undo: () =>
      Promise.reject(
        new UserError("The database on RDS is as the change of modules has left it.", [
          {
            path: "the database",
            expected: `as it was at ${markedAt ?? "the time when requests were held"}`,
            found: "a part of the change, perhaps",
            hint: `Users see the maintenance page until somebody has decided: ${guide}`,
          },
        ]),
      ),
    keep: nothing,
    discard: nothing,
  };
}

/** Whether a release has begun to change a database that nothing brings back by itself. */
export const isLeftChanged = ({ touched, snapshot }: Pick<JournalState, "touched" | "snapshot">): boolean =>
  touched && snapshot === "mark";

/** What users read then. */
const message = "Odoo is being updated. This takes longer than expected.";

/**
 * Shows the maintenance page until somebody ends it, to everybody: the old version does not fit the database any more, perhaps.
 * @param folder Where the volume of the releases is mounted.
 */
export async function keepClosed(plan: ReleasePlan, journal: Journal, folder: string, report: Report): Promise<void> {
  const on = { message, allow: [] };
  await switchMaintenance({ ...plan, volume: plan.volumes.releases, on }, journal, folder, report);
}
