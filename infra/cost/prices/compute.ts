import type { Prices } from "./table";

/**
 * USD an hour of EC2 instances: on demand, Linux, shared tenancy. Those of us-east-1 and eu-west-1 were compared with a copy of
 * AWS's price list of that day, those of eu-central-1 with an older copy.
 */
export const instanceHour = {
  source: "https://aws.amazon.com/ec2/pricing/on-demand/",
  asOf: { "us-east-1": "2026-10-08", "eu-central-1": "2025", "eu-west-1": "2026-10-08" },
  usd: {
    "t4g.nano": [0.0042, 0.0048, 0.0046],
    "t4g.micro": [0.0084, 0.0096, 0.0092],
    "t4g.small": [0.0168, 0.0192, 0.0184],
    "t4g.medium": [0.0336, 0.0384, 0.0368],
    "t4g.large": [0.0672, 0.0768, 0.0736],
    "t4g.xlarge": [0.1344, 0.1536, 0.1472],
    "t4g.2xlarge": [0.2688, 0.3072, 0.2944],
    "m7g.medium": [0.0408, 0.0489, 0.0455],
    "m7g.large": [0.0816, 0.0978, 0.091],
    "m7g.xlarge": [0.1632, 0.1955, 0.1819],
    "m7g.2xlarge": [0.3264, 0.391, 0.3638],
    "m7g.4xlarge": [0.6528, 0.7821, 0.7276],
    "m7i.large": [0.1008, 0.12075, 0.11235],
    "m7i.xlarge": [0.2016, 0.2415, 0.2247],
    "m7i.2xlarge": [0.4032, 0.483, 0.4494],
    "m7i.4xlarge": [0.8064, 0.966, 0.8988],
    "c7g.medium": [0.0363, 0.0412, 0.0388],
    "c7g.large": [0.0725, 0.0825, 0.0775],
    "c7g.xlarge": [0.145, 0.1649, 0.155],
    "c7g.2xlarge": [0.29, 0.3298, 0.3101],
    "c7g.4xlarge": [0.58, 0.6596, 0.6202],
    "r7g.medium": [0.0536, 0.0646, 0.0599],
    "r7g.large": [0.1071, 0.1292, 0.1199],
    "r7g.xlarge": [0.2142, 0.2584, 0.2397],
    "r7g.2xlarge": [0.4284, 0.5168, 0.4794],
    "r7g.4xlarge": [0.8568, 1.0336, 0.9588],
  },
} as const satisfies Prices;

/** The same of machines whose prices were not compared since. */
export const otherInstanceHour = {
  source: "https://aws.amazon.com/ec2/pricing/on-demand/",
  asOf: { "us-east-1": "2025", "eu-central-1": "2025", "eu-west-1": "2025" },
  usd: {
    "t3.nano": [0.0052, 0.006, 0.0057],
    "t3.micro": [0.0104, 0.012, 0.0114],
    "t3.small": [0.0208, 0.024, 0.0228],
    "t3.medium": [0.0416, 0.048, 0.0456],
    "t3.large": [0.0832, 0.096, 0.0912],
    "t3.xlarge": [0.1664, 0.192, 0.1824],
    "t3.2xlarge": [0.3328, 0.384, 0.3648],
    "r7i.large": [0.1323, 0.1596, 0.14805],
    "r7i.xlarge": [0.2646, 0.3192, 0.2961],
    "r7i.2xlarge": [0.5292, 0.6384, 0.5922],
    "r7i.4xlarge": [1.0584, 1.2768, 1.1844],
  },
} as const satisfies Prices;
