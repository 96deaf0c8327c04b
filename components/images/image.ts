import * as pulumi from "@pulumi/pulumi";
import type { ImageInput, ImageResult } from "../../infra/commands/steps/image";
import { Component } from "../../infra/core/component";
import { expectedTag } from "../../infra/images/content";
import { Step } from "../core/step";

/** Which image, and the Engines that need it, as `DOCKER_HOST` names them. */
export type ImageArgs = Omit<ImageInput, "tag" | "dockerHosts"> & {
  readonly dockerHosts: readonly pulumi.Input<string>[];
};

/**
 * One of the project's images, built or pulled where it is not there yet. Its tag follows from its content, so that
 * unchanged content means an unchanged image, and one image goes through every environment.
 *
 * Cost: disk on the machine (Odoo 2 GB, shared by all versions of your modules). Images stay when the stack goes: they are
 * what makes any version deployable at any time.
 */
export class Image extends Component {
  /** The image's ID, `sha256:…`. */
  readonly id: pulumi.Output<string>;
  /** The image's tag. */
  readonly tag: pulumi.Output<string>;

  constructor(name: string, args: ImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("images:Image", name, opts);
    const image = new Step(
      this.childName("build"),
      { step: "image", input: { ...args, dockerHosts: [...args.dockerHosts], tag: expectedTag(args.kind, args) } },
      this.child(),
    ).result<ImageResult>();
    this.id = image.apply(({ id }) => id);
    this.tag = image.apply(({ tag }) => tag);
    this.registerOutputs({ id: this.id, tag: this.tag });
  }
}
