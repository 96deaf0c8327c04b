import { type Problem, UserError } from "../../core/errors";
import { awsVersion, type Platform } from "../platformOutput";
import type { Source } from "../sourceOutput";
import { type AwsPlace, snapshotWay } from "./snapshotWay";

/** An environment on RDS and where it is, or where one is to be. */
interface Side {
  /** Its stack. */
  readonly stack: string;
  readonly platform: Pick<Platform, "stack" | "aws">;
}

/** What of a source is needed on another platform. */
export type OtherSource = Pick<Source, "sharing" | "operator">;

/**
 * Checks that an environment can be made from a copy of one on another platform: whether AWS has a way for the snapshot, whether it is
 * allowed, and whether there is an image to read the files with.
 * @throws UserError with all that is wrong.
 */
export function requireOtherPlatform(own: Side, source: Side & OtherSource): void {
  const [here, there] = [placeOf(own.platform), placeOf(source.platform)];
  const problems = [
    ...[own, source].flatMap(({ platform }) => (placeOf(platform) ? [] : [withoutAccount(platform)])),
    ...(source.operator === undefined ? [withoutOperator(source)] : []),
    ...(here && there ? betweenPlaces(own, source, here, there) : []),
  ];
  if (problems.length > 0) throw new UserError(`${own.stack} can't be made from a copy of ${source.stack}.`, problems);
}

/** Where a platform is in AWS; undefined where that is not known. */
export function placeOf({ aws }: Pick<Platform, "aws">): AwsPlace | undefined {
  if (aws?.version !== awsVersion || aws.account === undefined) return undefined;
  return { account: aws.account, region: aws.region };
}

const withoutAccount = ({ stack }: Pick<Platform, "stack">): Problem => ({
  path: "platform",
  expected: "a platform that tells which AWS account it is in",
  found: `${stack}, as an earlier version left it`,
  hint: `Bring up the platform once with this version: npx odoo-stacks up ${stack}`,
});

const withoutOperator = ({ stack }: Side): Problem => ({
  path: "restore.source",
  expected: "an environment that tells with which image its files are read",
  found: `${stack}, as an earlier version left it`,
  hint: `npx odoo-stacks up ${stack}`,
});

function betweenPlaces(own: Side, source: Side & OtherSource, here: AwsPlace, there: AwsPlace): readonly Problem[] {
  // The wish that is to be made, as far as where it is counts.
  const { problems } = snapshotWay({ source: there, here, moment: "now", refresh: "1", hasKey: true });
  if (here.account === there.account) return problems;
  return [...problems, ...profileProblems(own.platform, source.platform), ...sharingProblems(own, source, here)];
}

/** One profile leads to one account. */
function profileProblems(own: Side["platform"], source: Side["platform"]): readonly Problem[] {
  const profile = own.aws?.profile;
  if (profile !== source.aws?.profile) return [];
  return [
    {
      path: "aws.profile",
      expected: `a profile in one of ${own.stack} and ${source.stack}: they are in two accounts`,
      found: profile === undefined ? "none in both" : `"${profile}" in both`,
      hint: "Both profiles are to be in ~/.aws/config of the computer that runs this. Then bring up the platform that has another one.",
    },
  ];
}

function sharingProblems(own: Side, { stack, sharing = [] }: Side & OtherSource, here: AwsPlace): readonly Problem[] {
  if (sharing.includes(here.account)) return [];
  return [
    {
      path: `database.rds.sharing of ${stack}`,
      expected: `"${here.account}", the account of ${own.platform.stack}`,
      found: sharing.length === 0 ? "nothing" : sharing.map((account) => `"${account}"`).join(", "),
      hint: `Add it there, and npx odoo-stacks up ${stack}. A copy can't be shared: name the environment that it is a copy of.`,
    },
  ];
}
