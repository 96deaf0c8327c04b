import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { type PlatformMachine, proxiesOf } from "../../infra/config/platformOutput";
import type { ReleaseInput } from "../../infra/commands/steps/release";
import type { RestartInput } from "../../infra/commands/steps/restart";
import { Component } from "../../infra/core/component";
import { seconds } from "../../infra/core/units";
import type { FilesWanted } from "../../infra/swarm/files";
import { Step } from "../core/step";
import { jobNetwork } from "../odoo/jobs";
import type { OdooArgs } from "../odoo/odoo";
import { routeServices } from "../odoo/routes";

/** What a release is made with. */
export interface ReleaseArgs extends Pick<
  OdooArgs,
  "stack" | "config" | "platform" | "image" | "operator" | "sizing" | "database" | "network" | "gateHost"
> {
  /** Names of the volumes with the cluster and with the files. */
  readonly volumes: { readonly database: string; readonly filestore: string };
  /** What has to be there before it looks at the database, or changes anything. @default nothing */
  readonly beforeRelease?: readonly pulumi.Resource[];
  /** The machine on which releases are carried out: one with the files. */
  readonly operatorMachine: PlatformMachine;
  /** Names of the new web services, one for each web machine, which stand beside the old ones until the switch. */
  readonly webServices: readonly pulumi.Input<string>[];
  /** The volume with journal, history and sets. */
  readonly releases: docker.Volume;
  /** Where the files have to be; undefined where one machine has everything. */
  readonly files?: FilesWanted;
  /** ID of the copy of another environment whose data is to be there; undefined where the data is the environment's own. */
  readonly copy?: pulumi.Output<string>;
}

/**
 * The way from one version to the next: modules are installed, upgraded or removed with requests held, and requests go to
 * the new containers. A Command resource hands it to the operator on the machine, which finishes or undoes it alone. Two
 * more restart Odoo and PostgreSQL when the configuration asks for it.
 *
 * Cost: none of its own; a snapshot of the database for as long as a release takes, and for as many sets as are kept.
 */
export class Release extends Component {
  constructor(name: string, args: ReleaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("releases:Release", name, opts);
    const { config, platform, stack } = args;
    const { dockerHost } = args.operatorMachine;
    const hasPeers = platform.machines.length > 1;
    const switched = new Step(
      this.childName("switch"),
      {
        step: "release",
        input: pulumi
          .all([
            args.image.id,
            args.image.tag,
            pulumi.all([...args.webServices]),
            jobNetwork(args),
            args.operator,
            args.releases.name,
            args.copy,
          ])
          .apply(
            ([id, tag, webServices, network, operator, releases, copy]): ReleaseInput & Record<string, unknown> => ({
              dockerHost,
              proxies: proxiesOf(platform),
              hasPeers,
              operator,
              gate: config.release.requires
                ? {
                    dockerHost: args.gateHost,
                    requires: config.release.requires,
                    soakSeconds: seconds(config.release.soak),
                    override: config.release.override,
                  }
                : undefined,
              plan: {
                stack,
                stage: config.stage,
                database: args.database.name,
                ...(args.database.trust ? { remoteDatabase: true } : {}),
                image: { id, tag },
                webServices,
                network,
                volumes: { filestore: args.volumes.filestore, releases },
                proxy: platform.proxy.containers[0].container,
                proxiesOf: platform.proxy.balancer && platform.stack,
                routes: routeServices(stack, config, platform, webServices),
                workers: args.sizing.workers,
                modules: config.modules,
                uninstall: config.release.uninstall,
                upgrade: config.release.upgrade,
                maxHoldSeconds: seconds(config.release.maxHold),
                upgradeTimeoutSeconds: seconds(config.release.upgradeTimeout),
                snapshot: config.release.snapshot,
                rehearse: config.release.rehearse,
                watchSeconds: config.release.watchMinutes * 60,
                keepSets: config.release.keepSets,
                files: args.files,
                copy,
                keepFormer: config.restore?.keepFormer,
                allowedLogLines: config.release.allowLogLines,
              },
            }),
          ),
      },
      this.child({ dependsOn: [...(args.beforeRelease ?? [])] }),
    );
    // One after the other: the first that is done lets requests go on, which Odoo can't answer while PostgreSQL is away.
    let before = switched;
    for (const [role, trigger] of [
      ["postgres", config.restart.database],
      ["odoo-web", config.restart.odoo],
      ["odoo-cron", config.restart.odoo],
    ] as const) {
      const dockerHosts = platform.machines.map((machine) => machine.dockerHost);
      const input: RestartInput = {
        manager: platform.docker.host,
        dockerHosts,
        stack,
        role,
        proxies: proxiesOf(platform),
        trigger: trigger ?? "",
      };
      before = new Step(
        this.childName(`restart-${role}`),
        { step: "restart", input: { ...input } },
        this.child({ dependsOn: [before] }),
      );
    }
    this.registerOutputs({});
  }
}
