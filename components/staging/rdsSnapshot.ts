import * as rds from "@pulumi/aws/rds";
import * as pulumi from "@pulumi/pulumi";
import type { MomentResult } from "../../infra/commands/steps/moment";
import { type AwsPlace, snapshotWay, type SnapshotWish } from "../../infra/config/aws/snapshotWay";
import { Component } from "../../infra/core/component";
import { UserError } from "../../infra/core/errors";
import { Step } from "../core/step";

/** A first snapshot, and a copy to another account or region, have all of the data in them; the provider by itself waits 20 minutes. */
const mostTime = { create: "6h" };

/** What a snapshot of a database on RDS is made with. */
export interface RdsSnapshotArgs extends Pick<SnapshotWish, "moment" | "refresh"> {
  /** The stack that it is for; a part of its name. */
  readonly stack: string;
  /** Identifier of the instance, and where that is. */
  readonly source: AwsPlace & { readonly identifier: string };
  /** Where it is needed. */
  readonly here: AwsPlace;
  /** What reaches the source's account and region. @default this component's */
  readonly sourceProvider?: pulumi.ProviderResource;
  /** The automated snapshot that is meant: then none is looked for. @default the latest there is */
  readonly found?: { readonly id: string; readonly arn?: string; readonly storageGb: number };
  /** ARN of a key here, which a copy is encrypted with. Needed in another account or region. @default the source's key, no copy */
  readonly kmsKeyArn?: pulumi.Input<string>;
}

/**
 * A snapshot of a database on RDS where another one is to be made from it: taken now or the latest automated one, and copied and
 * encrypted anew where that is another account or region. Another value of `refresh` makes another one beside it; the old one goes
 * last.
 *
 * A snapshot taken now is of the moment when `pulumi up` asked for it, and takes minutes; the first of an instance as long as its size
 * asks for. An instance without a standby answers some seconds late meanwhile.
 *
 * Another account sees a snapshot only if the source's key is shared with it (`sharing` of `RdsDatabase`).
 *
 * Cost: 0.095 USD a month for each GB beyond the size of the instance's own storage, and for a copy of all of it; transfer between
 * regions 0.02 USD for each GB (https://aws.amazon.com/rds/postgresql/pricing/).
 */
export class RdsSnapshot extends Component {
  /** What an instance is restored from. */
  readonly id: pulumi.Output<string>;
  /** Storage of the instance that it was made of, in GiB. */
  readonly storageGb: pulumi.Output<number>;
  /** The moment of the source that it is of, ISO 8601; to the minute. */
  readonly madeAt: pulumi.Output<string>;

  constructor(name: string, args: RdsSnapshotArgs, opts?: pulumi.ComponentResourceOptions) {
    const { way, problems } = snapshotWay({ ...args, hasKey: args.kmsKeyArn !== undefined });
    if (problems.length > 0) throw new UserError(`${args.stack} can't be made from a snapshot.`, problems);
    super("staging:RdsSnapshot", name, opts);
    const there = args.sourceProvider ? { provider: args.sourceProvider } : {};
    const accounts = [args.here.account];
    const began = new Step(this.childName(`moment-${args.refresh}`), { step: "moment", input: {} }, this.child());
    const taken =
      args.moment === "now"
        ? this.take(args, way.share === "itself" ? accounts : [], { ...there, dependsOn: began })
        : this.find(args, there);
    const shared = way.share === "copy" ? this.copy("shared", args, taken.arn, { accounts, options: there }) : taken;
    const own = way.copy ? this.copy("copy", args, shared.arn, { key: args.kmsKeyArn }) : shared;
    this.id = own.id;
    this.storageGb = own.storageGb;
    this.madeAt = pulumi
      .all([taken.id, began.result<Partial<MomentResult>>()])
      .apply(([id, { at = "" }]) => momentIn(id) ?? at);
    this.registerOutputs({ id: this.id });
  }

  private take(args: RdsSnapshotArgs, accounts: readonly string[], options: pulumi.CustomResourceOptions) {
    const snapshot = new rds.Snapshot(
      this.childName(`taken-${args.refresh}`),
      {
        dbInstanceIdentifier: args.source.identifier,
        dbSnapshotIdentifier: nameOf(args),
        ...(accounts.length > 0 ? { sharedAccounts: [...accounts] } : {}),
        tags: { Name: nameOf(args) },
      },
      // A source that is a copy itself is another instance after it was made anew.
      this.child({
        ...{ ...options, customTimeouts: mostTime },
        ignoreChanges: ["dbInstanceIdentifier", "dbSnapshotIdentifier", "tags"],
      }),
    );
    return { id: snapshot.id, arn: snapshot.dbSnapshotArn, storageGb: snapshot.allocatedStorage };
  }

  private find({ source, found }: RdsSnapshotArgs, options: pulumi.InvokeOutputOptions) {
    if (found) {
      const { id, arn = id, storageGb } = found;
      return { id: pulumi.output(id), arn: pulumi.output(arn), storageGb: pulumi.output(storageGb) };
    }
    const latest = rds.getSnapshotOutput(
      { dbInstanceIdentifier: source.identifier, snapshotType: "automated", mostRecent: true },
      { parent: this, ...options },
    );
    return { id: latest.id, arn: latest.dbSnapshotArn, storageGb: latest.allocatedStorage };
  }

  private copy(
    role: "shared" | "copy",
    args: RdsSnapshotArgs,
    arn: pulumi.Output<string>,
    more: {
      readonly accounts?: readonly string[];
      readonly key?: pulumi.Input<string>;
      readonly options?: pulumi.CustomResourceOptions;
    },
  ) {
    const target = `${nameOf(args)}-${role}`;
    const snapshot = new rds.SnapshotCopy(
      this.childName(`${role}-${args.refresh}`),
      {
        ...{ sourceDbSnapshotIdentifier: arn, targetDbSnapshotIdentifier: target, kmsKeyId: more.key },
        ...(more.accounts ? { sharedAccounts: [...more.accounts] } : {}),
        tags: { Name: target },
      },
      // The latest one is another one tomorrow.
      this.child({ ...{ ...more.options, customTimeouts: mostTime }, ignoreChanges: ["sourceDbSnapshotIdentifier"] }),
    );
    return { id: snapshot.id, arn: snapshot.dbSnapshotArn, storageGb: snapshot.allocatedStorage };
  }
}

/** AWS names its daily snapshots after the minute, in UTC: `rds:acme-prod-2026-11-27-02-06`. */
export function momentIn(id: string): string | undefined {
  const [, day = "", hour = "", minute = ""] = /^rds:.+-(\d{4}-\d\d-\d\d)-(\d\d)-(\d\d)$/.exec(id) ?? [];
  return day === "" ? undefined : `${day}T${hour}:${minute}:00Z`;
}

const nameOf = ({ source, stack, refresh }: RdsSnapshotArgs): string => `${source.identifier}-for-${stack}-${refresh}`;
