import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { labelPrefix } from "../core/labels";
import { cacheDir } from "../core/paths";
import type { Report } from "../core/report";
import type { DockerEngine } from "../docker/engine";
import { withLock } from "../engine/lock";
import { imageId } from "./argv";

/** The labels by which an image is known to be this project's. */
export const imageLabels = (name: string): Record<string, string> => ({ [`${labelPrefix}.image`]: name });

/** The ID of an image that the Engine has, or `undefined`. */
export async function findId(engine: DockerEngine, image: string): Promise<string | undefined> {
  const { exitCode, stdout } = await engine.attempt(imageId(image), { timeoutSeconds: 30 });
  return exitCode === 0 ? stdout.trim() : undefined;
}

/** Whether the Engine has an image. */
export const exists = async (engine: DockerEngine, image: string): Promise<boolean> =>
  (await findId(engine, image)) !== undefined;

/**
 * Makes an image unless the Engine has it. Two processes that want the same one do the work once.
 * @param tag What it is called once it is made.
 * @param make Makes it.
 * @returns the tag.
 */
export async function once(
  engine: DockerEngine,
  tag: string,
  report: Report,
  make: () => Promise<void>,
): Promise<string> {
  if (await exists(engine, tag)) return tag;
  const folder = join(cacheDir(), "locks");
  mkdirSync(folder, { recursive: true });
  await withLock(join(folder, `${tag.replaceAll(/[^\w.-]/g, "_")}.lock`), tag, report, async () => {
    if (!(await exists(engine, tag))) await make();
  });
  return tag;
}
