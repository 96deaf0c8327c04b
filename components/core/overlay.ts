import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { labelList, type Role } from "../../infra/core/labels";

/** What a network between containers is made with. */
export interface OverlayArgs {
  readonly stack: string;
  readonly role: Role;
  /** Whether what leaves a machine is encrypted: https://docs.docker.com/engine/network/drivers/overlay/#encryption */
  readonly encrypted: boolean;
  /** Whether nothing leads out of it. @default false */
  readonly internal?: boolean;
}

/** A network that connects containers on different machines; jobs may join it as well. */
export function overlayNetwork(name: string, args: OverlayArgs, opts: pulumi.CustomResourceOptions): docker.Network {
  return new docker.Network(
    name,
    {
      driver: "overlay",
      attachable: true,
      ...(args.internal ? { internal: true } : {}),
      ...(args.encrypted ? { options: { encrypted: "true" } } : {}),
      labels: labelList(args.stack, args.role),
    },
    // Docker adds some of its own, and a network can't be made anew while containers are on it.
    { ...opts, ignoreChanges: ["options"] },
  );
}
