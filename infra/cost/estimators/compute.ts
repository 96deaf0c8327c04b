import { type Billed, blockIn, hoursAMonth, type Item, item, notEstimated, numberIn, textIn } from "../line";
import { instanceHour, otherInstanceHour } from "../prices/compute";
import { ebs, vpc } from "../prices/services";
import { find, priceOf, type Region } from "../prices/table";
import type { Estimators, Surroundings } from "./estimator";

/** What the root volume of Debian's and Amazon Linux's images has, in GB, unless the program says otherwise. */
const imageSizeGb = 8;

/** IOPS and MB/s that every gp3 volume has without a further price (https://aws.amazon.com/ebs/volume-types/). */
const included = { iops: 3_000, throughput: 125 };

/** How full volumes are assumed to be when their snapshots are counted, and what share of that changes from one to the next. */
const snapshots = { full: 0.5, changed: 0.02 };

/** Types whose resources run instances, attach disks and keep snapshots. */
export const compute: Estimators = {
  "aws:ec2/instance:Instance": (resource, surroundings) => [
    ...hours(resource.inputs, surroundings.region),
    ...rootVolume(resource.inputs, surroundings.region),
    ...ownAddress(resource, surroundings),
  ],
  "aws:ebs/volume:Volume": ({ inputs }, { region }) =>
    volume(inputs, numberIn(inputs, "size"), textIn(inputs, "type"), region, "volume"),
  "aws:ebs/snapshot:Snapshot": () => [notEstimated("snapshot", "depends on how full its volume was")],
  "aws:dlm/lifecyclePolicy:LifecyclePolicy": ({ inputs }, { region, stack }) => keptSnapshots(inputs, region, stack),
  "aws:ec2/eip:Eip": (_, { region }) => [
    item("public IPv4 address", hoursAMonth, "hours", priceOf(vpc, "address", region)),
  ],
};

function hours(inputs: Billed["inputs"], region: Region): Item[] {
  const type = textIn(inputs, "instanceType");
  const price =
    type === undefined ? undefined : (find(instanceHour, type, region) ?? find(otherInstanceHour, type, region));
  if (!price) return [notEstimated(`instance ${type ?? ""}`.trim(), "its type is not in the table of prices")];
  const burstable = type?.startsWith("t") === true;
  const note = burstable ? "no more CPU than the credits that it earns" : undefined;
  return [item(`instance ${type ?? ""}`, hoursAMonth, "hours", price, note)];
}

function rootVolume(inputs: Billed["inputs"], region: Region): Item[] {
  const device = blockIn(inputs, "rootBlockDevice");
  const [size, type] = [numberIn(device, "volumeSize"), textIn(device, "volumeType")];
  const [first, ...rest] = volume(device, size ?? imageSizeGb, type ?? "gp3", region, "root volume");
  if (!first) return [];
  const said = size !== undefined && type !== undefined;
  return [said ? first : { ...first, note: `what the image says of it taken as ${imageSizeGb} GB, gp3` }, ...rest];
}

/** What a volume is billed for; one whose type is not said is gp2, as the provider says. */
function volume(
  inputs: Billed["inputs"],
  size: number | undefined,
  type: string | undefined,
  region: Region,
  what: string,
): Item[] {
  if (type !== "gp3") return [notEstimated(`${what} ${type ?? "gp2"}`, "only gp3 is in the table of prices")];
  if (size === undefined) return [notEstimated(`${what} gp3`, "its size is not known yet")];
  const more = (key: keyof typeof included, unit: string) => {
    const over = Math.max(0, (numberIn(inputs, key) ?? 0) - included[key]);
    const name = `${what}, more ${key === "iops" ? "IOPS" : key}`;
    return over > 0 ? [item(name, over, unit, priceOf(ebs, key, region))] : [];
  };
  return [
    item(`${what} gp3`, size, "GB-months", priceOf(ebs, "gp3", region)),
    ...more("iops", "IOPS-months"),
    ...more("throughput", "MB/s-months"),
  ];
}

/**
 * The address that an instance gets by itself. AWS takes it back when an Elastic IP is attached, and which instance that is is
 * often not known before both exist: of as many instances as there are attached addresses, none has one of its own.
 */
function ownAddress(resource: Billed, { region, stack }: Surroundings): Item[] {
  const takes = (one: Billed) => one.type === resource.type && one.inputs.associatePublicIpAddress === true;
  if (!takes(resource)) return [];
  const attached = stack.filter(({ type }) => type === "aws:ec2/eip:Eip").length;
  const position = stack.filter(takes).findIndex(({ urn }) => urn === resource.urn);
  return position < attached
    ? []
    : [item("public IPv4 address", hoursAMonth, "hours", priceOf(vpc, "address", region))];
}

function keptSnapshots(inputs: Billed["inputs"], region: Region, stack: readonly Billed[]): Item[] {
  const schedules = blockIn(inputs, "policyDetails").schedules;
  const kept = (Array.isArray(schedules) ? (schedules as Billed["inputs"][]) : []).reduce(
    (sum, schedule) => sum + (numberIn(blockIn(schedule, "retainRule"), "count") ?? 0),
    0,
  );
  if (kept === 0) return [notEstimated("snapshots", "how many are kept is not said as a number")];
  const size = stack
    .filter(({ type }) => type === "aws:ebs/volume:Volume")
    .reduce((sum, { inputs: of }) => sum + (numberIn(of, "size") ?? 0), 0);
  const amount = size * snapshots.full * (1 + snapshots.changed * (kept - 1));
  const note =
    `all ${size} GB of data volumes, ${snapshots.full * 100} % full, of which ${snapshots.changed * 100} % ` +
    `changes from one to the next, ${kept} kept`;
  return [item("snapshots", amount, "GB-months", priceOf(ebs, "snapshot", region), note)];
}
