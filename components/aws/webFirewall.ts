import * as wafv2 from "@pulumi/aws/wafv2";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../infra/core/component";

/** What a firewall in front of a balancer is made with. */
export interface WebFirewallArgs {
  /** ARN of the load balancer that it stands in front of. */
  readonly balancerArn: pulumi.Input<string>;
  /**
   * Requests that one IP address may send within five minutes, 10 or more; further ones are answered with status 429. A whole office is
   * often one address, and a page of Odoo is up to a hundred requests.
   * @default 10000
   */
  readonly rateLimit?: number;
}

/**
 * Rules of AWS's common set that only count: they look at bodies, in which Odoo's users legitimately send what they forbid, files of
 * more than 8 KB and formatted text.
 * https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
 */
const counted = ["SizeRestrictions_BODY", "CrossSiteScripting_BODY", "GenericRFI_BODY"];

/**
 * AWS WAF in front of a load balancer: a limit of requests for each address, and the rules that AWS keeps against common attacks and
 * inputs that are known to be bad. What it blocks shows in CloudWatch.
 *
 * Cost: 8 USD a month (the firewall 5, three rules 1 each) and 0.60 USD per million requests.
 */
export class WebFirewall extends Component {
  /** ARN of the web ACL. */
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: WebFirewallArgs, opts?: pulumi.ComponentResourceOptions) {
    super("aws:WebFirewall", name, opts);
    const rateLimit = { limit: args.rateLimit ?? 10_000, aggregateKeyType: "IP", evaluationWindowSec: 300 };
    const acl = new wafv2.WebAcl(
      this.childName("acl"),
      {
        scope: "REGIONAL",
        defaultAction: { allow: {} },
        visibilityConfig: visible("all"),
        rules: [
          {
            name: "rate-limit",
            priority: 0,
            action: { block: { customResponse: { responseCode: 429 } } },
            statement: { rateBasedStatement: rateLimit },
            visibilityConfig: visible("rate-limit"),
          },
          managed(1, "AWSManagedRulesCommonRuleSet", counted),
          managed(2, "AWSManagedRulesKnownBadInputsRuleSet", []),
        ],
        tags: { Name: name },
      },
      this.child(),
    );
    new wafv2.WebAclAssociation(
      this.childName("association"),
      { resourceArn: args.balancerArn, webAclArn: acl.arn },
      this.child(),
    );
    this.arn = acl.arn;
    this.registerOutputs({ arn: this.arn });
  }
}

/** A set of rules that AWS keeps; those that are listed count what they find instead of blocking it. */
const managed = (priority: number, name: string, counting: readonly string[]) => ({
  name,
  priority,
  overrideAction: { none: {} },
  statement: {
    managedRuleGroupStatement: {
      name,
      vendorName: "AWS",
      ruleActionOverrides: counting.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
    },
  },
  visibilityConfig: visible(name),
});

const visible = (metricName: string) => ({ cloudwatchMetricsEnabled: true, metricName, sampledRequestsEnabled: true });
