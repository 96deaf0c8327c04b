/** Regions of AWS that need no agreement of their own first, and some that do (https://docs.aws.amazon.com/general/latest/gr/rande.html). */
const regions: ReadonlySet<string> = new Set([
  ...["us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "ca-west-1", "sa-east-1", "mx-central-1"],
  ...["eu-central-1", "eu-central-2", "eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1", "eu-south-1", "eu-south-2"],
  ...["ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3"],
  ...[
    "ap-southeast-4",
    "ap-south-1",
    "ap-south-2",
    "ap-east-1",
    "af-south-1",
    "me-south-1",
    "me-central-1",
    "il-central-1",
  ],
]);

/** Whether AWS has a region. */
export const isRegion = (name: string): boolean => regions.has(name);
