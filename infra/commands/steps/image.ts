import { DockerEngine } from "../../docker/engine";
import { ensureImage, existingImage, type ImageKind, transfer, verifyModules } from "../../images";
import { isRemote } from "../../ssh/machine";
import type { StepModule } from "../step";

/** Which image, and what it must contain. */
export interface ImageInput {
  readonly kind: ImageKind;
  /** The Engines that need it, as `DOCKER_HOST` names them. */
  readonly dockerHosts: readonly string[];
  /** Odoo's version; of `odoo` only. */
  readonly version?: string;
  /** Folder with the user's modules, relative to the project; of `odoo` only. */
  readonly addons?: string;
  /** The tag that follows from its content: a change builds another image. */
  readonly tag: string;
  /** The tag of an image that is there already, instead of one that is built. */
  readonly existing?: string;
  /** Modules that must be in it. */
  readonly modules?: readonly string[];
}

/** The image. */
export interface ImageResult {
  readonly id: string;
  readonly tag: string;
}

/**
 * Builds or pulls an image unless it is there, and checks that it has the modules asked for. Images are never removed. One for
 * other machines is made on this one, and copied.
 */
export const step: StepModule<ImageInput, ImageResult> = {
  async apply(input, report) {
    const engine = new DockerEngine(input.dockerHosts.find((host) => !isRemote(host)));
    const image = input.existing
      ? { tag: input.existing, id: await existingImage(input.existing, engine.host) }
      : await ensureImage(input.kind, report, { ...input, dockerHost: engine.host });
    if (input.modules) await verifyModules(image.id, input.modules);
    // One after the other: each packs what the machine lacks.
    for (const host of new Set(input.dockerHosts.filter(isRemote))) {
      await transfer(image, engine, new DockerEngine(host), report);
    }
    return image;
  },
  remove: () => Promise.resolve(),
};
