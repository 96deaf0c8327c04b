import * as kms from "@pulumi/aws/kms";
import type * as pulumi from "@pulumi/pulumi";

/** Other AWS accounts that may use a key, and whose it is. */
export interface KeySharing {
  /** The account that the key is in: 12 digits. */
  readonly account: string;
  /** The accounts that may use it for what is shared with them, such as snapshots: 12 digits each. None takes it back from all. */
  readonly with: readonly string[];
}

/** What a key is made with. */
export interface DataKeyArgs {
  /** What it encrypts, in words. */
  readonly purpose: string;
  /** Whether Pulumi refuses to delete it: without it, what it encrypts is lost. */
  readonly protect: boolean;
  /** With whom it is shared. Left out where it was there before, AWS keeps the policy: those go on. @default nobody */
  readonly sharing?: KeySharing;
}

/** How long AWS keeps a key that is to be deleted, in days: the longest that it offers. */
const deletionDays = 30;

/**
 * A key of AWS's key management for data at rest, renewed every year.
 *
 * Cost: 1 USD a month, and 1 USD more from each of its first two renewals on (https://aws.amazon.com/kms/pricing/).
 */
export function dataKey(name: string, args: DataKeyArgs, opts: pulumi.CustomResourceOptions): kms.Key {
  const { purpose, protect, sharing } = args;
  return new kms.Key(
    name,
    {
      description: purpose,
      enableKeyRotation: true,
      deletionWindowInDays: deletionDays,
      policy: sharing && sharedKeyPolicy(sharing),
      tags: { Name: name },
    },
    { ...opts, protect },
  );
}

/**
 * The policy of a key that other accounts may use: what AWS asks for so that a snapshot can be copied there. Without any, it is the one
 * that AWS gives by itself.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/share-encrypted-snapshot.html
 */
export function sharedKeyPolicy(sharing: KeySharing): string {
  const roots = (accounts: readonly string[]) => ({ AWS: accounts.map((account) => `arn:aws:iam::${account}:root`) });
  const others = { Effect: "Allow", Principal: roots(sharing.with), Resource: "*" };
  const forOthers = [
    {
      ...{ Sid: "OthersUse", ...others },
      Action: ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
    },
    {
      ...{ Sid: "OthersServicesUse", ...others },
      Action: ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
      Condition: { Bool: { "kms:GrantIsForAWSResource": "true" } },
    },
  ];
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      { Sid: "OwnAccount", Effect: "Allow", Principal: roots([sharing.account]), Action: "kms:*", Resource: "*" },
      ...(sharing.with.length > 0 ? forOthers : []),
    ],
  });
}
