import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { overlayNetwork } from "../../components/core/overlay";
import { Step } from "../../components/core/step";
import { Image } from "../../components/images/image";
import { MailCatcher } from "../../components/odoo/mailCatcher";
import { Odoo } from "../../components/odoo/odoo";
import { onMachine } from "../../components/topologies/placement";
import { requireOtherPlatform } from "../config/aws/otherPlatform";
import { catchesMail } from "../config/mail";
import type { Platform } from "../config/platformOutput";
import type { EnvironmentConfig } from "../config/schema";
import { sizeEnvironment } from "../config/sizing";
import { requireSameDatabaseKind, type Source, sourceVersion } from "../config/sourceOutput";
import { bytes } from "../core/units";
import { type DatabaseOnRds, environmentDatabase } from "./environmentDatabase";
import { operatorHostOf, placedAt, placeOfSource, placeOnOther, VolumePlaces } from "./placed";
import { goesOnWithout } from "./silent";
import type { SourceRead } from "./sourceReference";
import { type Where, whereIs } from "./where";

/**
 * Declares an environment: one Odoo with its database and its files.
 * @param stack Name of the stack.
 * @param config Its configuration, checked against the platform.
 * @param platform The platform that it is placed on.
 * @param shared The environment that its data is copied from, if it is, and its platform where that is another one; what of its own
 *   settings its copies take over; and what declares a database on RDS, by default loaded when there is one.
 */
export async function deployEnvironment(
  stack: string,
  config: EnvironmentConfig,
  platform: Platform,
  shared: Partial<SourceRead> & {
    settings?: pulumi.Input<Readonly<Record<string, string>>>;
    onRds?: DatabaseOnRds;
  } = {},
): Promise<Record<string, unknown>> {
  const { source, sourcePlatform, settings = {} } = shared;
  if (source) requireSameDatabaseKind(stack, config.database.kind === "rds", source);
  if (source && sourcePlatform) requireOtherPlatform({ stack, platform }, { ...source, platform: sourcePlatform });
  const where = await whereIs(stack, config, platform);
  const warnings = [...where.due, ...where.silent.map((machine) => goesOnWithout(stack, machine))];
  for (const line of warnings) void pulumi.log.warn(line);
  const { volumes, web: webMachines } = where;
  const [filesMachine] = webMachines;
  const sourcePlace =
    source &&
    (await (sourcePlatform ? placeOnOther(source, sourcePlatform) : placeOfSource(source, platform, filesMachine)));
  const webHosts = [...new Set(webMachines.map(({ dockerHost }) => dockerHost))];
  const hasContainer = config.database.kind === "container";
  const sizing = sizeEnvironment(config, placedAt(platform, config.stage, where));
  const logs = { maxBytes: bytes(config.logs.maxSize), maxFiles: config.logs.maxFiles };

  const provider = new docker.Provider(`${stack}-docker`, { host: platform.docker.host });
  const providers = [provider];
  const places = new VolumePlaces(stack, platform, provider);
  const network = overlayNetwork(
    `${stack}-network`,
    { stack, role: "network", encrypted: platform.network.encrypted, internal: true },
    { provider },
  );
  // Where data is can change only where there are other machines, now or later.
  const placed =
    platform.target === "local"
      ? undefined
      : new Step(`${stack}-place`, {
          step: "place",
          input: {
            dockerHost: platform.docker.host,
            ...{
              stack,
              database: hasContainer ? where.database.name : undefined,
              files: filesMachine.name,
              shared: where.sharedPath !== undefined,
            },
            ...(where.unmarked.length > 0 ? { unmarked: where.unmarked } : {}),
          },
        });
  const operators = operatorImages(stack, platform, webHosts, where.silent);
  const operator = operators.own.id;
  const image = new Image(`${stack}-odoo-image`, {
    kind: "odoo",
    dockerHosts: webHosts,
    version: config.odoo.version,
    addons: config.addons,
    modules: config.modules,
    existing: config.release.image,
  });
  const { database, instance, copied, beforeRelease, outputs } = await environmentDatabase(
    {
      ...{
        stack,
        config,
        platform,
        where,
        sizing,
        network,
        operator,
        places,
        placed,
        providers,
        image: image.id,
        logs,
      },
      ...{ source, sourcePlatform },
    },
    shared.onRds,
  );
  const mail = catchesMail(config)
    ? new MailCatcher(
        `${stack}-mail`,
        {
          stack,
          config,
          platform,
          image: new Image(`${stack}-mail-image`, { kind: "mail", dockerHosts: [filesMachine.dockerHost] }).id,
          network: network.id,
          constraints: [onMachine(filesMachine.name)],
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
      image,
      operator,
      database,
      copied,
      beforeRelease,
      where,
      places: {
        files: [...new Set(webMachines)].map((machine) => places.on(machine)),
        former: [...where.former.filestore, ...where.former.shared].map((one) => ({
          ...{ ...places.on(one), volume: one.volume, path: one.path },
        })),
        formerReleases: where.formerReleases.map((machine) => places.on(machine)),
      },
      source,
      gateHost: await operatorHostOf(config.release.requires, platform),
      sourcePlace,
      network,
      logs,
    },
    { providers, dependsOn: operators.elsewhere },
  );
  const onRds =
    instance === undefined ? {} : { onRds: true, instance, sharing: config.database.rds?.sharing, operator };
  const asSource: pulumi.Input<pulumi.Inputs & Omit<Source, "settings" | "operator">> = {
    version: sourceVersion,
    stack,
    stage: config.stage,
    platform: config.platform,
    database: database.name,
    volumes,
    ...onRds,
    settings,
  };
  const shown = { ...odoo.outputs, ...mail?.outputs, ...outputs };
  return { kind: config.kind, platform: config.platform, stage: config.stage, source: asSource, ...shown };
}

/**
 * The operator's image on the machines that an environment's releases are carried out from, and apart from it, on those that they
 * may reach: which of these answer changes nothing of the environment itself.
 */
function operatorImages(
  stack: string,
  { docker: { host: manager }, machines }: Platform,
  webHosts: readonly string[],
  silent: Where["silent"],
): { own: Image; elsewhere?: Image } {
  const hosts = [...new Set([manager, ...webHosts])];
  const own = new Image(`${stack}-operator-image`, { kind: "operator", dockerHosts: hosts });
  if (machines.length === 1) return { own };
  const away = silent.map(({ machine }) => machine.dockerHost);
  const others = machines.map(({ dockerHost }) => dockerHost).filter((host) => ![...hosts, ...away].includes(host));
  return { own, elsewhere: new Image(`${stack}-operator-elsewhere`, { kind: "operator", dockerHosts: others }) };
}
