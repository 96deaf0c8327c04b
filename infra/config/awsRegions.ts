/**
 * The regions of AWS's commercial partition, with the letters of their availability zones. Most have the three that are left out
 * here; `letters` are all that accounts may see, `usual` those that most do.
 *
 * Sources: botocore 1.43.11, `partitions.json`, for the regions; AWS, "AWS Availability Zones"
 * (https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html) and what accounts report, for the
 * letters. In the oldest regions each account has letters of its own, which only AWS can tell:
 * `aws ec2 describe-availability-zones --region REGION`.
 */
const regions: Readonly<Record<string, { readonly letters?: string; readonly usual?: string }>> = {
  "af-south-1": {},
  "ap-east-1": {},
  "ap-east-2": {},
  "ap-northeast-1": { letters: "abcd", usual: "acd" },
  "ap-northeast-2": { letters: "abcd" },
  "ap-northeast-3": {},
  "ap-south-1": {},
  "ap-south-2": {},
  "ap-southeast-1": {},
  "ap-southeast-2": {},
  "ap-southeast-3": {},
  "ap-southeast-4": {},
  "ap-southeast-5": {},
  "ap-southeast-6": {},
  "ap-southeast-7": {},
  "ca-central-1": { letters: "abcd", usual: "abd" },
  "ca-west-1": {},
  "eu-central-1": {},
  "eu-central-2": {},
  "eu-north-1": {},
  "eu-south-1": {},
  "eu-south-2": {},
  "eu-west-1": {},
  "eu-west-2": {},
  "eu-west-3": {},
  "il-central-1": {},
  "me-central-1": {},
  "me-south-1": {},
  "mx-central-1": {},
  "sa-east-1": {},
  "us-east-1": { letters: "abcdef" },
  "us-east-2": {},
  // Accounts see two of the three.
  "us-west-1": { usual: "ac" },
  "us-west-2": { letters: "abcd" },
};

/** Names of all regions that are known. */
export const regionNames: readonly string[] = Object.keys(regions);

/** The availability zones that an account may see in a region; none in an unknown one. */
export function zonesOf(region: string): readonly string[] {
  const known = regions[region];
  return known ? inRegion(region, known.letters ?? "abc") : [];
}

/** The zones that a platform is spread over where its stack names none: the first three, or two where there are no more. */
export function usualZones(region: string): readonly string[] {
  const known = regions[region];
  return known ? inRegion(region, known.usual ?? known.letters ?? "abc").slice(0, 3) : [];
}

const inRegion = (region: string, letters: string): readonly string[] =>
  Array.from(letters, (letter) => `${region}${letter}`);
