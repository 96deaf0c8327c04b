import { asBlock, hoursAMonth, item, listIn, notEstimated, numberIn, textIn } from "../line";
import { balancer, cloudwatch, route53, vpc, waf } from "../prices/services";
import { priceOf } from "../prices/table";
import type { Estimators } from "./estimator";

/** What is assumed to go through a NAT gateway a month, in GB: updates and what Odoo asks of others. */
const natGb = 20;
/** Capacity units that a load balancer is assumed to use on average (25 new connections a second, or 1 GB an hour, is one). */
const capacityUnits = 1;
/** Requests that are assumed to pass a firewall a month, in millions. */
const millionRequests = 5;
/** Flow logs that are assumed a month, in GB. */
const flowLogGb = 2;

/** Types of networks, load balancers, names and the firewall. */
export const network: Estimators = {
  "aws:ec2/natGateway:NatGateway": (_, { region }) => [
    item("NAT gateway", hoursAMonth, "hours", priceOf(vpc, "natHour", region)),
    item("NAT gateway, data", natGb, "GB", priceOf(vpc, "natGb", region), `${natGb} GB a month`),
  ],
  "aws:ec2/vpcEndpoint:VpcEndpoint": ({ inputs }, { region }) => {
    const type = textIn(inputs, "vpcEndpointType") ?? "Gateway";
    if (type === "Gateway") return [];
    if (type !== "Interface") return [notEstimated(`endpoint ${type}`, "only interface endpoints are in the table")];
    const zones = Math.max(1, listIn(inputs, "subnetIds").length);
    const note = `in ${zones} zones, without what passes`;
    return [item("interface endpoint", hoursAMonth * zones, "hours", priceOf(vpc, "endpointHour", region), note)];
  },
  "aws:ec2/flowLog:FlowLog": ({ inputs }, { region }) =>
    textIn(inputs, "logDestinationType") === "s3"
      ? [notEstimated("flow logs to S3", "the price of delivery is not in the table")]
      : [item("flow logs", flowLogGb, "GB", priceOf(cloudwatch, "logs", region), `${flowLogGb} GB a month`)],
  "aws:lb/loadBalancer:LoadBalancer": ({ inputs }, { region }) => {
    const type = textIn(inputs, "loadBalancerType") ?? "application";
    if (type !== "application") return [notEstimated(`${type} load balancer`, "only application load balancers are")];
    const zones = listIn(inputs, "subnets").length || listIn(inputs, "subnetMappings").length;
    const addresses = inputs.internal === true ? 0 : Math.max(2, zones);
    const addressHours = addresses * hoursAMonth;
    const note = `${capacityUnits} capacity unit on average`;
    return [
      item("load balancer", hoursAMonth, "hours", priceOf(balancer, "hour", region)),
      item("capacity", capacityUnits * hoursAMonth, "LCU-hours", priceOf(balancer, "capacityHour", region), note),
      ...(addresses > 0
        ? [item("public IPv4 addresses", addressHours, "hours", priceOf(vpc, "address", region), "one a zone")]
        : []),
    ];
  },
  "aws:route53/zone:Zone": (_, { region }) => [item("hosted zone", 1, "months", priceOf(route53, "zone", region))],
  "aws:route53/healthCheck:HealthCheck": (_, { region }) => [
    item("health check", 1, "months", priceOf(route53, "healthCheck", region), "of an endpoint in AWS, every 30 s"),
  ],
  "aws:wafv2/webAcl:WebAcl": ({ inputs }, { region }) => {
    const rules = listIn(inputs, "rules").filter((rule) => numberIn(asBlock(rule), "priority") !== undefined).length;
    const note = `${millionRequests} million requests a month`;
    return [
      item("firewall", 1, "months", priceOf(waf, "acl", region)),
      item("firewall, rules", rules, "months", priceOf(waf, "rule", region)),
      item("firewall, requests", millionRequests, "millions", priceOf(waf, "millionRequests", region), note),
    ];
  },
};
