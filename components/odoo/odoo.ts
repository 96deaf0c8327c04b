import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { type OdooConfSettings, renderOdooConf } from "../../infra/commands/odooConf";
import type { Platform } from "../../infra/config/platformOutput";
import type { EnvironmentConfig } from "../../infra/config/schema";
import type { OdooSizing } from "../../infra/config/sizing";
import { Component } from "../../infra/core/component";
import { labelList } from "../../infra/core/labels";
import { seconds } from "../../infra/core/units";
import { Step } from "../core/step";
import type { Database } from "../database/database";
import { OdooCron } from "./cron";
import { Release } from "../releases/release";
import { url } from "./routes";
import { OdooWeb } from "./web";

/** What an Odoo is made with. */
export interface OdooArgs {
  readonly stack: string;
  readonly config: EnvironmentConfig;
  readonly platform: Platform;
  readonly sizing: OdooSizing;
  /** The version that serves. */
  readonly image: { readonly id: pulumi.Input<string>; readonly tag: pulumi.Input<string> };
  /** ID of the operator's image, which carries out releases. */
  readonly operator: pulumi.Input<string>;
  readonly database: Database;
  /** Name of the volume with attachments and sessions. */
  readonly filestoreVolume: string;
  /** The environment's own network. */
  readonly network: docker.Network;
  readonly logs: { readonly maxBytes: number; readonly maxFiles: number };
}

/**
 * One Odoo: its filestore, its first database, web and cron containers, and the routes that lead to it.
 *
 * Cost: none of its own; it shares its machine as `sizing` says.
 */
export class Odoo extends Component {
  /** What the stack exports of it. */
  readonly outputs: Record<string, pulumi.Input<unknown>>;

  constructor(name: string, args: OdooArgs, opts?: pulumi.ComponentResourceOptions) {
    super("odoo:Odoo", name, opts);
    const { config, platform, stack } = args;
    const filestore = new docker.Volume(
      this.childName("filestore"),
      { name: args.filestoreVolume, labels: labelList(stack, "filestore") },
      // Docker can't change a volume: every difference would replace it, and the data with it.
      this.child({ protect: config.protectData, ignoreChanges: ["labels", "driver", "driverOpts"] }),
    );
    const masterPassword = this.password("master-password");
    const adminPassword = this.password("admin-password");
    const conf = (role: OdooConfSettings["role"]) => this.renderConf(role, args, masterPassword);

    const firstDatabase = new Step(
      this.childName("first-database"),
      {
        step: "firstDatabase",
        input: pulumi
          .all([args.database.password, adminPassword, conf("job"), args.image.id, args.network.name])
          .apply((values) => ({
            dockerHost: platform.docker.host,
            stack,
            image: values[3],
            network: values[4],
            filestoreVolume: args.filestoreVolume,
            database: { ...connection(args.database), password: values[0] },
            odooConf: values[2],
            modules: config.modules,
            demo: config.demo,
            language: config.language,
            country: config.country,
            admin: { ...config.admin, password: values[1] },
            baseUrl: url(config, platform),
          })),
      },
      this.child({ dependsOn: [args.database.ready, filestore, args.network], ignoreChanges: ["stdin"] }),
    );

    const common = { stack, image: args.image.id, filestore: filestore.name, logs: args.logs };
    const settled = new Step(
      this.childName("settled"),
      { step: "settled", input: { dockerHost: platform.docker.host, stack } },
      this.child({ dependsOn: [filestore, args.network] }),
    );
    const [webConstraints = []] = platform.placement[config.stage].web;
    const web = new OdooWeb(
      this.childName("web"),
      {
        ...common,
        odooConf: conf("web"),
        networks: [args.network.id, platform.network.edge.id],
        constraints: webConstraints,
        memoryBytes: args.sizing.webMemoryBytes,
        // No grace period: requests lead elsewhere and have ended when it goes, and a release need not wait for it.
      },
      { parent: this, dependsOn: [firstDatabase, settled] },
    );
    const release = new Release(
      this.childName("release"),
      { ...args, webService: web.service.name, releasesVolume: `${stack}-releases` },
      { parent: this, dependsOn: [web] },
    );
    new OdooCron(
      this.childName("cron"),
      {
        ...common,
        odooConf: conf("cron"),
        // Mails and scheduled jobs reach the outside as web processes do.
        networks: [args.network.id, platform.network.edge.id],
        constraints: platform.placement[config.stage].cron,
        memoryBytes: args.sizing.cronMemoryBytes,
        // Odoo itself gives jobs under way `limit_time_real` (odoo/service/server.py, PreforkServer.stop).
        stopGraceSeconds: Math.max(seconds(config.odoo.stopGrace), seconds(config.odoo.limits.timeReal)),
      },
      // Jobs run with the code that requests are answered with: after the switch.
      { parent: this, dependsOn: [release] },
    );
    this.outputs = { url: url(config, platform), adminLogin: config.admin.login, adminPassword, masterPassword };
    this.registerOutputs({ url: this.outputs.url });
  }

  private password(role: string): pulumi.Output<string> {
    return new random.RandomPassword(this.childName(role), { length: 24, special: false }, this.child()).result;
  }

  private renderConf(
    role: OdooConfSettings["role"],
    { config, database, sizing }: OdooArgs,
    masterPassword: pulumi.Output<string>,
  ): pulumi.Output<string> {
    const { limits } = config.odoo;
    return pulumi
      .all([database.password, masterPassword])
      .apply(([password, adminPassword]) =>
        renderOdooConf({
          role,
          database: { host: database.host, port: database.port, user: database.role, name: database.name, password },
          adminPassword,
          ...sizing,
          limitTimeCpuSeconds: seconds(limits.timeCpu),
          limitTimeRealSeconds: seconds(limits.timeReal),
          limitTimeRealCronSeconds: seconds(limits.timeRealCron),
          limitRequests: limits.requests,
          logLevel: config.odoo.logLevel,
          options: config.odoo.options,
        }),
      );
  }
}

/** A database's address as psycopg2 takes it. */
function connection(database: Database) {
  return { host: database.host, port: database.port, user: database.role, dbname: database.name };
}
