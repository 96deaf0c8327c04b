import { UserError } from "../core/errors";
import type { Host } from "./host";
import { readImageModules, readModules, storeChecksums } from "./moduleState";
import { checksumsAfter, type ImageModules, type Situation, unfinished } from "./modules";
import type { ModuleChanges, ReleasePlan } from "./plan";

/** What the database, the version that serves and the one to go to know of modules. */
export async function readSituation(host: Host, plan: ReleasePlan): Promise<Situation> {
  const [known, inImage, running] = await Promise.all([
    host.postgres().then((postgres) => readModules(postgres, plan.database)),
    modulesOfNew(host),
    host.servingWeb().then(readImageModules),
  ]);
  return { ...known, inImage, running };
}

/** The modules of the new version. A container of it that has just ended can't be asked: then what ended it is told. */
async function modulesOfNew(host: Host): Promise<ImageModules> {
  try {
    return await readImageModules(await host.web());
  } catch (error) {
    if (error instanceof UserError) throw error;
    await host.webIsHealthy();
    return readImageModules(await host.web());
  }
}

/**
 * Looks whether all changes were made, and keeps what the modules were made from.
 * @param before What the release started from.
 * @param changes What was to be done.
 * @throws UserError when Odoo left something undone.
 */
export async function keepChecksums(
  host: Host,
  plan: ReleasePlan,
  before: Situation,
  changes: ModuleChanges,
): Promise<void> {
  const postgres = await host.postgres();
  const after = await readModules(postgres, plan.database);
  const left = unfinished(changes, after, before.inImage);
  if (left.length > 0) throw new UserError("Odoo did not end what it began.", left);
  await storeChecksums(postgres, plan.database, checksumsAfter(before, plan.upgrade, changes, after));
}
