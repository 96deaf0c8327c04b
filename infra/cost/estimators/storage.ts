import { type Billed, hoursAMonth, type Item, item, listIn, notEstimated, numberIn, textIn } from "../line";
import { databaseHour, databaseStorage } from "../prices/database";
import { efs, s3, secrets } from "../prices/services";
import { find, priceOf } from "../prices/table";
import type { Estimators, Surroundings } from "./estimator";

/** Attachments that a shared filestore is assumed to hold, in GB, and how much of them nobody has read for a while. */
const files = { gb: 20, infrequent: 0.8, readGb: 20, writtenGb: 5 };
/** What a bucket is assumed to hold, in GB. */
const bucketGb = 20;

/** Types that keep data: shared files, buckets, databases. */
export const storage: Estimators = {
  "aws:efs/fileSystem:FileSystem": (resource, surroundings) => sharedFiles(resource, surroundings),
  "aws:efs/backupPolicy:BackupPolicy": (_, { region }) => [
    item("backups", files.gb, "GB-months", priceOf(efs, "backup", region), `${files.gb} GB kept`),
  ],
  "aws:s3/bucket:Bucket": (_, { region }) => [
    item("storage", bucketGb, "GB-months", priceOf(s3, "standard", region), `${bucketGb} GB, few requests`),
  ],
  "aws:rds/instance:Instance": (resource, surroundings) => database(resource, surroundings),
  "aws:rds/snapshot:Snapshot": () => [notEstimated("snapshot", "free up to the size of all databases of the region")],
  "aws:rds/snapshotCopy:SnapshotCopy": () => [notEstimated("snapshot", "depends on how full the database was")],
};

function sharedFiles({ inputs }: Billed, { region }: Surroundings): Item[] {
  const tiered = listIn(inputs, "lifecyclePolicies").length > 0;
  const cold = tiered ? files.gb * files.infrequent : 0;
  const note = `${files.gb} GB of files${tiered ? `, ${files.infrequent * 100} % of them rarely read` : ""}`;
  const throughput = (what: string, gb: number, price: "read" | "write") =>
    item(`data ${what}`, gb, "GB", priceOf(efs, price, region), `${gb} GB a month`);
  return [
    item("files", files.gb - cold, "GB-months", priceOf(efs, "standard", region), note),
    ...(cold > 0 ? [item("files rarely read", cold, "GB-months", priceOf(efs, "infrequent", region), note)] : []),
    ...(textIn(inputs, "throughputMode") === "elastic"
      ? [throughput("read", files.readGb, "read"), throughput("written", files.writtenGb, "write")]
      : []),
  ];
}

function database({ type, inputs }: Billed, { region, stack }: Surroundings): Item[] {
  const zones = inputs.multiAz === true ? 2 : 1;
  const where = zones === 2 ? "Multi-AZ" : "single zone";
  return [
    ...classHours(inputs, zones, where, region),
    ...databaseDisk(inputs, zones, region, sourceOf(inputs, stack, type)),
    ...extras(inputs, region),
  ];
}

/** The inputs of the instance that a replica follows; undefined for others, and where it is not in the stack. */
const sourceOf = (inputs: Billed["inputs"], stack: readonly Billed[], type: string): Billed["inputs"] | undefined => {
  const source = textIn(inputs, "replicateSourceDb");
  return stack.find((one) => one.type === type && source !== undefined && textIn(one.inputs, "identifier") === source)
    ?.inputs;
};

function classHours(inputs: Billed["inputs"], zones: number, where: string, region: Surroundings["region"]): Item[] {
  const name = textIn(inputs, "instanceClass");
  const price = name === undefined ? undefined : find(databaseHour, name, region);
  const what = `database ${name ?? ""} ${where}`.replace("  ", " ");
  const engine = textIn(inputs, "engine");
  if (engine !== undefined && engine !== "postgres") return [notEstimated(what, `prices of ${engine} are not known`)];
  if (!price) return [notEstimated(what, "its class is not in the table of prices")];
  return [item(what, hoursAMonth * zones, "hours", price)];
}

/** What a database's storage costs; a replica says nothing of its size, and has as much as its source. */
function databaseDisk(
  inputs: Billed["inputs"],
  zones: number,
  region: Surroundings["region"],
  source: Billed["inputs"] = inputs,
): Item[] {
  const size = numberIn(inputs, "allocatedStorage") ?? numberIn(source, "allocatedStorage");
  const type = textIn(inputs, "storageType") ?? "gp2";
  if (type !== "gp3") return [notEstimated(`storage ${type}`, "only gp3 is in the table of prices")];
  if (size === undefined) return [notEstimated("storage gp3", "its size is not known yet")];
  const note = numberIn(inputs, "maxAllocatedStorage") ? "grows by itself when it is needed" : undefined;
  const disk = item("storage gp3", size * zones, "GB-months", priceOf(databaseStorage, "gp3", region), note);
  // RDS makes no backups of a replica by itself.
  if (source !== inputs) return [disk];
  return [
    disk,
    {
      ...item("backups", 0, "GB-months", priceOf(databaseStorage, "backup", region)),
      note: "free up to the size of the storage",
    },
  ];
}

/** What else comes with a database: its password as a secret, more IOPS, metrics that are kept for longer. */
function extras(inputs: Billed["inputs"], region: Surroundings["region"]): Item[] {
  const kept = numberIn(inputs, "performanceInsightsRetentionPeriod") ?? 7;
  return [
    ...(inputs.manageMasterUserPassword === true
      ? [item("secret with the password", 1, "months", priceOf(secrets, "secret", region))]
      : []),
    ...(numberIn(inputs, "iops") ? [notEstimated("more IOPS", "their price is not in the table")] : []),
    ...(kept > 7 ? [notEstimated("Performance Insights", "more than 7 days cost more; the price is not known")] : []),
  ];
}
