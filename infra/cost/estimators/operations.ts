import { asBlock, item, listIn, numberIn, textIn } from "../line";
import { cloudwatch, kms, parameters, secrets } from "../prices/services";
import { priceOf } from "../prices/table";
import type { Estimators } from "./estimator";

/** What a log group is assumed to take in a month, in GB, and for how many months it is kept where it does not say. */
const logs = { gb: 1, months: 12 };
/** Logs are kept compressed: AWS counts 0.15 of a GB for one that is taken in (https://aws.amazon.com/cloudwatch/pricing/). */
const compressed = 0.15;

/** Types that watch, and that keep keys and secrets. */
export const operations: Estimators = {
  "aws:cloudwatch/metricAlarm:MetricAlarm": ({ inputs }, { region }) => {
    const metrics = Math.max(1, listIn(inputs, "metricQueries").filter(isMetric).length);
    const fast = (numberIn(inputs, "period") ?? 60) < 60;
    const price = priceOf(cloudwatch, fast ? "fastAlarm" : "alarm", region);
    return [item("alarm", metrics, "metric-months", price)];
  },
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": (_, { region }) => [
    item("composite alarm", 1, "months", priceOf(cloudwatch, "compositeAlarm", region)),
  ],
  "aws:cloudwatch/dashboard:Dashboard": (_, { region }) => [
    item("dashboard", 1, "months", priceOf(cloudwatch, "dashboard", region)),
  ],
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": (_, { region }) => [
    item("custom metric", 1, "months", priceOf(cloudwatch, "metric", region)),
  ],
  "aws:cloudwatch/logGroup:LogGroup": ({ inputs }, { region }) => {
    const days = numberIn(inputs, "retentionInDays");
    const kept = logs.gb * compressed * (days ? days / 30 : logs.months);
    return [
      item("logs taken in", logs.gb, "GB", priceOf(cloudwatch, "logs", region), `${logs.gb} GB a month`),
      item("logs kept", kept, "GB-months", priceOf(cloudwatch, "logsKept", region)),
    ];
  },
  "aws:kms/key:Key": (_, { region }) => [item("key", 1, "months", priceOf(kms, "key", region), "few requests")],
  "aws:secretsmanager/secret:Secret": (_, { region }) => [
    item("secret", 1, "months", priceOf(secrets, "secret", region), "few requests"),
  ],
  "aws:ssm/parameter:Parameter": ({ inputs }, { region }) =>
    textIn(inputs, "tier") === "Advanced"
      ? [item("advanced parameter", 1, "months", priceOf(parameters, "advanced", region))]
      : [],
};

/** Whether a query of an alarm reads a metric, and does not only calculate. */
const isMetric = (query: unknown): boolean => "metric" in asBlock(query);
