import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { odooUser } from "../../infra/commands/odooConf";
import { Component } from "../../infra/core/component";
import { labelList } from "../../infra/core/labels";
import type { DatabaseTrust } from "../database/databaseTrust";
import type { HealthCheck } from "../core/health";
import { type MountedFolder, serviceArgs } from "../core/service";

/** Where Odoo keeps filestore and sessions. */
export const dataDir = "/var/lib/odoo";

/**
 * Odoo waits for a database whose machine has vanished for as long as the kernel sends what was not answered: a quarter of an hour, or
 * until it ends the process itself (`limit_time_real`). Here 25 s: 0.2 s, doubled six times; and a minute where nothing was to be sent.
 * https://docs.kernel.org/networking/ip-sysctl.html
 */
const givingUp = {
  "net.ipv4.tcp_retries2": "6",
  "net.ipv4.tcp_keepalive_time": "30",
  "net.ipv4.tcp_keepalive_intvl": "10",
  "net.ipv4.tcp_keepalive_probes": "3",
};

/** What Odoo's containers have in common. */
export interface OdooServiceArgs {
  readonly stack: string;
  /** ID of the Odoo image. */
  readonly image: pulumi.Input<string>;
  /** The rendered odoo.conf; a secret, because it holds passwords. */
  readonly odooConf: pulumi.Input<string>;
  /** Name of the volume with the filestore. */
  readonly filestore: pulumi.Input<string>;
  /** IDs of the networks: the environment's own, and for web containers the one shared with the proxy. */
  readonly networks: readonly pulumi.Input<string>[];
  /** Swarm placement expressions. */
  readonly constraints: readonly string[];
  /** Hard memory limit of the container, in bytes. */
  readonly memoryBytes: number;
  /** Cores that the container may use; fractions too. @default all */
  readonly cpus?: number;
  /** How long what is under way may take to end, in seconds. @default removing the service does not wait */
  readonly stopGraceSeconds?: number;
  readonly logs: { readonly maxBytes: number; readonly maxFiles: number };
  /** What differs in development. @default nothing */
  readonly development?: Development;
  /** What the database's server is checked against. @default nothing: it is on a network of the environment's own */
  readonly trust?: DatabaseTrust;
}

/** What makes Odoo's containers run from files that change. */
export interface Development {
  /** Folders of the machine. */
  readonly mounts?: readonly MountedFolder[];
  /** Variables of the containers. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether Odoo starts anew when a Python file changes. @default false */
  readonly reload?: boolean;
}

/** One of Odoo's containers: the part that web and cron have in common. */
export abstract class OdooService extends Component {
  /** The Swarm service; its name resolves to the container on the networks that it is on. */
  readonly service: docker.Service;

  protected constructor(
    kind: {
      readonly type: `odoo:${string}`;
      readonly role: "odoo-web" | "odoo-cron";
      readonly health: HealthCheck;
      /** Replaces the image's own arguments. */
      readonly command?: readonly string[];
    },
    name: string,
    args: OdooServiceArgs,
    serviceOptions: pulumi.CustomResourceOptions,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super(kind.type, name, opts);
    const conf = new docker.Secret(
      this.childName("conf"),
      {
        data: pulumi.secret(args.odooConf).apply((text) => Buffer.from(text).toString("base64")),
        labels: labelList(args.stack, "secret"),
      },
      // A Swarm secret never changes; the containers move to a new one, then the old one goes.
      this.child({ additionalSecretOutputs: ["data"], deleteBeforeReplace: false }),
    );
    this.service = new docker.Service(
      this.childName("service"),
      serviceArgs({
        stack: args.stack,
        role: kind.role,
        image: args.image,
        args: kind.command,
        env: args.trust ? { ...args.trust.env, ...args.development?.env } : args.development?.env,
        configs: args.trust?.configs,
        secrets: [{ source: conf, path: "/etc/odoo/odoo.conf", ...odooUser }],
        volumes: [{ name: args.filestore, path: dataDir }],
        folders: args.development?.mounts,
        networks: args.networks.map((id) => ({ id })),
        constraints: args.constraints,
        health: kind.health,
        sysctl: givingUp,
        stopGraceSeconds: args.stopGraceSeconds,
        memoryBytes: args.memoryBytes,
        cpus: args.cpus,
        logs: args.logs,
      }),
      this.child(serviceOptions),
    );
    this.registerOutputs({ service: this.service.name });
  }
}
