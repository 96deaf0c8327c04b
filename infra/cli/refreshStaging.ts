import { readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { UserError } from "../core/errors";
import type { Overview } from "../operator/show";
import { confirm } from "./confirm";
import { copyLines } from "./copyText";
import type { CommonOptions } from "./display";
import { findEnvironment, openEnvironment } from "./environment";
import { nextImage } from "./release";
import { runRelease } from "./releaseRun";
import { restoreRefresh, restoreSnapshot, withKey } from "./stackFileKey";
import type { StackFile } from "./stacks";
import { projectDir } from "./workspace";

/** What `refresh-staging` is asked for. */
export interface RefreshOptions extends CommonOptions {
  readonly stack: string;
  /** `latest`, a time, or the ID of a set of the source. @default what the stack's file says */
  readonly snapshot?: string;
  /** Ask nothing. */
  readonly yes?: boolean;
}

/**
 * Makes an environment anew from the one that it is a copy of: writes a new `restore.refresh` into its file, brings it up, and
 * shows what was copied and secured.
 */
export async function refreshStaging(options: RefreshOptions): Promise<void> {
  const file = findEnvironment(projectDir(), options.stack);
  if (!file.source || file.stage === "production") {
    throw new UserError(`${file.name} is not a copy of another environment.`, [
      {
        path: file.stage === "production" ? "odoo-stacks:stage" : "odoo-stacks:restore",
        expected: "a staging or development stack with restore.source",
        found: file.stage === "production" ? "production, which is never made from a copy" : "no restore.source",
      },
    ]);
  }
  if (!options.yes) {
    const what = `This replaces all data of ${file.name} by a fresh, secured copy of ${file.source}.`;
    await confirm({ what, command: `odoo-stacks refresh-staging -s ${file.name} --yes` });
  }
  const before = (await copiesOf(file)).map(({ id }) => id);
  setRefresh(file, new Date().toISOString(), options.snapshot);
  await runRelease(file, { ...options, json: false, quiet: options.json, image: nextImage(file) });
  const made = (await copiesOf(file)).findLast(({ id }) => !before.includes(id));
  if (options.json) console.log(JSON.stringify(made));
  else if (made) console.log(`\n${copyLines(made, new Date()).join("\n")}`);
}

async function copiesOf(file: StackFile): Promise<Overview["copies"]> {
  const { operator } = await openEnvironment(file.name, (line) => console.error(line));
  return (await operator.overview())?.copies ?? [];
}

/** Writes into a stack's file what makes the copy anew, because what runs is what the file says. */
function setRefresh({ file }: StackFile, refresh: string, snapshot?: string): void {
  const text = withKey(readFileSync(file, "utf8"), restoreRefresh, refresh);
  writeFileSync(file, snapshot === undefined ? text : withKey(text, restoreSnapshot, snapshot));
  console.error(`${relative(process.cwd(), file)} now says restore.refresh: "${refresh}". Commit it.`);
}
