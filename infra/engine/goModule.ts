import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A checksum over what is built from a Go module: its go.mod and go.sum pin every source file that is compiled, and an
 * executable runs on one kind of machine only.
 * @param module The module's folder.
 */
export function moduleKey(module: string): string {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  for (const file of ["go.mod", "go.sum"]) hash.update(readFileSync(join(module, file)));
  return hash.digest("hex");
}

/**
 * The version at which a Go module requires another, without its leading `v`.
 * @param module The module's folder.
 * @param path The path of the other, such as `github.com/basecamp/kamal-proxy`.
 * @throws Error where it doesn't require it.
 */
export function requiredVersion(module: string, path: string): string {
  const lines = readFileSync(join(module, "go.mod"), "utf8").split("\n");
  const words = lines.map((line) =>
    line
      .trim()
      .replace(/^require /, "")
      .split(" "),
  );
  const version = words.find(([first, second]) => first === path && second?.startsWith("v"))?.[1];
  if (!version) throw new Error(`${module}/go.mod does not require ${path}`);
  return version.slice(1);
}
