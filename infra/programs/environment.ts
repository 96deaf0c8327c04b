import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { PostgresServer } from "../../components/database/postgresServer";
import { Image } from "../../components/images/image";
import { MailCatcher } from "../../components/odoo/mailCatcher";
import { Odoo } from "../../components/odoo/odoo";
import { renderPostgresConf } from "../commands/postgresConf";
import { catchesMail } from "../config/mail";
import type { Platform } from "../config/platformOutput";
import type { EnvironmentConfig } from "../config/schema";
import { sizeEnvironment } from "../config/sizing";
import { type Source, sourceVersion } from "../config/sourceOutput";
import { labelList } from "../core/labels";
import { bytes, seconds } from "../core/units";
import { requireSamePlace, type VolumeNames } from "../targets/volumes";
import { targetAt } from "../targets";

/** Names of an environment's volumes, unless its configuration says otherwise. */
const volumeNames = (stack: string, config: EnvironmentConfig): VolumeNames => ({
  "postgres-data": config.database.volume ?? `${stack}-postgres-data`,
  filestore: config.filestore.volume ?? `${stack}-filestore`,
});

/**
 * Declares an environment: one Odoo with its database and its files.
 * @param stack Name of the stack.
 * @param config Its configuration, checked against the platform.
 * @param platform The platform that it is placed on.
 * @param shared The environment that its data is copied from, if it is, and what of its own settings its copies take over.
 */
export async function deployEnvironment(
  stack: string,
  config: EnvironmentConfig,
  platform: Platform,
  shared: { source?: Source; settings?: pulumi.Input<Readonly<Record<string, string>>> } = {},
): Promise<Record<string, unknown>> {
  const { source, settings = {} } = shared;
  const target = targetAt(platform.docker.host);
  const volumes = volumeNames(stack, config);
  requireSamePlace(stack, { volumes, database: config.database.name }, await target.dataVolumes(stack));
  const sizing = sizeEnvironment(config, platform);
  const placement = platform.placement[config.stage];
  const logs = { maxBytes: bytes(config.logs.maxSize), maxFiles: config.logs.maxFiles };

  const provider = new docker.Provider(`${stack}-docker`, { host: platform.docker.host });
  const providers = [provider];
  const network = new docker.Network(
    `${stack}-network`,
    { driver: "overlay", attachable: true, internal: true, labels: labelList(stack, "network") },
    { provider },
  );
  const database = new PostgresServer(
    `${stack}-database`,
    {
      stack,
      image: new Image(`${stack}-postgres-image`, { kind: "postgres", dockerHost: platform.docker.host }).id,
      database: config.database.name,
      volume: volumes["postgres-data"],
      protect: config.protectData,
      settings: renderPostgresConf({ sizing: sizing.postgres, settings: config.database.settings }),
      memoryBytes: sizing.postgres.memoryBytes,
      sharedMemoryBytes: sizing.postgres.sharedMemoryBytes,
      stopGraceSeconds: seconds(config.database.stopGrace),
      network: network.id,
      constraints: placement.database,
      logs,
    },
    { providers },
  );
  const mail = catchesMail(config)
    ? new MailCatcher(
        `${stack}-mail`,
        {
          stack,
          config,
          platform,
          image: new Image(`${stack}-mail-image`, { kind: "mail", dockerHost: platform.docker.host }).id,
          network: network.id,
          logs,
        },
        { providers },
      )
    : undefined;
  const odoo = new Odoo(
    `${stack}-odoo`,
    {
      stack,
      config,
      platform,
      sizing: sizing.odoo,
      image: new Image(`${stack}-odoo-image`, {
        kind: "odoo",
        dockerHost: platform.docker.host,
        version: config.odoo.version,
        addons: config.addons,
        modules: config.modules,
        existing: config.release.image,
      }),
      operator: new Image(`${stack}-operator-image`, { kind: "operator", dockerHost: platform.docker.host }).id,
      database,
      volumes: { database: volumes["postgres-data"], filestore: volumes.filestore },
      source,
      network,
      logs,
    },
    { providers },
  );
  const asSource: pulumi.Input<pulumi.Inputs & Omit<Source, "settings">> = {
    version: sourceVersion,
    stack,
    stage: config.stage,
    platform: config.platform,
    database: config.database.name,
    volumes: { database: volumes["postgres-data"], filestore: volumes.filestore },
    settings,
  };
  const shown = { ...odoo.outputs, ...mail?.outputs };
  return { kind: config.kind, platform: config.platform, stage: config.stage, source: asSource, ...shown };
}
