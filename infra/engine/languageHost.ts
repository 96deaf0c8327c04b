import { createHash } from "node:crypto";
import { chmodSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { cacheDir } from "../core/paths";
import type { Report } from "../core/report";
import { ensureCached } from "./cache";
import { packageVersion } from "./version";

const sources = join(__dirname, "host");
const executable = "pulumi-language-nodejs";
/** The packages that end up in the bundle, and the bundler. */
const bundled = ["@pulumi/pulumi", "@grpc/grpc-js", "google-protobuf", "esbuild"] as const;

/** A checksum of everything the language host is made of. */
function fingerprint(): string {
  const hash = createHash("sha256");
  for (const file of readdirSync(sources).sort()) hash.update(file).update(readFileSync(join(sources, file)));
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
  const target = join(directory, executable);
  const link = join(binDir, executable);
  if (linkTarget(link) === target) return;
  const fresh = `${link}.${process.pid}`;
  rmSync(fresh, { force: true });
  symlinkSync(target, fresh);
  renameSync(fresh, link);
}

function linkTarget(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}

async function bundle(directory: string): Promise<readonly string[]> {
  const { build } = await import("esbuild");
  const outfile = join(directory, executable);
  await build({
    entryPoints: [join(sources, "main.ts")],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    minifySyntax: true,
    banner: { js: "#!/usr/bin/env node" },
    logLevel: "silent",
  });
  chmodSync(outfile, 0o755);
  return [executable];
}
