import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { Database } from "../../components/database/database";
import { FormerServer } from "../../components/database/formerServer";
import { PostgresServer } from "../../components/database/postgresServer";
import type { CopiedOnRds } from "../../components/staging/securedRdsCopy";
import { Image } from "../../components/images/image";
import { onMachine, whereDatabaseIs } from "../../components/topologies/placement";
import { renderPostgresConf } from "../commands/postgresConf";
import { isOnRds, onceOnRds, type OnRds, preparesRds } from "../config/aws/rdsWishes";
import { type Platform, proxiesOf } from "../config/platformOutput";
import type { EnvironmentConfig } from "../config/schema";
import { sizeEnvironment, type Sizing } from "../config/sizing";
import type { Source } from "../config/sourceOutput";
import { seconds } from "../core/units";
import { placedAt, type VolumePlaces } from "./placed";
import type { Where } from "./where";

/** What an environment's database is declared from. */
export interface EnvironmentDatabaseArgs {
  readonly stack: string;
  readonly config: EnvironmentConfig;
  readonly platform: Platform;
  readonly where: Where;
  readonly sizing: Sizing;
  /** The environment's own network. */
  readonly network: docker.Network;
  /** ID of the operator's image. */
  readonly operator: pulumi.Input<string>;
  readonly places: VolumePlaces;
  /** What marks where data is; undefined where there is one machine for good. */
  readonly placed?: pulumi.Resource;
  readonly providers: pulumi.ProviderResource[];
  /** ID of Odoo's image. */
  readonly image: pulumi.Input<string>;
  readonly logs: { readonly maxBytes: number; readonly maxFiles: number };
  /** The environment that its data is copied from; undefined where it has data of its own. */
  readonly source?: Source;
  /** The platform that this one is on. @default the environment's own */
  readonly sourcePlatform?: Platform;
}

/** An environment's database. */
export interface EnvironmentDatabase {
  readonly database: Database;
  /** Identifier of its instance on RDS. @default it is in a container */
  readonly instance?: string;
  /** What it was made from there, where that was another environment's. @default its data is its own, or comes in a container */
  readonly copied?: CopiedOnRds;
  /**
   * Declares what has to be there before a release looks at it, or changes anything.
   * @param data What makes the data that Odoo begins with. @default nothing does
   * @default nothing
   */
  readonly beforeRelease?: (data?: pulumi.Resource) => readonly pulumi.Resource[];
  /** What the stack exports of it. @default nothing */
  readonly outputs?: { readonly database: DatabaseOutput };
}

/** Where a database on RDS is reached, in the platform's network. */
export interface DatabaseOutput {
  readonly address: pulumi.Input<string>;
  /** The replica's address; undefined without one. */
  readonly replica?: pulumi.Input<string>;
}

/** Declares a database on RDS. */
export type DatabaseOnRds = (args: EnvironmentDatabaseArgs, config: OnRds) => Promise<EnvironmentDatabase>;

/** Loaded when it is called, so that no other environment waits for Pulumi's package for AWS. */
const loadedOnRds: DatabaseOnRds = (args, config) =>
  (require("./databaseOnRds") as typeof import("./databaseOnRds")).databaseOnRds(args, config);

/**
 * Declares an environment's database: a container on a machine of the platform, or an instance on RDS, with what is left of the container
 * that it was moved from; or a container, with the instance that it can be moved to.
 * @param onRds What declares that. @default loaded when it is needed
 */
export async function environmentDatabase(
  args: EnvironmentDatabaseArgs,
  onRds: DatabaseOnRds = loadedOnRds,
): Promise<EnvironmentDatabase> {
  const { config } = args;
  if (isOnRds(config)) {
    leftBehind(args);
    return onRds(args, config);
  }
  const database = inContainer(args);
  // Nothing waits for an instance that nothing uses yet: RDS takes minutes to make it.
  if (preparesRds(config)) (await onRds({ ...args, sizing: sizingOnRds(args, config) }, config)).beforeRelease?.();
  return { database };
}

/** The figures that follow when the database was moved: some parameters of the instance would take a restart to change. */
function sizingOnRds({ platform, where }: EnvironmentDatabaseArgs, config: OnRds): Sizing {
  const then = { ...where, database: where.web[0] };
  return sizeEnvironment(onceOnRds(config), placedAt(platform, config.stage, then));
}

/** The volumes on machines that a database on RDS was in before. */
function leftBehind({ stack, config, where: { former, volumes }, places, providers }: EnvironmentDatabaseArgs): void {
  if (former.database.length === 0) return;
  new FormerServer(
    `${stack}-database`,
    {
      ...{ stack, database: config.database.name, volume: volumes.database, protect: config.protectData },
      places: former.database.map((machine) => places.on(machine)),
    },
    { providers },
  );
}

function inContainer(args: EnvironmentDatabaseArgs): Database {
  const { stack, config, platform, sizing, where, places, placed, network, logs } = args;
  const { database: on, former, volumes } = where;
  return new PostgresServer(
    `${stack}-database`,
    {
      stack,
      image: new Image(`${stack}-postgres-image`, { kind: "postgres", dockerHosts: [on.dockerHost] }).id,
      database: config.database.name,
      volume: volumes.database,
      places: [on, ...former.database].map((machine) => places.on(machine)),
      protect: config.protectData,
      settings: renderPostgresConf({ sizing: sizing.postgres, settings: config.database.settings }),
      memoryBytes: sizing.postgres.memoryBytes,
      sharedMemoryBytes: sizing.postgres.sharedMemoryBytes,
      stopGraceSeconds: seconds(config.database.stopGrace),
      network: network.id,
      operator: args.operator,
      proxies: proxiesOf(platform),
      manager: platform.docker.host,
      dockerHosts: platform.machines.map(({ dockerHost }) => dockerHost),
      constraints: [placed ? whereDatabaseIs(stack) : onMachine(on.name)],
      logs,
    },
    { providers: args.providers, dependsOn: placed },
  );
}
