import { statSync } from "node:fs";
import { resolve } from "node:path";
import { odooPaths, reloads } from "../../infra/commands/odooConf";
import type { EnvironmentConfig } from "../../infra/config/schema";
import { UserError } from "../../infra/core/errors";
import { repositoryDir } from "../../infra/core/paths";
import { addonsPath, readAddons } from "../../infra/images/addons";
import type { Development } from "./odooService";

/**
 * What differs for Odoo's containers in development: modules from a folder of this machine, and reloading.
 * @returns nothing where the configuration asks for neither.
 * @throws UserError when the folder can't be used.
 */
export function developmentOf({ mount, odoo }: Pick<EnvironmentConfig, "mount" | "odoo">): Development | undefined {
  const reload = reloads(odoo.dev);
  if (mount === undefined) return reload ? { reload } : undefined;
  const source = resolve(repositoryDir, mount);
  requireFolder(source);
  const addons = readAddons(source);
  if (addons.modules.length === 0) throw unusable(source, "no folder in it has a __manifest__.py");
  // The image's variable names the folders of the image's modules.
  return { mounts: [{ source, path: odooPaths.addons }], env: { ODOO_ADDONS_PATH: addonsPath(addons) }, reload };
}

/** Odoo's user in the container is another one than the folder's owner. */
function requireFolder(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (!found?.isDirectory()) throw unusable(folder, found ? "a file" : "nothing");
  if ((found.mode & 0o005) !== 0o005) {
    throw unusable(folder, "a folder that only its owner may read", `chmod -R o+rX ${folder}`);
  }
}

function unusable(folder: string, found: string, hint?: string): UserError {
  return new UserError("The folder with your modules can't be mounted.", [
    { path: "mount", expected: `modules in ${folder} that everyone on this machine may read`, found, hint },
  ]);
}
