import type * as pulumi from "@pulumi/pulumi";
import { alarm, type Alarm, lasting } from "./alarm";

/** A load balancer that is watched: what its metrics are found by. */
export interface MonitoredBalancer {
  /** The end of its ARN, from `app/` on. */
  readonly balancer: pulumi.Input<string>;
  /** The end of its target group's ARN, from `targetgroup/` on. */
  readonly targetGroup: pulumi.Input<string>;
}

/**
 * What of a load balancer is watched. Errors are counted rather than weighed: for Odoo's users each one is a page that did not come.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
export function balancerAlarms({ balancer, targetGroup }: MonitoredBalancer): Alarm[] {
  const of = (name: string, dimensions: Record<string, pulumi.Input<string>>) => ({
    namespace: "AWS/ApplicationELB",
    name,
    dimensions: { LoadBalancer: balancer, ...dimensions },
  });
  return [
    alarm("balancer-errors", "", {
      severity: "critical",
      metric: of("HTTPCode_ELB_5XX_Count", {}),
      ...{ statistic: "Sum", when: "above", threshold: { value: 10, unit: "count" }, ...lasting.fiveMinutes(1) },
      missing: "notBreaching",
      description: "The load balancer itself answers with errors: no machine answered, or none in time.",
    }),
    alarm("odoo-errors", "", {
      severity: "warning",
      metric: of("HTTPCode_Target_5XX_Count", {}),
      ...{ statistic: "Sum", when: "above", threshold: { value: 20, unit: "count" }, ...lasting.fiveMinutes(2) },
      missing: "notBreaching",
      description: "Odoo or the proxies answer with errors; the maintenance page counts as one.",
    }),
    alarm("odoo-latency", "", {
      severity: "warning",
      metric: of("TargetResponseTime", {}),
      // A release that holds requests for a minute or two is over before that.
      ...{ statistic: "p95", when: "above", threshold: { value: 3, unit: "seconds" }, ...lasting.fiveMinutes(3) },
      missing: "notBreaching",
      description: "One answer in twenty has taken more than three seconds, for a quarter of an hour.",
    }),
    alarm("balancer-unhealthy", "", {
      severity: "warning",
      metric: of("UnHealthyHostCount", { TargetGroup: targetGroup }),
      ...{ statistic: "Maximum", when: "at least", threshold: { value: 1, unit: "count" }, ...lasting.minutes(3) },
      missing: "missing",
      description: "A web machine does not answer the load balancer; the others answer for it.",
    }),
    alarm("balancer-no-machine", "", {
      severity: "critical",
      metric: of("HealthyHostCount", { TargetGroup: targetGroup }),
      ...{ statistic: "Maximum", when: "below", threshold: { value: 1, unit: "count" }, ...lasting.minutes(2) },
      missing: "breaching",
      description: "No web machine answers the load balancer: Odoo can't be reached.",
    }),
  ];
}
