import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../core/exec";
import type { Report } from "../../core/report";
import type { Way } from "./choose";
import { copyAtRest, copyRunning } from "./database";
import { copyTree } from "./files";
import { bringFiles } from "./filesElsewhere";
import { type Origin, timeOfSet } from "./origin";
import { copyFolders, type CopyPlan } from "./plan";
import { filesOfDatabase, incomingFiles } from "./switch";
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
 * @param like A filestore of this machine that has some of the files already, perhaps; there may be none.
 */
export async function bringFilestore(
  plan: Pick<CopyPlan, "id" | "database" | "source">,
  { files: { path, reach } }: Pick<Origin, "files">,
  { sharesFiles }: Pick<Way, "sharesFiles">,
  report: Report,
  like = filesOfDatabase(plan.database),
): Promise<void> {
  const to = join(incomingFiles(plan.id), "filestore", plan.database);
  mkdirSync(join(to, ".."), { recursive: true });
  if (reach) {
    const { here, sent } = await bringFiles({ path, reach }, like, to, filesSeconds);
    report(
      `Of the files, ${sent} came from ${plan.source.elsewhere?.files ?? "elsewhere"}, and ${here} were here already.`,
    );
  } else {
    await copyTree(path, to, { sharing: sharesFiles ? "always" : "never", timeoutSeconds: filesSeconds });
  }
  // Odoo makes folders beside it. A volume that no Odoo has seen yet belongs to nobody.
  const script = 'chown --reference="$1" "$2" "$2/filestore" "$3" "$3/.incoming"';
  const owner = reach ? to : copyFolders.source.files;
  await run(["sh", "-c", script, "sh", owner, incomingFiles(plan.id), own.files]);
}
