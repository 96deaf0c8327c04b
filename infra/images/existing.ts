import { UserError } from "../core/errors";
import { DockerEngine } from "../docker/engine";
import { imageId, imageTags, pull } from "./argv";

/** A large image over a slow line, in seconds. */
const pullSeconds = 1800;

/**
 * The ID of an image that must be there already: built here before, or to be had from a registry.
 * @param tag Its tag.
 * @param dockerHost The Engine that needs it. @default `DOCKER_HOST`
 * @throws UserError naming the versions that the Engine has.
 */
export async function existingImage(tag: string, dockerHost?: string): Promise<string> {
  const engine = new DockerEngine(dockerHost);
  const there = await engine.attempt(imageId(tag), { timeoutSeconds: 30 });
  if (there.exitCode === 0) return there.stdout.trim();
  const pulled = await engine.attempt(pull(tag), { timeoutSeconds: pullSeconds });
  if (pulled.exitCode === 0) return (await engine.run(imageId(tag), { timeoutSeconds: 30 })).trim();
  const known = (await engine.run(imageTags(tag.split(":")[0] ?? tag), { timeoutSeconds: 30 })).trim();
  throw new UserError("There is no such version.", [
    {
      path: "release.image",
      expected: known ? `one of ${known.split("\n").join(", ")}` : "an image that this Docker Engine has, or can pull",
      found: tag,
      hint: "`npx odoo-stacks history` lists the versions that were released",
    },
  ]);
}
