import { join } from "node:path";

import { cacheDir } from "../core/paths";
import type { Report } from "../core/report";
import { buildGoProgram } from "./build";
import { ensureCached } from "./cache";
import { moduleKey, requiredVersion } from "./goModule";

const goModule = join(__dirname, "proxy");
const repository = "github.com/basecamp/kamal-proxy";

/**
 * Builds kamal-proxy from Go's module registry, for images on machines that reach no container registry; once per user and
 * version, in about 15 seconds. It is static: any base image runs it.
 * @param report Receives progress while it is built.
 * @returns the absolute path of the executable.
 */
export async function ensureKamalProxy(report: Report): Promise<string> {
  const version = requiredVersion(goModule, repository);
  const title = `kamal-proxy ${version}`;
  const directory = await ensureCached(
    {
      directory: join(cacheDir(), "kamal-proxy", version),
      key: moduleKey(goModule),
      title,
      async make(making) {
        const output = join(making, "kamal-proxy");
        await buildGoProgram({ module: goModule, package: `${repository}/cmd/kamal-proxy`, output, title }, report);
        return ["kamal-proxy"];
      },
    },
    report,
  );
  return join(directory, "kamal-proxy");
}
