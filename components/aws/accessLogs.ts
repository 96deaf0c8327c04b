import * as s3 from "@pulumi/aws/s3";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../infra/core/component";

/** What a balancer's access logs are kept with. */
export interface AccessLogsArgs {
  /** Number of the AWS account that the balancer belongs to. */
  readonly accountId: pulumi.Input<string>;
  /** Days after which a log is deleted, 1 or more. @default 90 */
  readonly retentionDays?: number;
  /** Whether logs that are there keep the bucket from being deleted. */
  readonly keep: boolean;
}

/**
 * A bucket that a load balancer writes its access logs to, and nobody reads from outside. Encrypted with S3's own keys, the only
 * ones that load balancers write with:
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
 *
 * Cost: S3's price for what is kept, about 0.025 USD per GB and month; a million requests are about 0.1 GB.
 */
export class AccessLogs extends Component {
  /** The bucket's name; known once the balancer may write to it. */
  readonly bucket: pulumi.Output<string>;

  constructor(name: string, args: AccessLogsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("aws:AccessLogs", name, opts);
    const { id, arn } = new s3.Bucket(this.childName("bucket"), { forceDestroy: !args.keep }, this.child());
    new s3.BucketPublicAccessBlock(
      this.childName("private"),
      {
        bucket: id,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      this.child(),
    );
    new s3.BucketServerSideEncryptionConfiguration(
      this.childName("encryption"),
      { bucket: id, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
      this.child(),
    );
    new s3.BucketLifecycleConfiguration(
      this.childName("retention"),
      {
        bucket: id,
        rules: [
          {
            id: "expire",
            status: "Enabled",
            filter: { prefix: "" },
            expiration: { days: args.retentionDays ?? 90 },
            abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
          },
        ],
      },
      this.child(),
    );
    const policy = new s3.BucketPolicy(
      this.childName("policy"),
      { bucket: id, policy: pulumi.jsonStringify(policyOf(arn, args.accountId)) },
      this.child(),
    );
    this.bucket = policy.bucket;
    this.registerOutputs({ bucket: this.bucket });
  }
}

/** Load balancers of the account may write, and nobody may do anything without TLS. */
const policyOf = (bucketArn: pulumi.Output<string>, accountId: pulumi.Input<string>) => ({
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "BalancersWrite",
      Effect: "Allow",
      Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
      Action: "s3:PutObject",
      Resource: pulumi.interpolate`${bucketArn}/AWSLogs/${accountId}/*`,
      Condition: {
        ArnLike: { "aws:SourceArn": pulumi.interpolate`arn:*:elasticloadbalancing:*:${accountId}:loadbalancer/*` },
      },
    },
    {
      Sid: "TlsOnly",
      Effect: "Deny",
      Principal: "*",
      Action: "s3:*",
      Resource: [bucketArn, pulumi.interpolate`${bucketArn}/*`],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
  ],
});
