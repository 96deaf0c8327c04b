import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { folderOptions } from "../../infra/commands/docker";
import { labelList, labelPrefix, type Role } from "../../infra/core/labels";

/** A machine that has, or gets, a volume. */
export interface VolumePlace {
  /** What tells its resource from those on other machines: empty on the platform's manager, where everything began. */
  readonly suffix: string;
  /** What reaches its Engine. */
  readonly provider: docker.Provider;
}

/** What a volume with data is made with. */
export interface DataVolumeArgs extends VolumePlace {
  readonly stack: string;
  /** The volume's name, which is its own on every machine. */
  readonly name: string;
  readonly role: Role;
  /** Whether Pulumi refuses to delete it. */
  readonly protect: boolean;
  /** Name of the database in it. @default none */
  readonly database?: string;
  /** A folder of the machine that it is. @default Docker's own */
  readonly path?: string;
  /** What has to be there before it. @default nothing */
  readonly after?: pulumi.Resource;
}

/** A volume with data. Docker can't change a volume: every difference would replace it, and the data with it. */
export function dataVolume(name: string, args: DataVolumeArgs, parent: pulumi.Resource): docker.Volume {
  const database = args.database ? [{ label: `${labelPrefix}.database`, value: args.database }] : [];
  const bind = args.path ? { driverOpts: { ...folderOptions(args.path) } } : {};
  return new docker.Volume(
    `${name}${args.suffix}`,
    { name: args.name, labels: [...labelList(args.stack, args.role), ...database], ...bind },
    {
      ...{ parent, provider: args.provider, protect: args.protect, dependsOn: args.after },
      ignoreChanges: ["labels", "driver", "driverOpts"],
    },
  );
}
