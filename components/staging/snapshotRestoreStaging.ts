import * as pulumi from "@pulumi/pulumi";
import type { CopyInput, CopyResult } from "../../infra/commands/steps/copy";
import type { PlatformMachine } from "../../infra/config/platformOutput";
import type { EnvironmentConfig } from "../../infra/config/schema";
import type { Source } from "../../infra/config/sourceOutput";
import { Component } from "../../infra/core/component";
import { seconds } from "../../infra/core/units";
import { Step } from "../core/step";
import type { OdooArgs } from "../odoo/odoo";

/** What an environment is made from a copy with. */
export interface SnapshotRestoreStagingArgs extends Pick<
  OdooArgs,
  "stack" | "platform" | "image" | "operator" | "database" | "sourcePlace"
> {
  /** The machine on which the copy is made: the one with the own files. */
  readonly operatorMachine: PlatformMachine;
  readonly config: EnvironmentConfig;
  /** The configuration's part about the copy. */
  readonly restore: NonNullable<EnvironmentConfig["restore"]>;
  /** The environment that is copied. */
  readonly source: Source;
  /** Names of the own volumes. */
  readonly volumes: { readonly database: string; readonly filestore: string; readonly releases: string };
  /** The administrator's password in the copy. */
  readonly adminPassword: pulumi.Input<string>;
  /** The address that people open. */
  readonly baseUrl: string;
  /** Where mails go; undefined where nobody catches them. */
  readonly mail?: { readonly host: string; readonly port: number };
}

/**
 * A copy of another environment, most often of production: the same data and modules as at that moment, without what is
 * secret and without what tells of people. It is made beside the data that is there, and secured before anything can connect
 * to it; the release that follows switches to it. When any of that fails, what was there before serves on.
 *
 * Cost: disk on the machine. Where blocks are shared, what the copy has changed; else the size of the source once more, and
 * twice that until the switch. Where the source is on other machines, its database goes over the network each time, and of its
 * files those that are not here yet. It does not keep the copy in step with the source: `restore.refresh` makes another one.
 */
export class SnapshotRestoreStaging extends Component {
  /** ID of the copy. */
  readonly copy: pulumi.Output<string>;
  /** The moment of the source that the data is of, ISO 8601. */
  readonly dataFrom: pulumi.Output<string>;

  constructor(name: string, args: SnapshotRestoreStagingArgs, opts?: pulumi.ComponentResourceOptions) {
    super("staging:SnapshotRestoreStaging", name, opts);
    const { restore } = args;
    const made = new Step(
      this.childName("made"),
      {
        step: "copy",
        input: pulumi
          .all([args.adminPassword, args.operator, args.image.id, args.image.tag])
          .apply(([adminPassword, operator, id, tag]): CopyInput & Record<string, unknown> => {
            const { machines, wish } = wishOf(args, { id, tag });
            const key = [restore.source, restore.snapshot, restore.refresh ?? ""].join(" ");
            const how = { key, snapshot: restore.snapshot, method: restore.method };
            return { ...machines, operator, adminPassword, plan: { ...wish, ...how } };
          }),
      },
      this.child(),
    );
    const result = made.result<CopyResult>();
    this.copy = result.apply(({ id }) => id);
    this.dataFrom = result.apply(({ dataFrom }) => dataFrom);
    this.registerOutputs({ copy: this.copy, dataFrom: this.dataFrom });
  }
}

/**
 * What any copy is made with, wherever its database is.
 * @param image The version whose modules it is brought to.
 */
export function wishOf(args: SnapshotRestoreStagingArgs, image: { readonly id: string; readonly tag: string }) {
  const { config, restore, source, stack, sourcePlace } = args;
  if (config.stage === "production") throw new Error("production is never made from a copy"); // The configuration's check says it better.
  const { stage, release } = config;
  const { dockerHost } = args.operatorMachine;
  return {
    machines: {
      dockerHost,
      sourceHost: sourcePlace?.filesHost ?? dockerHost,
      hasPeers: args.platform.machines.length > 1,
    },
    wish: {
      ...{ stack, stage, database: args.database.name, image, volumes: args.volumes },
      source: {
        ...{ stack: source.stack, database: source.database, volumes: source.volumes },
        ...{ elsewhere: sourcePlace?.elsewhere, other: sourcePlace?.other },
      },
      wishes: { modules: config.modules, uninstall: release.uninstall, upgrade: release.upgrade },
      upgradeTimeoutSeconds: seconds(release.upgradeTimeout),
      allowedLogLines: release.allowLogLines,
      secure: {
        baseUrl: args.baseUrl,
        admin: { login: config.admin.login, email: config.admin.email },
        testers: restore.testers,
        obfuscate: restore.obfuscate,
        mail: args.mail,
      },
    },
  };
}
