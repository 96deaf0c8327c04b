import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as iam from "@pulumi/aws/iam";
import * as rds from "@pulumi/aws/rds";
import type * as pulumi from "@pulumi/pulumi";
import { replicaOf } from "../../infra/config/aws/rdsChecks";

/**
 * The groups of an instance's logs. Made before it: RDS would make them itself, and keep what is in them for ever.
 *
 * Cost: 0.50 USD for each GB of logs, and 0.03 USD a month to keep it (https://aws.amazon.com/cloudwatch/pricing/).
 */
export function databaseLogs(
  name: string,
  { identifier, days }: { readonly identifier: string; readonly days: number },
  opts: pulumi.CustomResourceOptions,
): readonly cloudwatch.LogGroup[] {
  return ["postgresql", "upgrade"].map(
    (log) =>
      new cloudwatch.LogGroup(
        `${name}-${log}`,
        { name: `/aws/rds/instance/${identifier}/${log}`, retentionInDays: days, tags: { Name: `${name}-${log}` } },
        opts,
      ),
  );
}

/**
 * What an instance is given to report figures of the system below it: the interval, and a role that may write them.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html
 *
 * @param seconds Between figures; 0 for none.
 */
export function enhancedMonitoring(
  name: string,
  seconds: number,
  opts: pulumi.CustomResourceOptions,
): Pick<rds.InstanceArgs, "monitoringInterval" | "monitoringRoleArn"> {
  if (seconds === 0) return { monitoringInterval: 0 };
  const role = new iam.Role(
    name,
    {
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Principal: { Service: "monitoring.rds.amazonaws.com" }, Action: "sts:AssumeRole" },
        ],
      }),
      tags: { Name: name },
    },
    opts,
  );
  const policy = new iam.RolePolicyAttachment(
    `${name}-policy`,
    { role: role.name, policyArn: "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole" },
    opts,
  );
  // RDS tries it out when the instance is made.
  return { monitoringInterval: seconds, monitoringRoleArn: policy.id.apply(() => role.arn) };
}

/**
 * A copy of an instance that follows it, to be read from. Nothing of its own is in it: it may be deleted, and is no backup.
 *
 * Cost: that of one more instance, with as much storage.
 */
export function rdsReplica(
  name: string,
  primary: rds.Instance,
  { identifier, ...args }: Omit<rds.InstanceArgs, "identifier"> & { readonly identifier: string },
  parent: pulumi.Resource,
): rds.Instance {
  return new rds.Instance(
    name,
    {
      ...args,
      // In the same region its identifier: with an ARN, RDS would put the replica into the account's default network.
      ...{ identifier: replicaOf(identifier), replicateSourceDb: primary.identifier },
      // RDS makes no last snapshot of a replica.
      ...{ backupRetentionPeriod: 0, skipFinalSnapshot: true, deletionProtection: false, multiAz: false },
      tags: { Name: replicaOf(identifier) },
    },
    { parent, ignoreChanges: ["replicateSourceDb", "kmsKeyId", "storageEncrypted", "performanceInsightsKmsKeyId"] },
  );
}
