import { compute } from "./estimators/compute";
import type { Estimators } from "./estimators/estimator";
import { network } from "./estimators/network";
import { operations } from "./estimators/operations";
import { storage } from "./estimators/storage";
import { isFree } from "./free";
import { type Billed, type Item, item, type Line, notEstimated } from "./line";
import { transfer } from "./prices/services";
import { isPriced, priceOf, type Region, regions } from "./prices/table";

const estimators: Estimators = { ...compute, ...network, ...storage, ...operations };

/** GB to the internet that an account has for nothing each month (https://aws.amazon.com/ec2/pricing/on-demand/). */
const freeTransferGb = 100;

/**
 * What a stack's resources cost a month, line by line: what is billed by time at its list price, what is billed by use with an
 * assumption that its line names. Free tiers, discounts, taxes and support are left out. Resources that cost nothing have one line
 * of 0 USD; those that the table does not know have one without an amount, and never 0.
 * @param stack All resources of AWS's that the stack has.
 */
export function estimate(stack: readonly Billed[]): Line[] {
  const lines = stack.flatMap((resource) =>
    itemsOf(resource, stack).map((of) => ({ resource: resource.name, urn: resource.urn, type: resource.type, ...of })),
  );
  return [...lines, ...toTheInternet(stack)];
}

function itemsOf(resource: Billed, stack: readonly Billed[]): readonly Item[] {
  const type = usualType(resource.type);
  if (isFree(pathOf(type))) return [nothing];
  const estimator = Object.hasOwn(estimators, type) ? estimators[type] : undefined;
  if (!estimator) return [notEstimated("all of it", "nothing is known of what this type costs")];
  const region = resource.region ?? "none";
  if (!isPriced(region)) {
    return [notEstimated("all of it", `there are prices of ${regions.join(", ")} only; its region is ${region}`)];
  }
  const items = estimator(resource, { region, stack });
  return items.length > 0 ? items : [nothing];
}

/** The one line of what is free. */
const nothing: Item = { what: "free of charge", quantity: 0, unit: "", usd: 0 };

/** Types have other names: `alb` for `lb`, `BucketV2` for `Bucket`, before version 7 of the provider. */
const usualType = (type: string): string =>
  type
    .replace(/^aws:(alb|applicationloadbalancing)\//, "aws:lb/")
    .replace("aws:s3/bucketV2:BucketV2", "aws:s3/bucket:Bucket");

/** `ec2/subnet` of `aws:ec2/subnet:Subnet`. */
const pathOf = (type: string): string => type.split(":")[1] ?? "";

/** Whether a resource answers requests from the internet. */
const faces = ({ type, inputs }: Billed): boolean =>
  type === "aws:ec2/eip:Eip" ||
  (type === "aws:ec2/instance:Instance" && inputs.associatePublicIpAddress === true) ||
  (usualType(type) === "aws:lb/loadBalancer:LoadBalancer" && inputs.internal !== true);

/** What answers to users come to, once a stack that users reach. */
function toTheInternet(stack: readonly Billed[]): Line[] {
  const facing = stack.find((resource) => faces(resource) && isPriced(resource.region ?? ""));
  if (!facing) return [];
  const price = priceOf(transfer, "out", facing.region as Region);
  const note = `up to AWS's free ${freeTransferGb} GB a month of an account; each GB more is ${price.usd} USD`;
  return [{ resource: "all of it", urn: "", type: "", ...item("data to the internet", 0, "GB", price, note) }];
}

/** What lines come to, in USD a month, without those that were not estimated. */
export const total = (lines: readonly Line[]): number =>
  Math.round(lines.reduce((sum, { usd }) => sum + (usd ?? 0), 0) * 1e6) / 1e6;
