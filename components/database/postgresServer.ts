import { createHash } from "node:crypto";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { HoldInput } from "../../infra/commands/steps/hold";
import { Component } from "../../infra/core/component";
import { labelList } from "../../infra/core/labels";
import { dataVolume, type VolumePlace } from "../core/dataVolume";
import { serviceArgs } from "../core/service";
import { Step } from "../core/step";
import type { Database } from "./database";

/** What a PostgreSQL server of an environment is made with. */
export interface PostgresServerArgs {
  /** The stack it belongs to. */
  readonly stack: string;
  /** ID of the postgres image. */
  readonly image: pulumi.Input<string>;
  /** Name of the one database. A change makes another database beside the old one, which stays in the volume. */
  readonly database: string;
  /** Name of the volume with the cluster; created if absent. A change is refused while it would leave data behind. */
  readonly volume: string;
  /** The machine with the volume, and those with copies of it that were left behind. */
  readonly places: readonly VolumePlace[];
  /** Whether Pulumi refuses to delete the volume. @default true */
  readonly protect: boolean;
  /** The rendered postgresql.conf. */
  readonly settings: string;
  /** Hard memory limit of the container, in bytes. */
  readonly memoryBytes: number;
  /** Size of the container's `/dev/shm`, which parallel queries share memory through, in bytes. */
  readonly sharedMemoryBytes: number;
  /** Time it has to write everything down when it stops, in seconds. */
  readonly stopGraceSeconds: number;
  /** ID of the environment's network. */
  readonly network: pulumi.Input<string>;
  /** ID of the operator's image. */
  readonly operator: pulumi.Input<string>;
  /** The proxies' containers, as `inEngine` names them, which have requests wait while the server is started again. */
  readonly proxies: readonly string[];
  /** The manager's Engine, as `DOCKER_HOST` names it. */
  readonly manager: string;
  /** The Engines of all machines. */
  readonly dockerHosts: readonly string[];
  /** Swarm placement expressions. */
  readonly constraints: readonly string[];
  readonly logs: { readonly maxBytes: number; readonly maxFiles: number };
}

/** The `postgres` user and group inside the image. */
const postgresUser = { uid: 999, gid: 999 };

/**
 * PostgreSQL for one environment: a cluster of its own on a volume of its own, so that memory, versions, roles and WAL of
 * environments stay apart. One container, started again where it was when it ends; reachable on the environment's
 * network alone, under the name `database`.
 *
 * Cost: none of its own; it takes `memoryBytes` of the machine it is placed on.
 * It does not back up and does not replicate.
 */
export class PostgresServer extends Component implements Database {
  readonly host = "database";
  readonly port = 5432;
  readonly role = "odoo";
  readonly name: string;
  readonly password: pulumi.Output<string>;
  readonly ready: pulumi.Resource;
  /** Name of the volume with the cluster. */
  readonly volume: pulumi.Output<string>;

  constructor(name: string, args: PostgresServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("database:PostgresServer", name, opts);
    this.name = args.database;
    this.password = new random.RandomPassword(
      this.childName("password"),
      { length: 32, special: false },
      this.child(),
    ).result;

    const [volume] = args.places.map((place) =>
      dataVolume(
        this.childName("data"),
        {
          ...place,
          ...{ stack: args.stack, name: args.volume, role: "postgres-data" },
          database: args.database,
          protect: args.protect,
        },
        this,
      ),
    );
    if (!volume) throw new Error("a database without a place");
    const passwordFile = new docker.Secret(
      this.childName("password-file"),
      {
        data: this.password.apply((password) => Buffer.from(password).toString("base64")),
        labels: labelList(args.stack, "secret"),
      },
      this.child({ additionalSecretOutputs: ["data"], deleteBeforeReplace: false }),
    );
    const settings = new docker.ServiceConfig(
      this.childName("settings"),
      { data: Buffer.from(args.settings).toString("base64") },
      this.child({ deleteBeforeReplace: false }),
    );
    this.volume = volume.name;
    const held = this.hold("begin", args, [volume, settings]);
    const service = new docker.Service(
      this.childName("service"),
      serviceArgs({
        stack: args.stack,
        role: "postgres",
        image: args.image,
        env: { DATABASE: args.database },
        secrets: [{ source: passwordFile, path: "/run/secrets/odoo_password", ...postgresUser }],
        configs: [{ source: settings, path: "/etc/postgresql/odoo-stacks.conf", ...postgresUser }],
        volumes: [{ name: volume.name, path: "/var/lib/postgresql/odoo-stacks" }],
        sharedMemoryBytes: args.sharedMemoryBytes,
        networks: [{ id: args.network, aliases: [this.host] }],
        constraints: args.constraints,
        health: {
          command: "/opt/odoo-stacks/healthcheck.sh",
          intervalSeconds: 1,
          // Recovery after a crash replays WAL for as long as it takes; to kill it then would only start it over.
          startPeriodSeconds: 6 * 3600,
          retries: 60,
        },
        stopGraceSeconds: args.stopGraceSeconds,
        memoryBytes: args.memoryBytes,
        logs: args.logs,
      }),
      // Never two servers on one cluster: it is updated in place, which stops the old container first.
      this.child({ deleteBeforeReplace: true, dependsOn: [volume, held] }),
    );
    this.ready = this.hold("end", args, [service]);
    this.registerOutputs({ volume: this.volume });
  }

  /** Has requests wait while the server is started again, because it is to run with something else. */
  private hold(phase: HoldInput["phase"], args: PostgresServerArgs, after: pulumi.Resource[]): Step {
    const { stack, proxies, manager, dockerHosts, settings, memoryBytes, sharedMemoryBytes } = args;
    const input = pulumi
      .all([args.image, args.operator])
      .apply(([image, operator]): HoldInput & Record<string, unknown> => ({
        ...{ phase, stack, proxies, manager, dockerHosts, operator },
        runsWith: digest([image, settings, memoryBytes, sharedMemoryBytes]),
      }));
    const name = this.childName(phase === "begin" ? "held" : "ready");
    return new Step(name, { step: "hold", input }, this.child({ dependsOn: after }));
  }
}

const digest = (parts: readonly unknown[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
