import * as rds from "@pulumi/aws/rds";
import * as secretsmanager from "@pulumi/aws/secretsmanager";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { checkSnapshotFits, wholeGigabytes } from "../../infra/config/aws/rdsChecks";
import { Component } from "../../infra/core/component";
import { UserError } from "../../infra/core/errors";
import type { Size } from "../../infra/core/units";
import { admission } from "../aws/admission";
import { dataKey } from "../aws/dataKey";
import { check, type RdsDatabaseArgs, type RdsWishes, withDefaults } from "./rdsArgs";
import { databaseLogs, enhancedMonitoring, rdsReplica } from "./rdsParts";

/** The user that makes roles and databases; no superuser, which RDS keeps for itself. */
const masterUser = "odoo_stacks_admin";

/**
 * What Pulumi must not change where it is: it would make another instance and delete this one. `refuseReplacement` says so in words;
 * this holds where nobody asks it, such as when a snapshot is gone that it began with.
 */
const unchanged = [
  ...["snapshotIdentifier", "kmsKeyId", "storageEncrypted", "username", "dbName", "availabilityZone"],
  "performanceInsightsKmsKeyId",
];

/** Days that performance figures are kept, as each mode of Database Insights wants it. */
const insightsDays = { standard: 7, advanced: 465 };

/**
 * PostgreSQL 17 on Amazon RDS: encrypted, reached from some security groups alone and with TLS alone, with point-in-time recovery.
 *
 * Cost in us-east-1, on demand: db.t4g.medium 47 USD a month, db.m7g.large 123 USD, and 0.115 USD for each GB; twice that with
 * `multiAz`, once more with a replica; 1 USD for the key, 0.40 USD for the secret (https://aws.amazon.com/rds/postgresql/pricing/).
 * Backups up to the size of the storage cost nothing.
 *
 * It makes neither Odoo's role nor its database: `RdsRole` does. Other major versions and moves: docs/aws-rds.md.
 */
export class RdsDatabase extends Component {
  readonly instance: rds.Instance;
  /** The copy that follows, where there is one. */
  readonly replica?: rds.Instance;
  /** Connections that it accepts. */
  readonly maxConnections: number;
  /** ID of its own security group. */
  readonly securityGroupId: pulumi.Output<string>;
  private readonly stackPassword?: pulumi.Output<string>;

  constructor(name: string, args: RdsDatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    const wishes = withDefaults(args);
    const parameters = check(wishes);
    super("database:RdsDatabase", name, opts);
    const { identifier, protect } = wishes;
    const keyArn = args.kmsKeyArn ?? (args.snapshot ? undefined : this.ownKey(wishes).arn);
    if (wishes.masterPassword === "stack") {
      this.stackPassword = new random.RandomPassword(
        this.childName("master-password"),
        { length: 32, special: false },
        this.child(),
      ).result;
    }
    const group = admission(
      this.childName("access"),
      { vpcId: args.vpcId, purpose: "PostgreSQL on RDS", port: 5432, clients: args.clients },
      this.child(),
    );
    const subnets = new rds.SubnetGroup(
      this.childName("subnets"),
      { description: "PostgreSQL on RDS", subnetIds: args.subnetIds, tags: { Name: this.childName("subnets") } },
      this.child(),
    );
    const parameterGroup = new rds.ParameterGroup(
      this.childName("parameters"),
      {
        ...{ family: "postgres17", description: "Odoo", parameters: parameters.map((parameter) => ({ ...parameter })) },
        tags: { Name: this.childName("parameters") },
      },
      this.child(),
    );
    const logs = databaseLogs(this.childName("log"), { identifier, days: wishes.logDays }, this.child());
    const shared = {
      ...{ vpcSecurityGroupIds: [group.id], parameterGroupName: parameterGroup.name, publiclyAccessible: false },
      ...{ storageType: "gp3", storageEncrypted: true, maxAllocatedStorage: inGigabytes(wishes.maxStorage) },
      ...{ iamDatabaseAuthenticationEnabled: wishes.iamAuthentication, copyTagsToSnapshot: true },
      ...{ autoMinorVersionUpgrade: wishes.minorUpgrades, maintenanceWindow: wishes.maintenanceWindow },
      ...{ applyImmediately: wishes.applyImmediately },
      ...enhancedMonitoring(this.childName("monitoring"), wishes.monitoringSeconds, this.child()),
      ...{ performanceInsightsEnabled: true, performanceInsightsKmsKeyId: keyArn },
      performanceInsightsRetentionPeriod: insightsDays[wishes.insights],
      databaseInsightsMode: wishes.insights,
    } satisfies Partial<rds.InstanceArgs>;
    this.instance = new rds.Instance(
      this.childName("instance"),
      {
        ...shared,
        ...{ identifier, instanceClass: args.instanceClass, engine: "postgres", engineVersion: "17", port: 5432 },
        ...this.origin(args, keyArn),
        ...(this.stackPassword
          ? { password: this.stackPassword }
          : { manageMasterUserPassword: true, masterUserSecretKmsKeyId: keyArn }),
        ...{ multiAz: wishes.multiAz, dbSubnetGroupName: subnets.name },
        ...{ backupRetentionPeriod: wishes.backupRetentionDays, backupWindow: wishes.backupWindow },
        ...{ deletionProtection: protect, deleteAutomatedBackups: !protect, skipFinalSnapshot: !protect },
        ...(protect ? { finalSnapshotIdentifier: this.finalSnapshot(identifier) } : {}),
        enabledCloudwatchLogsExports: ["postgresql", "upgrade"],
        tags: { Name: identifier },
      },
      this.child({ protect, ignoreChanges: ignored(args), dependsOn: [...logs] }),
    );
    if (args.replica) {
      const { instanceClass = args.instanceClass } = args.replica;
      this.replica = rdsReplica(
        this.childName("replica"),
        this.instance,
        { ...shared, identifier, instanceClass },
        this,
      );
    }
    this.maxConnections = Number(parameters.find((one) => one.name === "max_connections")?.value);
    this.securityGroupId = group.id;
    this.registerOutputs({ address: this.instance.address });
  }

  /**
   * The master user and its password; a secret. Where RDS keeps the password, whoever asks needs `secretsmanager:GetSecretValue`
   * and `kms:Decrypt`, in previews too, and gets another one after each renewal.
   */
  masterLogin(): pulumi.Output<{ readonly username: string; readonly password: string }> {
    if (this.stackPassword) {
      return pulumi
        .all([this.instance.username, this.stackPassword])
        .apply(([username, password]) => ({ username, password }));
    }
    const secretId = this.instance.masterUserSecrets.apply(([secret]) => secret?.secretArn ?? "");
    const { secretString } = secretsmanager.getSecretVersionOutput({ secretId }, { parent: this });
    return pulumi.secret(secretString).apply((text) => JSON.parse(text) as { username: string; password: string });
  }

  private ownKey({ protect, sharing, identifier }: RdsWishes) {
    return dataKey(this.childName("key"), { purpose: `The database ${identifier}`, protect, sharing }, this.child());
  }

  /** What it begins with: nothing, or a snapshot that fits. */
  private origin({ snapshot, storage }: RdsDatabaseArgs, keyArn?: pulumi.Input<string>): Partial<rds.InstanceArgs> {
    if (!snapshot) return { username: masterUser, kmsKeyId: keyArn, allocatedStorage: inGigabytes(storage) };
    const allocatedStorage = pulumi.all([snapshot.id, snapshot.storageGb]).apply(([id, storageGb]) => {
      const problem = storage && checkSnapshotFits(storage, storageGb);
      if (problem) throw new UserError(`The database can't be made from the snapshot ${id}.`, [problem]);
      return inGigabytes(storage) ?? storageGb;
    });
    return { snapshotIdentifier: snapshot.id, allocatedStorage };
  }

  /** A name that no snapshot of an earlier instance of the same name has. */
  private finalSnapshot(identifier: string): pulumi.Output<string> {
    const made = new random.RandomId(this.childName("made"), { byteLength: 4 }, this.child());
    return pulumi.interpolate`${identifier}-final-${made.hex}`;
  }
}

/** A snapshot of another day may be larger: without a wish for storage, the instance keeps what it began with. */
const ignored = ({ snapshot, storage }: RdsDatabaseArgs): string[] =>
  snapshot && storage === undefined ? [...unchanged, "allocatedStorage"] : unchanged;

const inGigabytes = (size: Size | undefined): number | undefined => size && wholeGigabytes(size);
