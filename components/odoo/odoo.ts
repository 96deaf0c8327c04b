import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { odooUser, type OdooConfSettings } from "../../infra/commands/odooConf";
import { catchesMail } from "../../infra/config/mail";
import type { Platform, PlatformMachine } from "../../infra/config/platformOutput";
import type { EnvironmentConfig } from "../../infra/config/schema";
import type { OdooSizing } from "../../infra/config/sizing";
import type { Source } from "../../infra/config/sourceOutput";
import type { SourcePlace } from "../../infra/config/sourcePlace";
import { Component } from "../../infra/core/component";
import { seconds } from "../../infra/core/units";
import type { FilesWanted } from "../../infra/swarm/files";
import type { VolumePlace } from "../core/dataVolume";
import { Step } from "../core/step";
import type { Database } from "../database/database";
import { databaseTrust } from "../database/databaseTrust";
import { confOf } from "./conf";
import { OdooCron } from "./cron";
import { developmentOf } from "./development";
import { type FileVolumes, fileVolumes, type FormerFiles } from "./files";
import { connection, jobNetwork } from "./jobs";
import { mailServer } from "./mailCatcher";
import { Release } from "../releases/release";
import { type CopiedOnRds, SecuredRdsCopy } from "../staging/securedRdsCopy";
import { SnapshotRestoreStaging } from "../staging/snapshotRestoreStaging";
import { onMachine, onRole } from "../topologies/placement";
import { url } from "./routes";
import { OdooWeb } from "./web";

/** Where the parts of an Odoo are. */
export interface OdooPlace {
  /** The machine of each web container; scheduled jobs are on one of them. */
  readonly web: readonly [PlatformMachine, ...PlatformMachine[]];
  /** The folder that they have in common; undefined where there is one machine. */
  readonly sharedPath?: string;
  /** Names of the volumes with the cluster, and with attachments and sessions. */
  readonly volumes: { readonly database: string; readonly filestore: string };
  /** Where a release has to see to it that the files are; undefined where one machine has everything. */
  readonly files?: FilesWanted;
}

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
  /** What the database was made from on RDS, where that was another environment's. @default its data is its own, or comes in a container */
  readonly copied?: CopiedOnRds;
  /**
   * Declares what has to be there before a release looks at the database, or changes anything.
   * @param data What makes the data that Odoo begins with.
   * @default nothing
   */
  readonly beforeRelease?: (data: pulumi.Resource) => readonly pulumi.Resource[];
  /** Where its parts are. */
  readonly where: OdooPlace;
  /** The machines with its files: the first has the records of its releases as well. */
  readonly places: {
    readonly files: readonly VolumePlace[];
    /** Volumes with files that are not used now: left behind when the files were moved, or a shared folder's on a machine taken out. */
    readonly former: readonly FormerFiles[];
    /** Machines with records that were left behind. */
    readonly formerReleases: readonly VolumePlace[];
  };
  /** The environment that its data is copied from; undefined where it has data of its own. */
  readonly source?: Source;
  /** The Engine of the machine with the history of the environment that has to try a version first. */
  readonly gateHost: string;
  /** Where the data of the environment is that it is copied from. */
  readonly sourcePlace?: SourcePlace;
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
    const { volumes, web: machines, sharedPath } = args.where;
    // Staging and development have one machine, whether or not their files are in a folder.
    const movesAlone = sharedPath !== undefined && config.stage === "production";
    const [operatorMachine] = machines;
    const files = fileVolumes(name, args, this);
    const { filestore, releases } = files;
    const masterPassword = this.password("master-password");
    const adminPassword = this.password("admin-password");
    const conf = (role: OdooConfSettings["role"]) => confOf(role, args, masterPassword);

    const data = this.createData(args, files, adminPassword, conf("job"));
    const development = developmentOf(config);
    const trust = databaseTrust(this.childName("database-trust"), args.database, odooUser, this.child());
    const common = { stack, image: args.image.id, filestore: filestore.name, logs: args.logs, development, trust };
    const settled = new Step(
      this.childName("settled"),
      { step: "settled", input: { dockerHosts: [...new Set(machines.map(({ dockerHost }) => dockerHost))], stack } },
      this.child({ dependsOn: [...files.everywhere, args.network] }),
    );
    const webs = machines.map(
      (machine, at) =>
        new OdooWeb(
          this.childName(at === 0 ? "web" : `web-${at + 1}`),
          {
            ...common,
            odooConf: conf("web"),
            networks: [args.network.id, platform.network.edge.id],
            constraints: [onMachine(machine.name)],
            memoryBytes: args.sizing.webMemoryBytes,
            cpus: config.odoo.webCpus,
            // No grace period: requests lead elsewhere and have ended when it goes, and a release need not wait for it.
          },
          { parent: this, dependsOn: [data.ready, settled] },
        ),
    );
    const release = new Release(
      this.childName("release"),
      {
        ...args,
        volumes,
        operatorMachine,
        webServices: webs.map((web) => web.service.name),
        releases,
        files: args.where.files,
        copy: data.copy,
        beforeRelease: args.beforeRelease?.(data.ready),
      },
      { parent: this, dependsOn: webs },
    );
    new OdooCron(
      this.childName("cron"),
      {
        ...common,
        odooConf: conf("cron"),
        // Mails and scheduled jobs reach the outside as web processes do.
        networks: [args.network.id, platform.network.edge.id],
        // Where several machines share files, Swarm starts it on another one when its machine is gone.
        constraints: [movesAlone ? onRole("production") : onMachine(operatorMachine.name)],
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

  /** The data that it begins with: a first database, or a copy of another environment. */
  private createData(
    args: OdooArgs,
    { everywhere, releases }: FileVolumes,
    adminPassword: pulumi.Output<string>,
    odooConf: pulumi.Output<string>,
  ): { ready: pulumi.Resource; copy?: pulumi.Output<string> } {
    const { config, platform, stack, source } = args;
    const dependsOn = [args.database.ready, ...everywhere, args.network];
    if (config.restore && source) {
      const volumes = { ...args.where.volumes, releases: `${stack}-releases` };
      const wish = {
        ...{ ...args, operatorMachine: args.where.web[0], restore: config.restore, source, volumes, adminPassword },
        ...{ baseUrl: url(config, platform), mail: catchesMail(config) ? mailServer : undefined },
      };
      const options = { parent: this, dependsOn: [...dependsOn, releases] };
      const name = this.childName("copy");
      const staging = args.copied
        ? new SecuredRdsCopy(name, { ...wish, copied: args.copied, network: jobNetwork(args) }, options)
        : new SnapshotRestoreStaging(name, wish, options);
      return { ready: staging, copy: staging.copy };
    }
    const ready = new Step(
      this.childName("first-database"),
      {
        step: "firstDatabase",
        input: pulumi
          .all([
            ...([
              args.database.password,
              adminPassword,
              odooConf,
              args.image.id,
              jobNetwork(args),
              args.database.host,
            ] as const),
            args.database.trust,
          ])
          .apply((values) => ({
            dockerHost: args.where.web[0].dockerHost,
            stack,
            ...{ image: values[3], network: values[4] },
            filestoreVolume: args.where.volumes.filestore,
            database: { ...connection(args.database), host: values[5], password: values[0] },
            odooConf: values[2],
            modules: config.modules,
            demo: config.demo,
            ...{ language: config.language, country: config.country },
            admin: { ...config.admin, password: values[1] },
            baseUrl: url(config, platform),
            ...(values[6] === undefined ? {} : { trust: values[6] }),
          })),
      },
      this.child({ dependsOn, ignoreChanges: ["stdin"] }),
    );
    return { ready };
  }

  private password(role: string): pulumi.Output<string> {
    return new random.RandomPassword(this.childName(role), { length: 24, special: false }, this.child()).result;
  }
}
