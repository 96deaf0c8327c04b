import { run } from "../../core/exec";
import type { Report } from "../../core/report";
import { loadOrder, ModuleJob } from "../moduleJob";
import { checksumsAfter, decideChanges, type ImageModule, isEmpty, type Situation, unfinished } from "../modules";
import { imageFile, readModules, storeChecksums } from "../moduleState";
import type { ModuleChanges } from "../plan";
import { UserError } from "../../core/errors";
import { copyNames, readFileOf, weights } from "./argv";
import type { CopyPlan } from "./plan";
import type { CopyHost } from "./ready";

/** Gives way to whoever works on this machine, and does not take all of its memory. */
const limits = [...weights, "--memory", "4g", "--pids-limit", "1024"];

/** What is to be brought, and within which limits. */
type ModulesPlan = Pick<
  CopyPlan,
  "stack" | "database" | "image" | "wishes" | "upgradeTimeoutSeconds" | "allowedLogLines"
>;

/**
 * Brings the modules of a copy to the version that is to run on it: what a release to that version would do.
 * @returns what was changed.
 * @throws UserError when it can't be done, or Odoo logs an error.
 */
export async function bringModules(plan: ModulesPlan, server: CopyHost, report: Report): Promise<ModuleChanges> {
  const { database, image, wishes } = plan;
  const [known, checksums] = await Promise.all([
    readModules(server.container, database),
    run(readFileOf(image.id, imageFile), { timeoutSeconds: 60 }),
  ]);
  const inImage = new Map(Object.entries(JSON.parse(checksums) as Record<string, ImageModule>));
  const before: Situation = { ...known, inImage };
  const changes = decideChanges(before, wishes);
  if (!isEmpty(changes)) await apply(plan, server, before, changes, report);
  const after = await readModules(server.container, database);
  const left = unfinished(changes, after, inImage);
  if (left.length > 0) throw new UserError("Odoo did not end what it began.", left);
  await storeChecksums(server.container, database, checksumsAfter(before, wishes.upgrade, changes, after));
  return changes;
}

async function apply(
  plan: ModulesPlan,
  server: CopyHost,
  before: Situation,
  changes: ModuleChanges,
  report: Report,
): Promise<void> {
  const { stack, image, upgradeTimeoutSeconds: timeoutSeconds, allowedLogLines } = plan;
  const { modules: container } = copyNames(stack);
  const { network, odooConf, trust } = server;
  const load = loadOrder([...before.installed.keys(), ...changes.install], before.inImage);
  const where = { stack, container, image: image.id, network, filestore: server.files, odooConf, trust };
  const job = await ModuleJob.prepare({ ...where, load, options: limits }, report);
  await job.apply(changes, { timeoutSeconds, allowedLogLines });
}
