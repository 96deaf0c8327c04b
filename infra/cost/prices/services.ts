import { type Figures, type Prices, type Region } from "./table";

/** The same price in all regions. */
const everywhere = (usd: number): Figures => [usd, usd, usd];

/** The same date in all regions. */
const asOf = (date: string): Readonly<Record<Region, string>> => ({
  "us-east-1": date,
  "eu-central-1": date,
  "eu-west-1": date,
});

/** EBS: a GB and month of gp3, what is over its 3,000 IOPS and 125 MB/s, a GB and month of snapshots. */
export const ebs = {
  source: "https://aws.amazon.com/ebs/pricing/",
  asOf: { "us-east-1": "2026-10-08", "eu-central-1": "2025", "eu-west-1": "2026-10-08" },
  usd: {
    gp3: [0.08, 0.0952, 0.088],
    iops: [0.005, 0.006, 0.0055],
    throughput: [0.04, 0.0476, 0.044],
    snapshot: [0.05, 0.054, 0.05],
  },
} as const satisfies Prices;

/** A public IPv4 address an hour, in use or not; a NAT gateway an hour and a GB; an interface endpoint an hour and zone. */
export const vpc = {
  source: "https://aws.amazon.com/vpc/pricing/",
  asOf: { "us-east-1": "2026-10-08", "eu-central-1": "2026-09", "eu-west-1": "2025" },
  usd: {
    address: everywhere(0.005),
    natHour: [0.045, 0.052, 0.048],
    natGb: [0.045, 0.052, 0.048],
    endpointHour: [0.01, 0.012, 0.011],
  },
} as const satisfies Prices;

/** An Application Load Balancer an hour, and a capacity unit (LCU) an hour. */
export const balancer = {
  source: "https://aws.amazon.com/elasticloadbalancing/pricing/",
  asOf: { "us-east-1": "2026", "eu-central-1": "2025", "eu-west-1": "2025" },
  usd: { hour: [0.0225, 0.027, 0.0252], capacityHour: everywhere(0.008) },
} as const satisfies Prices;

/** EFS: a GB and month of each class and of backups; a GB read and written with elastic throughput. */
export const efs = {
  source: "https://aws.amazon.com/efs/pricing/",
  asOf: { "us-east-1": "2026-08-31", "eu-central-1": "2025", "eu-west-1": "2025" },
  usd: {
    standard: [0.3, 0.36, 0.33],
    infrequent: [0.016, 0.0192, 0.0176],
    read: [0.03, 0.036, 0.033],
    write: [0.06, 0.072, 0.066],
    backup: [0.05, 0.06, 0.055],
  },
} as const satisfies Prices;

/** S3: a GB and month of the standard class, up to 50 TB. */
export const s3 = {
  source: "https://aws.amazon.com/s3/pricing/",
  asOf: { "us-east-1": "2026-10-08", "eu-central-1": "2026-09", "eu-west-1": "2026-10-08" },
  usd: { standard: [0.023, 0.0245, 0.023] },
} as const satisfies Prices;

/** A GB to the internet, up to 10 TB a month; the first 100 GB of an account are free. */
export const transfer = {
  source: "https://aws.amazon.com/ec2/pricing/on-demand/",
  asOf: { "us-east-1": "2026-10-08", "eu-central-1": "2025", "eu-west-1": "2026-10-08" },
  usd: { out: everywhere(0.09) },
} as const satisfies Prices;

/** CloudWatch: alarms, dashboards and custom metrics a month; a GB of logs taken in, and kept for a month. */
export const cloudwatch = {
  source: "https://aws.amazon.com/cloudwatch/pricing/",
  asOf: asOf("2025"),
  usd: {
    alarm: everywhere(0.1),
    fastAlarm: everywhere(0.3),
    compositeAlarm: everywhere(0.5),
    dashboard: everywhere(3),
    metric: everywhere(0.3),
    logs: [0.5, 0.63, 0.57],
    logsKept: [0.03, 0.0324, 0.03],
  },
} as const satisfies Prices;

/** A customer managed key a month. */
export const kms = {
  source: "https://aws.amazon.com/kms/pricing/",
  asOf: asOf("2025"),
  usd: { key: everywhere(1) },
} as const satisfies Prices;

/** A secret a month. */
export const secrets = {
  source: "https://aws.amazon.com/secrets-manager/pricing/",
  asOf: asOf("2025"),
  usd: { secret: everywhere(0.4) },
} as const satisfies Prices;

/** An advanced parameter a month; standard ones are free. */
export const parameters = {
  source: "https://aws.amazon.com/systems-manager/pricing/",
  asOf: asOf("2025"),
  usd: { advanced: everywhere(0.05) },
} as const satisfies Prices;

/** A hosted zone a month, for the first 25; a health check of an endpoint in AWS a month. */
export const route53 = {
  source: "https://aws.amazon.com/route53/pricing/",
  asOf: asOf("2025"),
  usd: { zone: everywhere(0.5), healthCheck: everywhere(0.5) },
} as const satisfies Prices;

/** A web ACL and each of its rules a month; a million requests. */
export const waf = {
  source: "https://aws.amazon.com/waf/pricing/",
  asOf: asOf("2025"),
  usd: { acl: everywhere(5), rule: everywhere(1), millionRequests: everywhere(0.6) },
} as const satisfies Prices;
