import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { run } from "../core/exec";
import { cacheDir } from "../core/paths";
import type { Report } from "../core/report";
import { buildGoProgram } from "./build";
import { ensureCached } from "./cache";
import { parsePulumiVersion, pinnedVersion } from "./version";

/** A checksum of a Go module's go.mod and go.sum, which pin every source file that is compiled. */
export function moduleChecksum(module: string): string {
  const hash = createHash("sha256");
  for (const file of ["go.mod", "go.sum"]) hash.update(readFileSync(join(module, file)));
  return hash.digest("hex");
}
