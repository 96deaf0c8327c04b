import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { cacheDir } from "../../core/paths";
import type { Report } from "../../core/report";
import { buildGoProgram } from "../build";
import type { CacheEntry } from "../cache";

/** The Go module that the plugins are built from. */
export const pluginModule = join(__dirname, "go");

/** The executable that serves each plugin; the one of two plugins tells by the name that it is called by. */
export const executables: Readonly<Record<string, string>> = {
  docker: "bridged",
  random: "bridged",
  command: "command",
};

/** The folder of the cache with the plugins' executables, and how it is filled. */
export function offlinePlugins(report: Report): CacheEntry {
  const key = fingerprint();
  return {
    directory: join(cacheDir(), "plugins", key.slice(0, 16)),
    key,
    title: "Resource plugins",
    async make(directory) {
      const names = [...new Set(Object.values(executables))];
      for (const name of names) {
        await buildGoProgram(
          {
            module: pluginModule,
            package: `./${name}`,
            output: join(directory, name),
            title: `Resource plugins (${plugins(name)})`,
            // Leaves Docker Compose, which no program here uses, out of the Docker provider.
            tags: ["no_compose"],
          },
          report,
        );
      }
      return names;
    },
  };
}

function plugins(executable: string): string {
  return Object.keys(executables)
    .filter((plugin) => executables[plugin] === executable)
    .join(", ");
}

/** A checksum of every file of the module and of the kind of machine. */
function fingerprint(): string {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}\n`);
  const files = readdirSync(pluginModule, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const path of files.map((entry) => join(entry.parentPath, entry.name)).sort()) {
    const content = readFileSync(path);
    hash.update(`${path.slice(pluginModule.length)} ${content.length}\n`).update(content);
  }
  return hash.digest("hex");
}
