import * as s3 from "@pulumi/aws/s3";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../infra/core/component";
import { UserError } from "../../infra/core/errors";
import { backupAccess, type BackupAccess, tlsOnlyBucket } from "./bucketAccess";
import { dataKey } from "./dataKey";

/** What a bucket for backups is made with. */
export interface BackupBucketArgs {
  /** ARN of the key that encrypts it. What is in it already stays with its old key. @default one of its own */
  readonly kmsKeyArn?: pulumi.Input<string>;
  /** Days after which objects cost less to keep and more to read (Standard-IA), 30 at least; 0 for never. @default 30 */
  readonly coldAfterDays?: number;
  /** Days that what was deleted or written over can be brought back. @default 30 */
  readonly keepVersionsDays?: number;
  /**
   * Nobody may delete or write over a version for so many days. `governance`: but for who has
   * `s3:BypassGovernanceRetention`; `compliance`: nobody at all, not even AWS. Once on, the bucket keeps it. @default none
   */
  readonly lock?: { readonly mode: "governance" | "compliance"; readonly days: number };
  /**
   * Name of another bucket, which gets to know who asked for what, in a folder of this one's name. S3 writes only to one that is
   * encrypted with its own keys (SSE-S3) and lets `logging.s3.amazonaws.com` in. @default none
   */
  readonly accessLogs?: pulumi.Input<string>;
  /** Whether Pulumi refuses to delete it; one with something in it AWS never deletes. @default true */
  readonly protect?: boolean;
}

/** How long a component's name may be, so that its bucket's, with what Pulumi adds, has at most 63 characters. */
const longestName = 63 - "-bucket-1a2b3c4".length;

/**
 * A bucket for backups: encrypted, not public, with TLS alone, where what is deleted stays for a while.
 *
 * Cost in us-east-1: 0.023 USD a month for each GB, 0.0125 USD for what is cold, 0.005 USD for 1,000 writes, 1 USD for the key
 * (https://aws.amazon.com/s3/pricing/). A bucket key spares nearly all of KMS's price by request.
 */
export class BackupBucket extends Component {
  readonly bucket: s3.Bucket;
  /** ARN of the key that encrypts it. */
  readonly keyArn: pulumi.Output<string>;
  /** What has to be there before anything is put into it. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: BackupBucketArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    const { lock, protect = true, coldAfterDays = 30, keepVersionsDays = 30 } = args;
    check(name, { lock, coldAfterDays, keepVersionsDays });
    super("aws:BackupBucket", name, opts);
    const logical = this.childName("bucket");
    this.keyArn = pulumi.output(
      args.kmsKeyArn ?? dataKey(this.childName("key"), { purpose: `Backups in ${name}`, protect }, this.child()).arn,
    );
    this.bucket = new s3.Bucket(
      logical,
      { objectLockEnabled: lock !== undefined, tags: { Name: logical } },
      // A lock can be put on a bucket that is there; here, it would be another bucket.
      this.child({ protect, ignoreChanges: ["objectLockEnabled"] }),
    );
    const bucket = this.bucket.id;
    const versioning = new s3.BucketVersioning(
      this.childName("versioning"),
      { bucket, versioningConfiguration: { status: "Enabled" } },
      this.child(),
    );
    this.ready = [
      versioning,
      ...this.closed(bucket),
      new s3.BucketServerSideEncryptionConfiguration(
        this.childName("encryption"),
        {
          bucket,
          rules: [
            {
              applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: this.keyArn },
              bucketKeyEnabled: true,
            },
          ],
        },
        this.child(),
      ),
    ];
    new s3.BucketLifecycleConfiguration(
      this.childName("lifecycle"),
      { bucket, rules: lifecycle(coldAfterDays, keepVersionsDays) },
      this.child({ dependsOn: [versioning] }),
    );
    if (lock) {
      new s3.BucketObjectLockConfiguration(
        this.childName("lock"),
        { bucket, rule: { defaultRetention: { mode: lock.mode.toUpperCase(), days: lock.days } } },
        this.child({ dependsOn: [versioning] }),
      );
    }
    if (args.accessLogs !== undefined) {
      new s3.BucketLogging(
        this.childName("access-logs"),
        { bucket, targetBucket: args.accessLogs, targetPrefix: pulumi.interpolate`${bucket}/` },
        this.child(),
      );
    }
    this.registerOutputs({ bucket });
  }

  /** The policy of a role that works with the backups in one folder. */
  access(part: Pick<BackupAccess, "prefix" | "may">): pulumi.Output<string> {
    return pulumi
      .all([this.bucket.arn, this.keyArn])
      .apply(([bucketArn, keyArn]) => backupAccess({ bucketArn, keyArn, ...part }));
  }

  /** Closes it to the public, to other accounts' owners, and to whoever comes without TLS. */
  private closed(bucket: pulumi.Output<string>): readonly pulumi.Resource[] {
    const block = new s3.BucketPublicAccessBlock(
      this.childName("not-public"),
      { bucket, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
      this.child(),
    );
    return [
      block,
      new s3.BucketOwnershipControls(
        this.childName("ownership"),
        { bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
        this.child(),
      ),
      // Changed at the same time, S3 refuses one of the two.
      new s3.BucketPolicy(
        this.childName("policy"),
        { bucket, policy: this.bucket.arn.apply(tlsOnlyBucket) },
        this.child({ dependsOn: [block] }),
      ),
    ];
  }
}

function lifecycle(coldAfterDays: number, keepVersionsDays: number) {
  const everything = { status: "Enabled", filter: { prefix: "" } };
  return [
    ...(coldAfterDays > 0
      ? [{ id: "cold", ...everything, transitions: [{ days: coldAfterDays, storageClass: "STANDARD_IA" }] }]
      : []),
    {
      ...{ id: "old-versions", ...everything },
      noncurrentVersionExpiration: { noncurrentDays: keepVersionsDays },
      expiration: { expiredObjectDeleteMarker: true },
    },
    { id: "broken-uploads", ...everything, abortIncompleteMultipartUpload: { daysAfterInitiation: 7 } },
  ];
}

function check(
  name: string,
  { lock, coldAfterDays, keepVersionsDays }: Pick<BackupBucketArgs, "lock" | "coldAfterDays" | "keepVersionsDays">,
): void {
  const days = (path: string, value = 0, least = 1) =>
    Number.isInteger(value) && value >= least
      ? []
      : [{ path, expected: `${least} days or more`, found: String(value) }];
  const problems = [
    ...(name.length <= longestName && /^[a-z0-9][a-z0-9-]*$/.test(name)
      ? []
      : [{ path: "name", expected: `at most ${longestName} small letters, digits and hyphens`, found: name }]),
    ...(lock ? days("lock.days", lock.days) : []),
    ...(coldAfterDays === 0 ? [] : days("coldAfterDays", coldAfterDays, 30)),
    ...days("keepVersionsDays", keepVersionsDays),
  ];
  if (problems.length > 0) throw new UserError("The bucket for backups can't be made.", problems);
}
