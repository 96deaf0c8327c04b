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
    const { threshold, severity } = alarm;
    const actions = [this.topics[severity]];
    return new cloudwatch.MetricAlarm(
      this.childName(alarm.id),
      {
        // Whoever reads the e-mail should know whose it is.
        name: `${stack}-${alarm.id}`,
        alarmDescription: `${severity}: ${alarm.description} Runbook: ${runbooks}#${alarm.kind}`,
        ...(alarm.withoutValue === undefined ? figure(alarm) : filledFigure(alarm, alarm.withoutValue)),
        comparisonOperator: operators[alarm.when],
        threshold: threshold.value,
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

/** What is watched: a figure as it comes. */
function figure({ metric, statistic, periodSeconds }: Alarm): Partial<cloudwatch.MetricAlarmArgs> {
  return {
    ...{ namespace: metric.namespace, metricName: metric.name, dimensions: { ...metric.dimensions } },
    ...(statistic.startsWith("p")
      ? // A few answers in a quiet night say nothing.
        { extendedStatistic: statistic, evaluateLowSampleCountPercentiles: "ignore" }
      : { statistic }),
    period: periodSeconds,
  };
}

/** What is watched: a figure with a value where it has none. It costs what one figure costs. */
function filledFigure({ metric, statistic, periodSeconds }: Alarm, value: number): Partial<cloudwatch.MetricAlarmArgs> {
  const { namespace, name: metricName, dimensions } = metric;
  return {
    metricQueries: [
      {
        id: "sent",
        metric: { namespace, metricName, dimensions: { ...dimensions }, stat: statistic, period: periodSeconds },
      },
      // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
      { id: "filled", expression: `FILL(sent, ${value})`, label: metricName, returnData: true },
    ],
  };
}

const operators: Readonly<Record<Alarm["when"], string>> = {
  above: "GreaterThanThreshold",
  "at least": "GreaterThanOrEqualToThreshold",
  below: "LessThanThreshold",
};
