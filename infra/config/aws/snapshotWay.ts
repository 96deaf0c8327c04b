import type { Problem } from "../../core/errors";

/** An AWS account and region. */
export interface AwsPlace {
  /** 12 digits. */
  readonly account: string;
  /** Such as `eu-central-1`. */
  readonly region: string;
}

/** Whether something is in another account or region than what it is needed for. */
export const isElsewhere = (source: AwsPlace, here: AwsPlace): boolean =>
  source.account !== here.account || source.region !== here.region;

/** How a snapshot of an instance gets to where it is restored. */
export interface SnapshotWay {
  /** How the other account may see it: not needed, as it is, or by a copy, since automated ones can't be shared. */
  readonly share: "no" | "itself" | "copy";
  /** Whether it is copied to where it is restored, and encrypted with a key from there. */
  readonly copy: boolean;
}

/** What a snapshot is asked for with. */
export interface SnapshotWish {
  readonly source: AwsPlace;
  readonly here: AwsPlace;
  /** `now` makes one, `automated` takes the latest of the daily ones. */
  readonly moment: "now" | "automated";
  /** What tells this wish from the one before: another one makes another snapshot. Small letters, digits and single hyphens. */
  readonly refresh: string;
  /** Whether there is a key to encrypt it with. */
  readonly hasKey: boolean;
}

/**
 * Decides how a snapshot gets to where it is restored.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_CopySnapshot.html
 */
export function snapshotWay({ source, here, moment, refresh, hasKey }: SnapshotWish): {
  way: SnapshotWay;
  problems: readonly Problem[];
} {
  const elsewhere = source.account !== here.account;
  const away = source.region !== here.region;
  const copy = isElsewhere(source, here) || hasKey;
  const problems = [
    /^[a-z0-9]+(-[a-z0-9]+)*$/.test(refresh)
      ? undefined
      : { path: "refresh", expected: "small letters, digits and single hyphens", found: refresh },
    elsewhere && away
      ? {
          path: "restore.source",
          expected: "an environment of the same account, or of the same region",
          found: `account ${source.account} and region ${source.region}, here ${here.account} and ${here.region}`,
          hint: "AWS copies an encrypted snapshot to another account or region, not to both at once.",
        }
      : undefined,
    isElsewhere(source, here) && !hasKey
      ? {
          path: "kmsKeyArn",
          expected: "a key of this account and region, which the copy is encrypted with",
          found: "none",
        }
      : undefined,
  ].filter((problem) => problem !== undefined);
  return { way: { share: elsewhere ? (moment === "now" ? "itself" : "copy") : "no", copy }, problems };
}
