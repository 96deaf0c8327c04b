import { createHash } from "node:crypto";
import { Provider } from "@pulumi/aws/provider";
import { Snapshot } from "@pulumi/aws/rds";
import * as pulumi from "@pulumi/pulumi";
import { DatabaseClient } from "../../components/database/databaseClient";
import { RdsDatabase } from "../../components/database/rdsDatabase";
import { RdsRole } from "../../components/database/rdsRole";
import { Image } from "../../components/images/image";
import { onMachine } from "../../components/topologies/placement";
import { type Properties, refuseReplacement } from "../config/aws/replacement";
import { type OnRds, rdsWishes } from "../config/aws/rdsWishes";
import type { PlatformAws } from "../config/platformOutput";
import type { EnvironmentDatabase, EnvironmentDatabaseArgs } from "./environmentDatabase";
import { ownResources } from "./ownState";

/**
 * Declares an environment's database as an instance on RDS in the platform's network, which only its machines reach, with the container
 * from which psql does.
 * @throws UserError when the configuration would have Pulumi make another instance in place of the one with the data.
 */
export async function databaseOnRds(args: EnvironmentDatabaseArgs, config: OnRds): Promise<EnvironmentDatabase> {
  const { stack, platform, where, sizing, logs } = args;
  const { aws } = platform;
  if (!aws) throw new Error("a configuration that was not checked");
  const wishes = rdsWishes(config, stack);
  const name = `${stack}-rds`;
  await requireSameInstance(`${name}-instance`, {
    identifier: wishes.identifier,
    engine: "postgres",
    engineVersion: "17",
  });

  const [machine] = where.web;
  const provider = new Provider(`${stack}-aws`, {
    ...{ region: aws.region, profile: aws.profile, defaultTags: { tags: tagsOf(stack, config, aws) } },
  });
  const instance = new RdsDatabase(
    name,
    {
      ...{ ...wishes, vpcId: aws.vpcId, subnetIds: [...aws.subnets.private], clients: { machines: aws.machines } },
      ...{ demand: sizing.demand, settings: config.database.settings },
    },
    { providers: [provider] },
  );
  const image = new Image(`${stack}-postgres-image`, { kind: "postgres", dockerHosts: [machine.dockerHost] }).id;
  const database = new RdsRole(
    `${stack}-database`,
    {
      ...{ stack, on: instance, region: aws.region, dockerHost: machine.dockerHost, image },
      wish: { database: config.database.name },
    },
    { providers: [provider] },
  );
  const client = new DatabaseClient(
    `${stack}-database-client`,
    { ...{ stack, database, image, logs, network: platform.network.edge.id }, constraints: [onMachine(machine.name)] },
    { providers: args.providers },
  );
  const snapshots = config.release.snapshot === "rds" ? [snapshotBefore(args, config, instance)] : [];
  return { database, beforeRelease: [client, ...snapshots] };
}

/**
 * A snapshot of the instance from before each release: of another image, or with other wishes about modules. A new one is made while
 * users work, before the release begins; the one before it goes when the release is made.
 */
function snapshotBefore({ stack, image }: EnvironmentDatabaseArgs, config: OnRds, { instance }: RdsDatabase): Snapshot {
  const { upgrade, uninstall } = config.release;
  const release = pulumi.output(image).apply((id) =>
    createHash("sha256")
      .update(JSON.stringify([id, config.modules, upgrade, uninstall]))
      .digest("hex"),
  );
  return new Snapshot(
    `${stack}-rds-before-release`,
    {
      dbInstanceIdentifier: instance.identifier,
      dbSnapshotIdentifier: pulumi.interpolate`${instance.identifier}-before-${release.apply((hash) => hash.slice(0, 10))}`,
    },
    { parent: instance, deleteBeforeReplace: false },
  );
}

/** Fails, before anything changes, when the instance that is there would have to become another one. */
async function requireSameInstance(resource: string, wanted: Properties): Promise<void> {
  const known = (await ownResources()).find(({ name }) => name === resource);
  refuseReplacement("rds", "The database on RDS", known?.outputs as Properties | undefined, wanted);
}

/** What everything that the environment makes in AWS is tagged with. */
const tagsOf = (stack: string, { platform, stage }: OnRds, { tags }: PlatformAws): Record<string, string> => ({
  ...{ "odoo-stacks.stack": stack, "odoo-stacks.platform": platform, environment: stage },
  ...tags,
});
