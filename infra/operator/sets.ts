import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { exec } from "../commands/docker";
import { attempt, run } from "../core/exec";
import type { Host } from "./host";
import { writeDurably } from "./journal";
import type { ReleasePlan } from "./plan";

/**
 * A set is what an environment can be brought back from to where it was before a release: database, filestore,
 * configuration and module sources. The database is the snapshot of that release, in PostgreSQL's own volume; the
 * filestore's copy is in the filestore's volume; the rest is in the volume of the releases.
 */
const paths = {
  /** The filestore's volume, as the operator mounts it, and the copies in it. */
  filestore: "/filestore",
  copies: "/filestore/.sets",
  sets: "/releases/sets",
} as const;

/** Keeps filestore, configuration and module sources of the version that serves now. The database follows at the freeze. */
export async function keepSet(plan: ReleasePlan, host: Host): Promise<void> {
  if (plan.keepSets === 0) return;
  const folder = join(paths.sets, plan.id);
  mkdirSync(folder, { recursive: true });
  writeDurably(join(folder, "configuration.yaml"), plan.configuration);
  writeDurably(join(folder, "plan.json"), JSON.stringify(plan));
  const tar = ["tar", "--create", "--gzip", "--directory", "/opt/odoo", "addons"];
  const archive = exec(await host.servingWeb(), tar);
  await run(["sh", "-c", `"$@" > '${join(folder, "addons.tar.gz")}'`, "sh", ...archive], { timeoutSeconds: 300 });
  await copyFilestore(plan);
}

/** Copies the filestore: sharing blocks where the file system can, else by links, since Odoo never changes a file. */
async function copyFilestore({ id, database }: ReleasePlan): Promise<void> {
  const source = join(paths.filestore, "filestore", database);
  const target = join(paths.copies, id);
  if (!existsSync(source)) return;
  mkdirSync(paths.copies, { recursive: true });
  const reflink = await attempt(["cp", "--archive", "--reflink=always", source, target], { timeoutSeconds: 3600 });
  if (reflink.exitCode === 0) return;
  rmSync(target, { recursive: true, force: true });
  await run(["cp", "--archive", "--link", source, target], { timeoutSeconds: 3600 });
}

/** Puts back into the filestore what a set has and the filestore no longer does. Files are never changed, only missing. */
export async function restoreFilestore({ database }: ReleasePlan, id: string): Promise<void> {
  const source = join(paths.copies, id);
  if (!existsSync(source)) return;
  // Where the copy is made of links, a file and its copy are the same, which Node's own function refuses.
  const options = ["--archive", "--update=none", "--no-target-directory"];
  await run(["cp", ...options, source, join(paths.filestore, "filestore", database)], { timeoutSeconds: 3600 });
}

/** Forgets the oldest sets; returns the names of those that went, so that their databases can go as well. */
export function pruneSets(plan: ReleasePlan): string[] {
  if (!existsSync(paths.sets)) return [];
  const gone = readdirSync(paths.sets).sort().reverse().slice(plan.keepSets);
  for (const id of gone) dropSet(id);
  return gone;
}

/** Forgets a set, if there is one; its database is PostgreSQL's to forget. */
export function dropSet(id: string): void {
  rmSync(join(paths.sets, id), { recursive: true, force: true });
  rmSync(join(paths.copies, id), { recursive: true, force: true });
}
