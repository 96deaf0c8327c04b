import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../infra/commands/settings";
import type { LogDays } from "../../infra/config/awsLogDays";
import { checkRds, wholeGigabytes } from "../../infra/config/aws/rdsChecks";
import { rdsClasses } from "../../infra/config/aws/rdsClasses";
import { type RdsDemand, type RdsParameter, rdsParameters } from "../../infra/config/aws/rdsParameters";
import { UserError } from "../../infra/core/errors";
import type { Size } from "../../infra/core/units";
import type { KeySharing } from "../aws/dataKey";

/** What a database on RDS is made with. */
export interface RdsDatabaseArgs {
  /**
   * Name of the instance, one of its own in the account and region: 1 to 63 small letters, digits and hyphens. It is part of its
   * address: a change renames it, and whoever is connected loses it.
   */
  readonly identifier: string;
  /** Instance class, such as `db.t4g.medium`; a change starts it again. Which there are: infra/config/aws/rdsClasses.ts. */
  readonly instanceClass: string;
  /** Storage that it begins with, in whole GB, 20 at least. It can grow, and never shrinks. @default as much as the snapshot has */
  readonly storage?: Size;
  /** Up to where storage grows by itself when less than a tenth of it is free. @default four times `storage`, where that is given */
  readonly maxStorage?: Size;
  /** Whether a standby in another zone takes over within one to two minutes. It doubles the price. @default false */
  readonly multiAz?: boolean;
  /** ID of the VPC. */
  readonly vpcId: pulumi.Input<string>;
  /** IDs of private subnets, in two zones at least, which RDS wants also for one instance. */
  readonly subnetIds: pulumi.Input<pulumi.Input<string>[]>;
  /** IDs of the security groups whose machines may connect, by what they are. Nobody else can. */
  readonly clients: Readonly<Record<string, pulumi.Input<string>>>;
  /** What Odoo asks of it; with the class's memory it makes the parameters. */
  readonly demand: RdsDemand;
  /** Further parameters, in PostgreSQL's base units, which RDS takes alone. They take effect at its next start. @default none */
  readonly settings?: Settings;
  /** Whether other servers can follow it change by change; blue/green deployments need it. It starts again. @default false */
  readonly logicalReplication?: boolean;
  /** ARN of the key that encrypts it; it can't be changed. @default one of its own, or a snapshot's */
  readonly kmsKeyArn?: pulumi.Input<string>;
  /** Accounts that its own key is shared with, so that its snapshots can be. @default none */
  readonly sharing?: KeySharing;
  /** A snapshot that it begins with, instead of empty. Counts only when it is made. @default none */
  readonly snapshot?: {
    /** Identifier of the snapshot, or ARN of a shared one. */
    readonly id: pulumi.Input<string>;
    /** Storage of the instance that it was made of, in GiB. */
    readonly storageGb: pulumi.Input<number>;
  };
  /**
   * Who keeps the master user's password: `rds` in AWS Secrets Manager, where it is renewed every week, or the `stack`, as a secret
   * in its state. RDS makes neither replicas nor blue/green deployments of instances whose password it keeps.
   * @default "stack" with a replica or from a snapshot, else "rds"
   */
  readonly masterPassword?: "rds" | "stack";
  /** Whether roles may log in with tokens of IAM; each has to be granted `rds_iam`. @default false */
  readonly iamAuthentication?: boolean;
  /** Days that it can be taken back to, to the second: 1 to 35; 0 for none where it is not protected. @default 14 */
  readonly backupRetentionDays?: number;
  /** When the daily snapshot begins, in UTC. @default "02:00-03:00" */
  readonly backupWindow?: string;
  /** When AWS may start it again, in UTC. @default "sun:03:30-sun:04:30" */
  readonly maintenanceWindow?: string;
  /** Whether minor versions are installed in the window. @default true */
  readonly minorUpgrades?: boolean;
  /** Whether changes are made at once, and not in the window. @default false */
  readonly applyImmediately?: boolean;
  /** Whether AWS and Pulumi refuse to delete it, a last snapshot is made, and backups stay for their time. @default true */
  readonly protect?: boolean;
  /** CloudWatch Database Insights: `standard` keeps a week for nothing, `advanced` 15 months for a price. @default "standard" */
  readonly insights?: "standard" | "advanced";
  /** Seconds between figures of the system below; 0 for none. @default 60 */
  readonly monitoringSeconds?: 0 | 1 | 5 | 10 | 15 | 30 | 60;
  /** How long its logs are kept in CloudWatch Logs, in days. @default 30 */
  readonly logDays?: LogDays;
  /** A copy that follows and can be read from. @default none */
  readonly replica?: {
    /** @default the instance's; a smaller one has the same parameters */
    readonly instanceClass?: string;
  };
}

/** What is asked for, with what was left out. */
export type RdsWishes = ReturnType<typeof withDefaults>;

/** Adds what was left out. */
export function withDefaults(args: RdsDatabaseArgs) {
  return {
    ...args,
    maxStorage: args.maxStorage ?? (args.storage && fourTimes(args.storage)),
    hasSnapshot: args.snapshot !== undefined,
    multiAz: args.multiAz ?? false,
    masterPassword: args.masterPassword ?? ((args.replica ?? args.snapshot) ? "stack" : "rds"),
    iamAuthentication: args.iamAuthentication ?? false,
    backupRetentionDays: args.backupRetentionDays ?? 14,
    backupWindow: args.backupWindow ?? "02:00-03:00",
    maintenanceWindow: args.maintenanceWindow ?? "sun:03:30-sun:04:30",
    minorUpgrades: args.minorUpgrades ?? true,
    applyImmediately: args.applyImmediately ?? false,
    protect: args.protect ?? true,
    insights: args.insights ?? "standard",
    monitoringSeconds: args.monitoringSeconds ?? 60,
    logDays: args.logDays ?? 30,
  };
}

const fourTimes = (storage: Size): Size => `${Math.min(4 * wholeGigabytes(storage), 65_536)} GB`;

/**
 * Checks all that can be before AWS is asked.
 * @returns its parameters.
 * @throws UserError with all that is wrong.
 */
export function check(wishes: RdsWishes): readonly RdsParameter[] {
  const found = rdsClasses.get(wishes.instanceClass);
  const { parameters, problems } = found
    ? rdsParameters(found, wishes.demand, wishes)
    : { parameters: [], problems: [] };
  const all = [...checkRds(wishes), ...problems];
  if (all.length > 0) throw new UserError(`The database ${wishes.identifier} can't be made on RDS.`, all);
  return parameters;
}
