import type * as pulumi from "@pulumi/pulumi";
import { copyIdentifier, identifierOf } from "../../infra/config/aws/rdsWishes";
import { isElsewhere } from "../../infra/config/aws/snapshotWay";
import { Component } from "../../infra/core/component";
import { dataKey } from "../aws/dataKey";
import type { RdsDatabaseArgs } from "../database/rdsArgs";
import { RdsDatabase } from "../database/rdsDatabase";
import { RdsRole, type RdsRoleArgs } from "../database/rdsRole";
import { RdsSnapshot, type RdsSnapshotArgs } from "./rdsSnapshot";

/** What a copy of a database on RDS is made with. */
export interface RdsCopyArgs
  extends
    RdsSnapshotArgs,
    Pick<
      RdsDatabaseArgs,
      "instanceClass" | "storage" | "maxStorage" | "vpcId" | "subnetIds" | "clients" | "demand" | "settings"
    >,
    Pick<RdsRoleArgs, "dockerHost" | "image"> {
  /** Names of the database, in the source and here. */
  readonly database: { readonly from: string; readonly to: string };
}

/**
 * A copy of another environment's database on RDS, from a snapshot: an instance of its own with passwords of its own, in which nobody
 * who could log in to the source can. Another value of `refresh` makes another one beside it, and the old one goes when that is there.
 *
 * Its data is the source's, secrets and personal data too. It has to be secured, by a machine of `clients`, before anything else may
 * connect; this component does not do that.
 *
 * From another account or region, it has a key of its own here, unless it is given one: the source's is not there.
 *
 * Cost: that of an instance, and of two while it is made anew, as `RdsDatabase` says; and of the snapshot, twice where it comes from
 * elsewhere, with 1 USD a month for the key. It has no backups.
 */
export class RdsCopy extends Component {
  readonly snapshot: RdsSnapshot;
  readonly instance: RdsDatabase;
  /** What an environment connects to, once it is secured. */
  readonly database: RdsRole;

  constructor(name: string, args: RdsCopyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("staging:RdsCopy", name, opts);
    const { refresh, stack } = args;
    const kmsKeyArn = args.kmsKeyArn ?? (isElsewhere(args.source, args.here) ? this.ownKey(stack).arn : undefined);
    const called = { ...args, kmsKeyArn, stack: identifierOf(stack) };
    this.snapshot = new RdsSnapshot(this.childName("snapshot"), called, { parent: this });
    this.instance = new RdsDatabase(
      this.childName(`instance-${refresh}`),
      {
        ...{ identifier: copyIdentifier(stack, refresh), instanceClass: args.instanceClass },
        ...{ storage: args.storage, maxStorage: args.maxStorage },
        ...{ vpcId: args.vpcId, subnetIds: args.subnetIds, clients: args.clients },
        ...{ demand: args.demand, settings: args.settings, kmsKeyArn },
        snapshot: { id: this.snapshot.id, storageGb: this.snapshot.storageGb },
        ...{ protect: false, backupRetentionDays: 0, monitoringSeconds: 0, logDays: 7, applyImmediately: true },
      },
      { parent: this },
    );
    this.database = new RdsRole(
      this.childName(`role-${refresh}`),
      {
        ...{ stack, on: this.instance, region: args.here.region, dockerHost: args.dockerHost, image: args.image },
        wish: { database: args.database.to, from: args.database.from },
      },
      { parent: this },
    );
    this.registerOutputs({ host: this.database.host });
  }

  /** One for all copies, which outlives each of them. */
  private ownKey(stack: string) {
    return dataKey(this.childName("key"), { purpose: `Copies for ${stack}`, protect: false }, this.child());
  }
}
