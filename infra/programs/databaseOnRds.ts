import { createHash } from "node:crypto";
import type { Provider } from "@pulumi/aws/provider";
import { Snapshot } from "@pulumi/aws/rds";
import * as pulumi from "@pulumi/pulumi";
import type { KeySharing } from "../../components/aws/dataKey";
import { DatabaseClient } from "../../components/database/databaseClient";
import { RdsDatabase } from "../../components/database/rdsDatabase";
import { RdsRole } from "../../components/database/rdsRole";
import { Image } from "../../components/images/image";
import { onMachine } from "../../components/topologies/placement";
import { type Properties, refuseReplacement } from "../config/aws/replacement";
import { isOnRds, type OnRds, rdsWishes } from "../config/aws/rdsWishes";
import type { PlatformAws } from "../config/platformOutput";
import { UserError } from "../core/errors";
import { copyOnRds } from "./copyOnRds";
import { awsProvider } from "./environmentAws";
import type { EnvironmentDatabase, EnvironmentDatabaseArgs } from "./environmentDatabase";
import { type KnownResource, ownResources } from "./ownState";
import { watchDatabase } from "./rdsMonitoring";

/**
 * Declares an environment's database as an instance on RDS in the platform's network, which only its machines reach, with the container
 * from which psql does: one with data of its own, or a copy of another environment's.
 * @throws UserError when the configuration would have Pulumi make another instance in place of the one with the data.
 */
export async function databaseOnRds(args: EnvironmentDatabaseArgs, config: OnRds): Promise<EnvironmentDatabase> {
  const { stack, platform, where, logs } = args;
  const { aws } = platform;
  if (!aws) throw new Error("a configuration that was not checked");
  const wishes = rdsWishes(config, stack);
  const known = await ownResources();
  if (!config.restore) requireOwnInstance(stack, wishes.identifier, known);

  const [machine] = where.web;
  const provider = awsProvider(`${stack}-aws`, stack, config, aws);
  // Beside a container, that has the other name, and perhaps another machine.
  const imageName = `${stack}-${config.database.kind === "container" ? "client" : "postgres"}-image`;
  const image = new Image(imageName, { kind: "postgres", dockerHosts: [machine.dockerHost] }).id;
  const { copy, copied } = config.restore ? await copyOnRds(args, config, { provider, image, known }) : {};
  const [instance, database] = copy ? [copy.instance, copy.database] : ownDatabase(args, config, { provider, image });
  watchDatabase(args, config, { instance, provider });
  return {
    ...{ database, instance: wishes.identifier, copied },
    outputs: { database: { address: instance.instance.address, replica: instance.replica?.address } },
    beforeRelease: (data) => {
      const client = new DatabaseClient(
        `${stack}-database-client`,
        {
          ...{ stack, database, image, logs, network: platform.network.edge.id },
          constraints: [onMachine(machine.name)],
        },
        { providers: args.providers, dependsOn: data },
      );
      return [
        client,
        ...(isOnRds(config) && config.release.snapshot === "rds" ? [snapshotBefore(args, config, instance, data)] : []),
      ];
    },
  };
}

/** An instance with data of the environment's own. */
function ownDatabase(
  { stack, platform: { aws }, where, sizing }: EnvironmentDatabaseArgs,
  config: OnRds,
  { provider, image }: { readonly provider: Provider; readonly image: pulumi.Output<string> },
): [RdsDatabase, RdsRole] {
  if (!aws) throw new Error("a configuration that was not checked");
  const instance = new RdsDatabase(
    `${stack}-rds`,
    {
      ...{
        ...rdsWishes(config, stack),
        vpcId: aws.vpcId,
        subnetIds: [...aws.subnets.private],
        clients: { machines: aws.machines },
      },
      ...{ demand: sizing.demand, settings: config.database.settings, sharing: sharingOf(config, aws) },
    },
    { providers: [provider] },
  );
  const database = new RdsRole(
    `${stack}-database`,
    {
      ...{ stack, on: instance, region: aws.region, dockerHost: where.web[0].dockerHost, image },
      wish: { database: config.database.name },
    },
    { providers: [provider] },
  );
  return [instance, database];
}

/**
 * A snapshot of the instance from before each release: of another image, or with other wishes about modules. A new one is made while
 * users work, before the release begins; the one before it goes when the release is made.
 * @param data What makes its data. A copy is secured by it: there is no snapshot of one that is not.
 */
function snapshotBefore(
  { stack, image }: EnvironmentDatabaseArgs,
  config: OnRds,
  { instance }: RdsDatabase,
  data?: pulumi.Resource,
): Snapshot {
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
    { parent: instance, deleteBeforeReplace: false, dependsOn: data },
  );
}

/** Fails, before anything changes, when the instance that is there would have to become another one. */
function requireOwnInstance(stack: string, identifier: string, known: readonly KnownResource[]): void {
  if (known.some(({ type }) => type.endsWith(":staging:RdsCopy"))) {
    throw new UserError(`The configuration would leave data of ${stack} behind.`, [
      {
        path: "restore",
        expected: "the environment that its database on RDS is a copy of",
        found: "nothing",
        hint: `Put it back. To begin with an empty database, destroy the stack first: npx odoo-stacks destroy ${stack}`,
      },
    ]);
  }
  const is = known.find(({ name }) => name === `${stack}-rds-instance`)?.outputs as Properties | undefined;
  refuseReplacement("rds", "The database on RDS", is, { identifier, engine: "postgres", engineVersion: "17" });
}

/** With whom the key is shared; also with nobody, so that what is taken out of the list is taken back. */
const sharingOf = ({ database: { rds } }: OnRds, { account }: PlatformAws): KeySharing | undefined =>
  account === undefined ? undefined : { account, with: rds.sharing };
