import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../core/exec";
import type { Report } from "../../core/report";
import type { Way } from "./choose";
import { copyAtRest, copyRunning } from "./database";
import { copyTree } from "./files";
import { bringFiles, broughtText } from "./filesElsewhere";
import { type Origin, timeOfSet } from "./origin";
import { copyFolders, type CopyPlan } from "./plan";
import { incomingFiles } from "./switch";
import { copyFromElsewhere, copyThroughServer } from "./throughServer";

/** Copying a large filestore over one slow disk, in seconds. */
const filesSeconds = 8 * 3600;

const { own } = copyFolders;

/**
 * Copies the files of the database.
 * @param container The source's server.
 * @param to A folder that does not exist yet.
 * @returns the moment that the copy is of, ISO 8601.
 */
export async function bringCluster(
  plan: Pick<CopyPlan, "stack">,
  { set, cluster: { path, reach } }: Origin,
  { method }: Way,
  container: string,
  to: string,
): Promise<string> {
  const sharing = method === "reflink" ? "always" : "never";
  if (set) {
    await (reach ? copyFromElsewhere({ path, reach }, to) : copyAtRest(path, to, sharing));
    return timeOfSet(set).toISOString();
  }
  if (method === "basebackup") return copyThroughServer(container, plan.stack, to);
  return copyRunning({ container, folder: path }, to, sharing);
}

/**
 * Copies the filestore to where it waits. After the database, so that there is every file that it names.
 */
export async function bringFilestore(
  plan: Pick<CopyPlan, "id" | "database" | "source">,
  { files: { path, reach } }: Pick<Origin, "files">,
  { sharesFiles }: Pick<Way, "sharesFiles">,
  report: Report,
): Promise<void> {
  const to = join(incomingFiles(plan.id), "filestore", plan.database);
  mkdirSync(join(to, ".."), { recursive: true });
  if (reach) {
    const brought = await bringFiles({ path, reach }, { to, like: join(own.files, "filestore") }, report);
    report(broughtText(brought, plan.source.elsewhere?.files ?? "elsewhere"));
  } else {
    await copyTree(path, to, { sharing: sharesFiles ? "always" : "never", timeoutSeconds: filesSeconds });
  }
  await giveAway(plan, reach ? to : copyFolders.source.files);
}

/**
 * Gives the folders around a filestore that waits to Odoo, which makes others beside it. A volume that no Odoo has seen yet belongs to
 * nobody.
 * @param like A folder that is Odoo's.
 */
export async function giveAway({ id }: Pick<CopyPlan, "id">, like: string): Promise<void> {
  const script = 'chown --reference="$1" "$2" "$2/filestore" "$3" "$3/.incoming"';
  await run(["sh", "-c", script, "sh", like, incomingFiles(id), own.files]);
}
