import { createHash } from "node:crypto";
import { chmodSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { cacheDir } from "../core/paths";
import type { Report } from "../core/report";
import { ensureCached } from "./cache";
import { packageVersion } from "./version";

const sources = join(__dirname, "host");
/** The executables, and the source that each is made from. */
const executables = {
  "pulumi-language-nodejs": "main.ts",
  "pulumi-resource-pulumi-nodejs": "dynamicProvider.ts",
} as const;
/** The packages that end up in the bundle, and the bundler. */
const bundled = ["@pulumi/pulumi", "@grpc/grpc-js", "google-protobuf", "esbuild"] as const;

/** A checksum of everything the language host is made of. */
function fingerprint(): string {
  const hash = createHash("sha256");
  for (const file of readdirSync(sources).sort()) hash.update(file).update(readFileSync(join(sources, file)));
  hash.update(readFileSync(__filename)); // How it is bundled.
  for (const name of bundled) hash.update(`${name} ${packageVersion(name)}`);
  return hash.digest("hex").slice(0, 16);
}

/**
 * Puts the language host beside an engine that comes without one. It is bundled into one file, packages and all, because
 * the engine outlives checkouts: a link back to one would break when it moves, and half of the start would go into looking
 * for 150 small files. It is a folder of its own per checksum, and beside the engine stands a link to it, so that two
 * checkouts of different age take turns without harm.
 * @param binDir The folder with the engine's executable.
 * @param report Receives progress while it is bundled.
 */
export async function ensureLanguageHost(binDir: string, report: Report): Promise<void> {
  const key = fingerprint();
  const directory = await ensureCached(
    { directory: join(cacheDir(), "engine", `host-${key}`), key, title: "Language host", make: bundle },
    report,
  );
  for (const name of Object.keys(executables)) link(join(directory, name), join(binDir, name));
}

/** Makes a link or turns an existing one, in one step. */
function link(target: string, path: string): void {
  if (linkTarget(path) === target) return;
  const fresh = `${path}.${process.pid}`;
  rmSync(fresh, { force: true });
  symlinkSync(target, fresh);
  renameSync(fresh, path);
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

async function bundle(directory: string): Promise<readonly string[]> {
  const { build } = await import("esbuild"); // Loaded here: nobody else needs it.
  for (const [name, source] of Object.entries(executables)) {
    const outfile = join(directory, name);
    await build({
      entryPoints: [join(sources, source)],
      outfile,
      bundle: true,
      platform: "node",
      target: "node20",
      minifySyntax: true,
      banner: { js: "#!/usr/bin/env node" },
      logLevel: "silent",
    });
    chmodSync(outfile, 0o755);
  }
  return Object.keys(executables);
}
