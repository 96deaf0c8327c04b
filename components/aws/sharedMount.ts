import * as pulumi from "@pulumi/pulumi";
import { scriptVersion } from "../../infra/commands/machine/script";
import type { SharedMountInput } from "../../infra/commands/steps/sharedMount";
import { Step } from "../core/step";

/** What files are mounted with. */
export interface SharedMountArgs extends Pick<SharedMountInput, "machine" | "path" | "folders"> {
  /** The name that machines mount them by. */
  readonly address: pulumi.Input<string>;
}

/** Mounts the files of a `SharedFilestore` on a machine, which has to be prepared before; they stay mounted when this goes. */
export function sharedMount(name: string, args: SharedMountArgs, opts: pulumi.CustomResourceOptions): Step {
  const { machine, path, folders } = args;
  const input = pulumi
    .output(args.address)
    .apply((address): SharedMountInput & Record<string, unknown> => ({
      ...{ machine, address, path, folders, script: scriptVersion("efs") },
    }));
  return new Step(name, { step: "sharedMount", input }, opts);
}
