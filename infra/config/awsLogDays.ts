/**
 * Days that CloudWatch can keep logs for, and no others:
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
 */
export const logDays = [
  ...([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192] as const),
  ...([2557, 2922, 3288, 3653] as const),
] as const;

/** A number of days that CloudWatch can keep logs for. */
export type LogDays = (typeof logDays)[number];
