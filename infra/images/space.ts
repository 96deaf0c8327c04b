import { statfsSync } from "node:fs";
import type { DockerEngine } from "../docker/engine";
import { dataRoot } from "./argv";
import { diskFull } from "./failure";

const gigabyte = 1024 ** 3;

/**
 * Free disk that making an image takes, in bytes, with everything that is there only meanwhile (archives, package lists).
 * Measured with Debian's packages: Odoo 1.8 GB and 0.5 GB of downloads, PostgreSQL 0.5 GB and 0.2 GB, the operator
 * 0.3 GB and 0.1 GB, the mail catcher 0.4 GB; Docker Hub's images are larger. The margin is for logs, databases and whatever else the machine is doing.
 */
export const neededBytes = {
  "odoo-base": 5 * gigabyte,
  odoo: 0.5 * gigabyte,
  postgres: 1.5 * gigabyte,
  proxy: 0.3 * gigabyte,
  operator: 1 * gigabyte,
  mail: 1 * gigabyte,
} as const;

/**
 * Refuses to begin what would fill the disk.
 * @param engine Whose disk; one on another machine is not looked at.
 * @param what What is about to be made.
 * @param extraBytes What it takes beyond that, such as the size of the user's modules. @default 0
 * @throws UserError saying how much is needed and how much is free.
 */
export async function requireSpace(
  engine: DockerEngine,
  what: keyof typeof neededBytes,
  extraBytes = 0,
): Promise<void> {
  if (!engine.host.startsWith("unix:")) return;
  const root = (await engine.run(dataRoot(), { timeoutSeconds: 30 })).trim();
  const free = freeBytes(root);
  const needed = neededBytes[what] + extraBytes;
  if (free !== undefined && free < needed) throw diskFull(root, needed, free);
}

/** Free disk under a path, in bytes; `undefined` where it can't be told (an Engine whose files are in a machine of its own). */
export function freeBytes(path: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
