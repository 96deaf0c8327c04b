import type * as pulumi from "@pulumi/pulumi";

/** `critical` is for somebody who is woken up, `warning` for the next working day. */
export type Severity = "critical" | "warning";

/** What a metric is measured in; names of units are CloudWatch's own where it has one. */
export type AlarmUnit = "percent" | "bytes" | "seconds" | "count" | "credits" | "days";

/** A metric of CloudWatch. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, pulumi.Input<string>>>;
}

/** What values of a period count as one. */
export type Statistic = "Average" | "Maximum" | "Minimum" | "Sum" | `p${number}`;

/** An alarm as data: what is watched, from when on it is too much, and what to do then. */
export interface Alarm {
  /** Tells it from the platform's others: its kind, and what it is about. */
  readonly id: string;
  /** What kind it is: the heading in the runbooks. */
  readonly kind: string;
  readonly severity: Severity;
  readonly metric: Metric;
  readonly statistic: Statistic;
  /** On which side of the threshold something is wrong. */
  readonly when: "above" | "at least" | "below";
  readonly threshold: { readonly value: number; readonly unit: AlarmUnit };
  /**
   * Length of a period, in seconds: 60 or a multiple of it. All periods together are a day at most, or seven days where each is an hour or
   * longer (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html).
   */
  readonly periodSeconds: number;
  /** Periods in a row that must be beyond the threshold. */
  readonly periods: number;
  /**
   * What a period without a value has instead, before it is compared. For figures that come seldom: CloudWatch looks farther back than
   * `periods` where values are missing, and an old one would count for longer than that.
   * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
   * @default none: `missing` says what it counts as
   */
  readonly withoutValue?: number;
  /**
   * What a period without a value counts as. `breaching` where silence is the worst case, `notBreaching` where nothing is sent while all
   * is well, `ignore` keeps the state, `missing` makes it unknown.
   * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
   */
  readonly missing: "breaching" | "notBreaching" | "ignore" | "missing";
  /** One sentence for whoever receives it. */
  readonly description: string;
}

/** An alarm of a kind about something: its ID is made of both. */
export const alarm = (kind: string, about: string, rest: Omit<Alarm, "id" | "kind">): Alarm => ({
  id: about ? `${kind}-${about}` : kind,
  kind,
  ...rest,
});

const minute = 60;

/** So long has something to be wrong, in periods of one or five minutes. CloudWatch has EC2's own metrics every five. */
export const lasting = {
  minutes: (count: number) => ({ periodSeconds: minute, periods: count }),
  fiveMinutes: (count: number) => ({ periodSeconds: 5 * minute, periods: count }),
} as const;
