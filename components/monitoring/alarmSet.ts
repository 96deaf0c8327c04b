import * as cloudwatch from "@pulumi/aws/cloudwatch";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../infra/core/component";
import type { Alarm } from "./alarm";
import { alarmTopics, type NewTopics, type TopicArns } from "./alarmTopics";

/** What alarms are wired with. */
export interface AlarmSetArgs {
  /** The stack whose they are; alarms are called after it. */
  readonly stack: string;
  readonly alarms: readonly Alarm[];
  /** Whom they tell: topics that there are in the same account and region, or what new ones are made with. */
  readonly tells: TopicArns | NewTopics;
  /** Where the runbooks are read; the alarm's kind is the heading there. @default "docs/runbooks.md", in the project */
  readonly runbooks?: string;
}

/**
 * Alarms of CloudWatch that tell a topic for each severity when something goes wrong and when it is well again.
 *
 * Cost: 0.10 USD a month for each alarm beyond the account's first ten; what new topics cost, `alarmTopics` says.
 */
export class AlarmSet extends Component {
  /** ARNs of the topics, for whoever else is to be told: a chat, a pager, alarms of environments. */
  readonly topics: TopicArns;
  /** ARNs of the alarms, in the order of their data. */
  readonly alarmArns: readonly pulumi.Output<string>[];

  constructor(name: string, args: AlarmSetArgs, opts?: pulumi.ComponentResourceOptions) {
    super("monitoring:AlarmSet", name, opts);
    const { stack, tells } = args;
    this.topics = "email" in tells ? alarmTopics(name, { stack, ...tells }, this.child()) : tells;
    this.alarmArns = args.alarms.map((alarm) => this.alarm(alarm, args));
    this.registerOutputs({ topics: this.topics });
  }

  private alarm(alarm: Alarm, { stack, runbooks = "docs/runbooks.md" }: AlarmSetArgs): pulumi.Output<string> {
    const { metric, statistic, threshold, severity } = alarm;
    const actions = [this.topics[severity]];
    const percentile = statistic.startsWith("p");
    return new cloudwatch.MetricAlarm(
      this.childName(alarm.id),
      {
        // Whoever reads the e-mail should know whose it is.
        name: `${stack}-${alarm.id}`,
        alarmDescription: `${severity}: ${alarm.description} Runbook: ${runbooks}#${alarm.kind}`,
        namespace: metric.namespace,
        metricName: metric.name,
        dimensions: { ...metric.dimensions },
        ...(percentile
          ? // A few answers in a quiet night say nothing.
            { extendedStatistic: statistic, evaluateLowSampleCountPercentiles: "ignore" }
          : { statistic }),
        comparisonOperator: operators[alarm.when],
        threshold: threshold.value,
        period: alarm.periodSeconds,
        evaluationPeriods: alarm.periods,
        treatMissingData: alarm.missing,
        alarmActions: actions,
        okActions: actions,
        tags: { Name: this.childName(alarm.id) },
      },
      this.child(),
    ).arn;
  }
}

const operators: Readonly<Record<Alarm["when"], string>> = {
  above: "GreaterThanThreshold",
  "at least": "GreaterThanOrEqualToThreshold",
  below: "LessThanThreshold",
};
