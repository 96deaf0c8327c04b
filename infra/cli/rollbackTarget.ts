import { UserError } from "../core/errors";
import type { ReleaseRecord } from "../operator/plan";
import type { Overview } from "../operator/show";
import { localTime } from "./table";

/** Where a rollback leads. */
export interface RollbackTarget {
  /** The release that brought the version to go back to. */
  readonly to: ReleaseRecord;
  /** The release whose set holds the data to go back to; undefined without data. */
  readonly set?: ReleaseRecord;
}

/**
 * Finds what to go back to.
 * @param overview What is known of the releases.
 * @param id The release whose version is wanted, or the beginning of its ID. @default the one before the version that runs
 * @param withData Whether the data goes back as well: to when the release after that one began.
 * @throws UserError when there is no such release, or its data is not there any more.
 */
export function rollbackTarget(
  { history, sets }: Pick<Overview, "history" | "sets">,
  id: string | undefined,
  withData: boolean,
): RollbackTarget {
  const done = history.filter(({ result }) => result !== "failed");
  const released = done.filter(({ result }) => result === "released");
  const current = done.at(-1);
  const to = id === undefined ? released.findLast(({ image }) => image.id !== current?.image.id) : byId(released, id);
  if (!to) throw nothingBefore(current);
  if (!withData && to.image.id === current?.image.id) throw runsAlready(to);
  return withData ? { to, set: setAfter(to, released, sets) } : { to };
}

function byId(released: readonly ReleaseRecord[], id: string): ReleaseRecord {
  const found = released.filter((record) => record.id.startsWith(id));
  const [record] = found;
  if (record && found.length === 1) return record;
  const known = released.map((one) => `${one.id} (${one.image.tag})`).join(", ");
  const what = found.length > 1 ? "the beginning of several" : "no release that succeeded";
  throw new UserError("Which release?", [
    { path: "release", expected: `one of ${known || "none"}`, found: `"${id}", ${what}` },
  ]);
}

/**
 * The first release after a version that changed the database: its set is the data as that version left it. Data from later
 * sets would not fit the version.
 */
function setAfter(to: ReleaseRecord, released: readonly ReleaseRecord[], sets: readonly string[]): ReleaseRecord {
  const next = released.slice(released.indexOf(to) + 1).find(changesModules);
  if (!next) {
    throw new UserError("There is no earlier data to go back to.", [
      {
        path: "--with-data",
        expected: "a release since then that installed, upgraded or removed modules",
        found: `only code has changed since ${to.id}; the database is as that version knows it`,
        hint: "Run it again without --with-data",
      },
    ]);
  }
  if (sets.includes(next.id)) return next;
  throw new UserError("The data from then is not kept any more.", [
    {
      path: `set ${next.id}`,
      expected: sets.length > 0 ? `a release whose data is kept: ${sets.join(", ")}` : "a set that is still there",
      found: "none: release.keepSets says how many are kept",
      hint: "Without --with-data the code alone goes back",
    },
  ]);
}

const changesModules = ({ modules: { install, upgrade, uninstall } }: ReleaseRecord): boolean =>
  install.length + upgrade.length + uninstall.length > 0;

/** What is lost when the data goes back to when a release began. */
export function lossText({ startedAt }: ReleaseRecord, now: Date): string {
  const minutes = Math.ceil((now.getTime() - Date.parse(startedAt)) / 60_000);
  const few = minutes === 1 ? "1 minute" : `${minutes} minutes`;
  const span = minutes < 120 ? few : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `ALL THAT WAS ENTERED SINCE ${localTime(startedAt)} IS LOST: ${span} of work.`;
}

function nothingBefore(current: ReleaseRecord | undefined): UserError {
  const found = current ? `${current.image.tag} is the only version that was released` : "nothing was released";
  return new UserError("There is no version to go back to.", [
    { path: "release", expected: "an earlier release of another version", found, hint: "npx odoo-stacks history" },
  ]);
}

function runsAlready({ id, image }: ReleaseRecord): UserError {
  return new UserError("That version runs already.", [
    { path: `release ${id}`, expected: "another version", found: image.tag, hint: "npx odoo-stacks history" },
  ]);
}
