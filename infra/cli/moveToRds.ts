import { readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { UserError } from "../core/errors";
import type { Report } from "../core/report";
import { formatSize } from "../core/units";
import type { ReleasePlan } from "../operator/plan";
import type { ToRdsFailure, ToRdsPlan, ToRdsRecord } from "../operator/move/toRds";
import { confirm } from "./confirm";
import { type CommonOptions, elapsed } from "./display";
import { type Environment, openEnvironment, requireReleased } from "./environment";
import { switchMaintenance } from "./maintenance";
import { nextImage } from "./release";
import { runRelease } from "./releaseRun";
import { databaseKind, keyIn, type KeyPlace, withKey } from "./stackFileKey";
import type { StackFile } from "./stacks";

/** What users read meanwhile. */
const message = "The database is moved to another server. This page goes away by itself when that is done.";

/**
 * Moves an environment's database out of its container to the instance on RDS that its file has beside it: behind the maintenance page,
 * all is copied and compared, the file says `kind: rds` from then on, and a release has Odoo use it. What fails before leaves the
 * container in use; asked again, it goes on where it was, also where the file says `kind: rds` already, and the release failed.
 * @throws UserError where the database is on RDS and no move has left its page.
 */
export async function moveToRds(file: StackFile, options: CommonOptions & { readonly yes?: boolean }): Promise<void> {
  const { onRds: isMoved } = file;
  // What can't be written afterwards is found out before.
  if (!isMoved) saysOnRds(readFileSync(file.file, "utf8"));
  if (!isMoved && !options.yes) {
    await confirm({
      what: `This moves the database of ${file.name} to RDS. Users see the maintenance page while it is copied and compared.`,
      command: `odoo-stacks move-database ${file.name} --yes`,
    });
  }
  const report: Report = (line) => console.error(`› ${line}`);
  const environment = await openEnvironment(file.name, report);
  const { current, maintenance } = await requireReleased(environment);
  const { plan } = current;
  // A page that is not of this command stays when it ends.
  const isOwn = maintenance === undefined || maintenance.message === message;
  if (isMoved && (maintenance === undefined || !isOwn)) throw nowhereToMove(file.name);
  if (!maintenance) await switchMaintenance(environment, { message, allow: [] }, report);
  const record = await carryOut(environment, plan, report).catch(async (error: unknown) => {
    if (isOwn && !isMoved) await switchMaintenance(environment, undefined, report);
    throw error;
  });
  if (record.parts > 0) report(compared(record));
  if (!isMoved) writeOnRds(file);
  await runRelease(file, { ...options, json: false, quiet: options.json, image: nextImage(file) }).catch(
    (error: unknown) => {
      const next = `npx odoo-stacks move-database ${file.name}`;
      report(
        `The database is on RDS, and Odoo does not use it yet; users see the maintenance page. When the reason is gone: ${next}`,
      );
      throw error;
    },
  );
  if (isOwn) await switchMaintenance(environment, undefined, report);
  if (options.json) console.log(JSON.stringify({ stack: file.name, ...record }));
  else console.log(`\n${lines(file.name, record).join("\n")}`);
}

/** Writes into an environment's file that its database is on RDS. */
function writeOnRds({ file }: StackFile): void {
  const { text, gone } = saysOnRds(readFileSync(file, "utf8"));
  writeFileSync(file, text);
  const without = gone.length > 0 ? `, and ${gone.join(", ")} no more, which a container alone has` : "";
  console.error(`${relative(process.cwd(), file)} now says database.kind: rds${without}. Commit it.`);
}

/** Says that a database on RDS is on no machine. */
export const nowhereToMove = (stack: string): UserError =>
  new UserError(`The database of ${stack} is on no machine of the platform.`, [
    {
      path: "odoo-stacks:database, in its file",
      expected: "kind: container",
      found: "kind: rds",
      hint: "On RDS it moves to another zone by itself (database.rds.multiAz); another class is database.rds.class.",
    },
  ]);

async function carryOut({ operator }: Environment, plan: ReleasePlan, report: Report): Promise<ToRdsRecord> {
  const { stack, database, volumes } = plan;
  const request: ToRdsPlan = { stack, database };
  const printed = await operator.run(volumes, ["move-to-rds", JSON.stringify(request)], (line) =>
    report(line.replace(/^move: (\w+)$/, (whole, step: string) => steps[step] ?? whole)),
  );
  const record = JSON.parse(printed.trim().split("\n").at(-1) ?? "") as ToRdsRecord | ToRdsFailure;
  if (!("step" in record)) return record;
  throw new UserError("The database was not moved. It is in its container, as before.", [
    {
      path: `step ${record.step}`,
      expected: "an end without errors",
      found: record.reason.split("\n").join("\n              "),
      hint: "Nothing of it was changed: the command can be given again",
    },
  ]);
}

/** What a file says of a container alone, and the values that it does so with. @default any */
const ofContainer: readonly (KeyPlace & { readonly values?: readonly string[] })[] = [
  { group: "odoo-stacks:database", key: "memory" },
  { group: "odoo-stacks:database", key: "volume" },
  { group: "odoo-stacks:restart", key: "database" },
  { group: "odoo-stacks:release", key: "snapshot", values: ["reflink", "replica"] },
  { group: "odoo-stacks:release", key: "rehearse", values: ["always"] },
];

/** The text of a stack's file once its database is on RDS, and the keys that it does not have any more: they would be refused. */
export function saysOnRds(before: string): { readonly text: string; readonly gone: readonly string[] } {
  const given = ofContainer.filter((place) => {
    const value = keyIn(before, place);
    return value !== undefined && (place.values?.includes(value) ?? true);
  });
  const left = given.reduce((text, place) => withKey(text, place, undefined), before);
  const gone = given.map(({ group, key }) => `${group.replace("odoo-stacks:", "")}.${key}`);
  return { text: withKey(left, databaseKind, "rds"), gone };
}

/** What each step of a move to RDS is, in the words of whoever watches it. */
const steps: Readonly<Record<string, string>> = {
  extensions: "comparing extensions",
  empty: "emptying the database on RDS of what an earlier move left",
  close: "ending all sessions",
  copy: "copying the database",
  compare: "comparing all that is in it",
  write: "writing on RDS",
  statistics: "having PostgreSQL learn what is where",
};

/** How it went, in a few lines. */
const lines = (stack: string, { from }: ToRdsRecord): string[] => [
  `The database of ${stack} is on RDS now.`,
  `  old copy  on ${from}; when it is not needed any more: npx odoo-stacks let-go ${stack} ${from}`,
];

/** What was compared before the database counted as moved. */
function compared({ parts, rows, bytes, seconds }: ToRdsRecord): string {
  const took = Object.values(seconds).reduce((sum, one) => sum + one, 0);
  return `copied ${formatSize(bytes)} in ${elapsed(took)}; all ${rows} rows compared, in ${parts} tables and sequences`;
}
