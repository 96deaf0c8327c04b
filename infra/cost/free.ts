/** Types, or whole modules (`iam/`), that AWS has no price for by themselves; what passes through them is billed elsewhere. */
const free: readonly string[] = [
  // Networks: only what runs in them costs something.
  ...[
    "vpc",
    "subnet",
    "internetGateway",
    "egressOnlyInternetGateway",
    "routeTable",
    "route",
    "mainRouteTableAssociation",
  ],
  ...["routeTableAssociation", "securityGroup", "securityGroupRule", "defaultSecurityGroup", "defaultRouteTable"],
  ...["networkAcl", "networkAclRule", "defaultNetworkAcl", "vpcDhcpOptions", "vpcDhcpOptionsAssociation"],
  ...["vpcEndpointRouteTableAssociation", "vpcEndpointSubnetAssociation", "networkInterface", "eipAssociation"],
  ...["volumeAttachment", "keyPair", "launchTemplate", "placementGroup", "tag", "instanceMetadataDefaults"],
].map((name) => `ec2/${name}`);

const others: readonly string[] = [
  ...["vpc/securityGroupIngressRule", "vpc/securityGroupEgressRule", "ebs/encryptionByDefault", "ebs/defaultKmsKey"],
  // Parts of a load balancer, a database, a filestore, a bucket.
  ...["lb/listener", "lb/listenerRule", "lb/listenerCertificate", "lb/targetGroup", "lb/targetGroupAttachment"],
  ...["rds/subnetGroup", "rds/parameterGroup", "rds/optionGroup", "rds/roleAssociation", "rds/eventSubscription"],
  ...["efs/mountTarget", "efs/accessPoint", "efs/fileSystemPolicy"],
  // Public certificates; alias records and the first million queries of others.
  ...["acm/certificate", "acm/certificateValidation", "route53/record", "wafv2/webAclAssociation"],
  ...["kms/alias", "kms/grant", "kms/keyPolicy"],
  ...["secretsmanager/secretVersion", "secretsmanager/secretPolicy", "secretsmanager/secretRotation"],
  ...["ssm/document", "ssm/association", "ssm/serviceSetting"],
  // What they store is billed with what is backed up.
  ...["backup/vault", "backup/plan", "backup/selection", "backup/vaultPolicy"],
  // The first 1,000 e-mails a month.
  ...["sns/topic", "sns/topicSubscription", "sns/topicPolicy"],
  ...["cloudwatch/eventRule", "cloudwatch/eventTarget", "cloudwatch/logResourcePolicy", "cloudwatch/logStream"],
  ...["resourcegroups/group"],
];

const types = new Set([...free, ...others]);

/** What `aws:s3/bucketVersioning:BucketVersioning` and the like set is a part of the bucket. */
const bucketSetting = /^s3\/bucket[A-Z]/;

/**
 * Whether AWS bills nothing for a type of resource.
 * @param path Module and name, as in `ec2/subnet`.
 */
export function isFree(path: string): boolean {
  return path.startsWith("iam/") || types.has(path) || (bucketSetting.test(path) && path !== "s3/bucketV2");
}
