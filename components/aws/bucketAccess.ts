/** A statement of a policy, as IAM has it. */
type Statement = Readonly<Record<string, unknown>>;

const policy = (statements: readonly Statement[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements });

/**
 * The policy of a bucket that answers with TLS 1.2 and later alone, whoever asks.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
 */
export function tlsOnlyBucket(bucketArn: string): string {
  const everybody = { Effect: "Deny", Principal: "*", Action: "s3:*", Resource: [bucketArn, `${bucketArn}/*`] };
  return policy([
    { Sid: "NotWithoutTls", ...everybody, Condition: { Bool: { "aws:SecureTransport": "false" } } },
    { Sid: "NotWithOldTls", ...everybody, Condition: { NumericLessThan: { "s3:TlsVersion": "1.2" } } },
  ]);
}

/** What somebody may do with backups. */
export interface BackupAccess {
  readonly bucketArn: string;
  /** ARN of the key that the bucket encrypts with. */
  readonly keyArn: string;
  /** The part of the bucket, such as `acme-prod`; without a slash at either end. */
  readonly prefix: string;
  /**
   * `write` makes backups, and takes away old ones: since the bucket keeps versions, what was taken away can be brought back, and
   * nobody with this may delete a version. `read` restores.
   */
  readonly may: "write" | "read";
}

/** The policy of a role that works with one environment's backups, and nothing else in the bucket. */
export function backupAccess({ bucketArn, keyArn, prefix, may }: BackupAccess): string {
  const objects = `${bucketArn}/${prefix}/*`;
  const write = ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"];
  return policy([
    {
      ...{ Sid: "List", Effect: "Allow", Action: "s3:ListBucket", Resource: bucketArn },
      Condition: { StringLike: { "s3:prefix": [prefix, `${prefix}/*`] } },
    },
    { Sid: "Locate", Effect: "Allow", Action: "s3:GetBucketLocation", Resource: bucketArn },
    { Sid: "Objects", Effect: "Allow", Action: ["s3:GetObject", ...(may === "write" ? write : [])], Resource: objects },
    {
      ...{ Sid: "Key", Effect: "Allow", Resource: keyArn },
      Action: ["kms:Decrypt", ...(may === "write" ? ["kms:GenerateDataKey"] : [])],
    },
  ]);
}
