import { hexOf, type Properties, randomHex, text } from "../values";
import type { Thing, World } from "../world";
import { standInFor } from "../standIns";
import { attachment, type Kind, type Kinds, type Made, type Surroundings } from "./kind";

const instanceType = "aws:rds/instance:Instance";
const snapshotType = "aws:rds/snapshot:Snapshot";
const secretType = "aws:secretsmanager/secret:Secret";

const database: Kind = {
  id: () => `db-${randomHex(26).toUpperCase()}`,
  arn: "rds:{region}:{account}:db:{name}",
  // Its identifier is changed in place: the provider renames it.
  replaces: [
    ...["engine", "dbName", "username", "kmsKeyId", "storageEncrypted", "snapshotIdentifier", "availabilityZone"],
    ...["characterSetName", "customIamInstanceProfile", "restoreToPointInTime", "s3Import", "timezone", "backupTarget"],
  ],
  named: "identifier",
  longest: 63,
  taken: "DBInstanceAlreadyExists",
  grows: ["allocatedStorage"],
  action: "rds:CreateDBInstance",
  protectedBy: "deletionProtection",
  outputs: databaseOutputs,
  refuses: refusedDatabase,
  refusesEnd: ({ skipFinalSnapshot, finalSnapshotIdentifier }) =>
    skipFinalSnapshot === true || finalSnapshotIdentifier
      ? undefined
      : "final_snapshot_identifier is required when skip_final_snapshot is false",
  created: ({ inputs, name, region, account, world }) => {
    if (inputs.manageMasterUserPassword !== true) return;
    const { secretArn } = managedSecret(name, region, account);
    const value = JSON.stringify({ username: masterUser(inputs), password: hexOf(`${name}password`, 28) });
    const outputs = { arn: secretArn, name: secretArn.split(":").at(-1), secretString: value };
    world.put({ type: secretType, id: secretArn, account, region, inputs: {}, outputs });
  },
  deleted: ({ inputs, name, region, account, world }) => {
    world.remove(secretType, managedSecret(name, region, account).secretArn);
    const last = text(inputs, "finalSnapshotIdentifier");
    if (inputs.skipFinalSnapshot !== true && last) world.put(snapshotOf(last, name, inputs, region, account));
  },
};

function databaseOutputs({ inputs, id, name, region, account, world }: Made): Properties {
  const host = standInFor(name) ?? `${name}.${hexOf(account + region, 12)}.${region}.rds.amazonaws.com`;
  const port = typeof inputs.port === "number" ? inputs.port : 5432;
  const from = snapshotsIn(world).find(({ id: one }) => one === text(inputs, "snapshotIdentifier"));
  // What was restored has the users of what its snapshot is of.
  const { dbInstanceIdentifier: of } = (from && (originalOf(world, from.inputs) ?? from))?.outputs ?? {};
  const source = world.ofType(instanceType).find((one) => one.name === of);
  const major = text(inputs, "engineVersion") || text(from?.outputs ?? {}, "engineVersion") || "17";
  return {
    resourceId: id,
    address: host,
    endpoint: `${host}:${port}`,
    port,
    hostedZoneId: "Z1RLNUO7B9Q6NB",
    status: "available",
    engine: inputs.engine ?? "postgres",
    engineVersionActual: major.includes(".") ? major : `${major}.6`,
    username: text(inputs, "username") || text(source?.outputs ?? {}, "username") || masterUser(inputs),
    allocatedStorage: inputs.allocatedStorage ?? from?.outputs.allocatedStorage ?? 20,
    availabilityZone: text(inputs, "availabilityZone") || `${region}a`,
    multiAz: inputs.multiAz ?? false,
    backupRetentionPeriod: inputs.backupRetentionPeriod ?? 0,
    latestRestorableTime: "2026-01-01T00:00:00Z",
    caCertIdentifier: inputs.caCertIdentifier ?? "rds-ca-rsa2048-g1",
    masterUserSecrets: inputs.manageMasterUserPassword === true ? [managedSecret(name, region, account)] : [],
  };
}

/** The name of the first user: what the program says, or RDS's own. */
const masterUser = (inputs: Properties): string => text(inputs, "username") || "postgres";

/** The secret that RDS keeps the first user's password in. */
const managedSecret = (name: string, region: string, account: string) => ({
  kmsKeyId: `arn:aws:kms:${region}:${account}:key/${hexOf("aws/secretsmanager", 12)}`,
  secretArn: `arn:aws:secretsmanager:${region}:${account}:secret:rds!db-${hexOf(name, 12)}`,
  secretStatus: "active",
});

function refusedDatabase(inputs: Properties, { world, region }: Surroundings): string | undefined {
  const class_ = text(inputs, "instanceClass");
  if (!/^db\.[a-z]\w*\.\w+$/.test(class_)) return `InvalidParameterValue: Invalid DB Instance class: ${class_}`;
  const wanted = text(inputs, "snapshotIdentifier");
  if (!wanted || !world.kept) return undefined;
  const snapshot = snapshotsIn(world).find(
    (one) => one.region === region && (one.id === wanted || one.outputs.dbSnapshotArn === wanted),
  );
  if (!snapshot) return `DBSnapshotNotFound: DBSnapshot not found: ${wanted}`;
  const [size, least] = [inputs.allocatedStorage, snapshot.outputs.allocatedStorage];
  return typeof size === "number" && typeof least === "number" && size < least
    ? `InvalidParameterValue: Invalid storage size for engine name postgres and storage type gp3: ${size}; the snapshot has ${least}`
    : undefined;
}

/** All snapshots of databases, also those that were copied from elsewhere. */
const snapshotsIn = (world: Pick<World, "ofType">): Thing[] => [
  ...world.ofType(snapshotType),
  ...world.ofType("aws:rds/snapshotCopy:SnapshotCopy"),
];

/** What a snapshot is a copy of. */
const originalOf = (world: Pick<World, "ofType">, { sourceDbSnapshotIdentifier: of }: Properties) =>
  snapshotsIn(world).find(({ outputs }) => outputs.dbSnapshotArn === of);

/** A snapshot of a database as it exists in AWS. */
export function snapshotOf(id: string, of: string, inputs: Properties, region: string, account: string): Thing {
  const arn = `arn:aws:rds:${region}:${account}:snapshot:${id}`;
  const outputs = {
    dbSnapshotArn: arn,
    dbSnapshotIdentifier: id,
    dbInstanceIdentifier: of,
    allocatedStorage: inputs.allocatedStorage ?? 20,
    engine: inputs.engine ?? "postgres",
    engineVersion: inputs.engineVersion ?? "17.6",
    encrypted: inputs.storageEncrypted ?? false,
    kmsKeyId: inputs.kmsKeyId ?? "",
    snapshotType: "manual",
    status: "available",
  };
  return { type: snapshotType, id, account, region, name: id, inputs: {}, outputs };
}

/** What `aws.s3.BucketVersioning` and the like are: a part of a bucket, under its name. */
const bucketSetting: Kind = {
  id: (inputs) => text(inputs, "bucket"),
  replaces: ["bucket"],
  named: "",
  action: "s3:PutBucketConfiguration",
};

const bucketSettings = Object.fromEntries(
  [
    ...["Versioning", "ServerSideEncryptionConfiguration", "PublicAccessBlock", "LifecycleConfiguration", "Policy"],
    ...["ObjectLockConfiguration", "OwnershipControls", "Logging", "Notification", "Acl", "CorsConfiguration"],
  ].map((name): [string, Kind] => [
    `s3/bucket${name}`,
    {
      ...bucketSetting,
      action: name === "Policy" ? "s3:PutBucketPolicy" : `s3:PutBucket${name.replace("Configuration", "")}`,
    },
  ]),
);

/** How AWS treats what keeps data. */
export const storage: Kinds = {
  "s3/bucket": {
    id: (inputs) => text(inputs, "bucket"),
    arn: "s3:::{name}",
    replaces: ["bucket", "bucketPrefix", "objectLockEnabled"],
    named: "bucket",
    longest: 63,
    unique: "world",
    taken: "BucketAlreadyExists",
    outputs: ({ name, region }) => ({
      bucketDomainName: `${name}.s3.amazonaws.com`,
      bucketRegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
      bucketRegion: region,
      hostedZoneId: "Z3AQBSTGFYJSTF",
    }),
    refuses: (inputs) =>
      /^[a-z\d][a-z\d.-]+[a-z\d]$/.test(text(inputs, "bucket"))
        ? undefined
        : "InvalidBucketName: The specified bucket is not valid.",
  },
  ...bucketSettings,
  "efs/fileSystem": {
    id: "fs-",
    arn: "elasticfilesystem:{region}:{account}:file-system/{id}",
    replaces: ["encrypted", "kmsKeyId", "creationToken", "availabilityZoneName", "performanceMode"],
    named: "",
    held: true,
    action: "elasticfilesystem:CreateFileSystem",
    outputs: ({ id, region, account }) => ({
      dnsName: `${id}.efs.${region}.amazonaws.com`,
      ownerId: account,
      performanceMode: "generalPurpose",
    }),
  },
  "efs/mountTarget": {
    id: "fsmt-",
    replaces: ["fileSystemId", "subnetId", "ipAddress"],
    action: "elasticfilesystem:CreateMountTarget",
    outputs: ({ inputs, region }) => ({ dnsName: `${text(inputs, "fileSystemId")}.efs.${region}.amazonaws.com` }),
  },
  "efs/accessPoint": {
    id: "fsap-",
    arn: "elasticfilesystem:{region}:{account}:access-point/{id}",
    replaces: ["fileSystemId", "posixUser", "rootDirectory"],
    action: "elasticfilesystem:CreateAccessPoint",
  },
  "efs/backupPolicy": {
    id: (inputs) => text(inputs, "fileSystemId"),
    replaces: ["fileSystemId"],
    action: "elasticfilesystem:PutBackupPolicy",
  },
  "efs/fileSystemPolicy": {
    id: (inputs) => text(inputs, "fileSystemId"),
    replaces: ["fileSystemId"],
    action: "elasticfilesystem:PutFileSystemPolicy",
  },
  "rds/instance": database,
  "rds/subnetGroup": {
    id: "name",
    arn: "rds:{region}:{account}:subgrp:{name}",
    replaces: ["name", "namePrefix"],
    taken: "DBSubnetGroupAlreadyExists",
    action: "rds:CreateDBSubnetGroup",
    held: true,
  },
  "rds/parameterGroup": {
    id: "name",
    arn: "rds:{region}:{account}:pg:{name}",
    replaces: ["name", "namePrefix", "family", "description"],
    taken: "DBParameterGroupAlreadyExists",
    action: "rds:CreateDBParameterGroup",
    held: true,
  },
  "rds/snapshot": {
    id: (inputs) => text(inputs, "dbSnapshotIdentifier"),
    replaces: ["dbInstanceIdentifier", "dbSnapshotIdentifier"],
    named: "",
    action: "rds:CreateDBSnapshot",
    outputs: ({ inputs, id, region, account, world }) => {
      const of = text(inputs, "dbInstanceIdentifier");
      const from = world.ofType("aws:rds/instance:Instance").find(({ name }) => name === of);
      return snapshotOf(id, of, from?.outputs ?? {}, region, account).outputs;
    },
  },
  "rds/snapshotCopy": {
    ...attachment((inputs) => text(inputs, "targetDbSnapshotIdentifier"), "rds:CopyDBSnapshot"),
    outputs: ({ inputs, id, region, account, world }) => {
      const dbSnapshotArn = `arn:aws:rds:${region}:${account}:snapshot:${id}`;
      const { allocatedStorage, engine, engineVersion } = originalOf(world, inputs)?.outputs ?? {};
      return { dbSnapshotArn, allocatedStorage, engine, engineVersion };
    },
  },
  "backup/vault": {
    id: "name",
    arn: "backup:{region}:{account}:backup-vault:{name}",
    replaces: ["name", "kmsKeyArn"],
    action: "backup:CreateBackupVault",
  },
  "backup/plan": {
    id: "uuid",
    arn: "backup:{region}:{account}:backup-plan:{id}",
    unique: "no",
    action: "backup:CreateBackupPlan",
  },
  "backup/selection": { ...attachment("uuid", "backup:CreateBackupSelection"), named: "name" },
};
