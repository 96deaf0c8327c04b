import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The checkout of this project (the folder with `package.json`), whatever the current directory is. */
export const repositoryDir = resolve(__dirname, "../..");

/**
 * Where built engines, plugins and base images are kept: outside the checkout, per user, safe to delete.
 * `ODOO_STACKS_CACHE_DIR` moves it; by default it follows the XDG base directory specification.
 */
export function cacheDir(): string {
  return (
    process.env.ODOO_STACKS_CACHE_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "odoo-stacks")
  );
}

/**
 * Where the default Pulumi state and the generated passphrase live: outside the checkout, per user, **not** safe to
 * delete while stacks exist. `ODOO_STACKS_STATE_DIR` moves it; by default it follows the XDG base directory specification.
 */
export function stateDir(): string {
  return (
    process.env.ODOO_STACKS_STATE_DIR ??
    join(process.env.XDG_STATE_HOME ?? join(homedir(), ".local", "state"), "odoo-stacks")
  );
}
