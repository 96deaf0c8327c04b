import type { Problem } from "../../core/errors";
import { bytes, formatSize, type Size } from "../../core/units";
import { checkRdsClass } from "./rdsClasses";

/** What of a database on RDS AWS has limits for. */
export interface RdsLimits {
  readonly identifier: string;
  readonly instanceClass: string;
  readonly storage?: Size;
  readonly maxStorage?: Size;
  /** Whether it begins with a snapshot, which has a size. */
  readonly hasSnapshot: boolean;
  readonly backupRetentionDays: number;
  /** `HH:MM-HH:MM`, UTC. */
  readonly backupWindow: string;
  /** `ddd:HH:MM-ddd:HH:MM`, UTC. */
  readonly maintenanceWindow: string;
  readonly protect: boolean;
  readonly replica?: { readonly instanceClass?: string };
  readonly masterPassword: "rds" | "stack";
}

const gigabyte = bytes("1 GB");

/**
 * Bounds of gp3 volumes for PostgreSQL, in GiB:
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html#gp3-storage
 */
const storageBounds = { least: 20, most: 65_536 };

/** A size in whole GiB, rounded up: what RDS counts storage in. */
export const wholeGigabytes = (size: Size): number => Math.ceil(bytes(size) / gigabyte);

/** Checks all that AWS would refuse, some of it only after minutes. */
export function checkRds(wishes: RdsLimits): readonly Problem[] {
  const { replica } = wishes;
  return [
    checkIdentifier(wishes),
    checkRdsClass("instanceClass", wishes.instanceClass),
    replica?.instanceClass === undefined ? undefined : checkRdsClass("replica.instanceClass", replica.instanceClass),
    ...checkStorage(wishes),
    checkRetention(wishes),
    ...checkWindows(wishes),
    checkMasterPassword(wishes),
  ].filter((problem) => problem !== undefined);
}

/** The longest identifier, in characters. */
const longest = 63;

/** The identifier of an instance's replica. */
export const replicaOf = (identifier: string): string => `${identifier}-replica`;

/** "Naming constraints in Amazon RDS": https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html */
function checkIdentifier({ identifier, replica }: RdsLimits): Problem | undefined {
  const most = replica ? longest - replicaOf("").length : longest;
  if (/^[a-z](?:-?[a-z0-9])*$/.test(identifier) && identifier.length <= most) return undefined;
  const room = replica ? ", which leaves room for the replica's" : "";
  return {
    path: "identifier",
    expected: `1 to ${most} small letters, digits and single hyphens, a letter first and no hyphen last${room}`,
    found: identifier,
  };
}

function checkStorage({ storage, maxStorage, hasSnapshot }: RdsLimits): readonly Problem[] {
  const expected = `${storageBounds.least} to ${storageBounds.most} GB, as RDS offers gp3`;
  if (storage === undefined) {
    if (!hasSnapshot) return [{ path: "storage", expected, found: "nothing" }];
    return maxStorage === undefined
      ? []
      : [{ path: "storage", expected: `${expected}, since maxStorage is there`, found: "nothing" }];
  }
  const size = wholeGigabytes(storage);
  if (size < storageBounds.least || size > storageBounds.most) return [{ path: "storage", expected, found: storage }];
  if (maxStorage === undefined) return [];
  // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html
  const leastMost = Math.ceil(size * 1.1);
  const most = wholeGigabytes(maxStorage);
  if (most >= leastMost && most <= storageBounds.most) return [];
  return [
    {
      path: "maxStorage",
      expected: `${leastMost} to ${storageBounds.most} GB: RDS wants a tenth more than storage at least`,
      found: maxStorage,
      hint: "Leave it out to have four times the storage.",
    },
  ];
}

/**
 * Checks that a snapshot fits: RDS never makes an instance with less storage than its snapshot had.
 * @param snapshotGb Allocated storage of the snapshot, in GiB.
 */
export function checkSnapshotFits(storage: Size, snapshotGb: number): Problem | undefined {
  if (wholeGigabytes(storage) >= snapshotGb) return undefined;
  return {
    path: "storage",
    expected: `at least ${formatSize(snapshotGb * gigabyte)}, which the snapshot was made of`,
    found: storage,
    hint: "Leave it out to have as much. Storage can't shrink: to have less, move the data by pg_dump and pg_restore.",
  };
}

function checkRetention({ backupRetentionDays: days, protect, replica }: RdsLimits): Problem | undefined {
  const needed = protect || replica !== undefined;
  if (Number.isInteger(days) && days >= (needed ? 1 : 0) && days <= 35) return undefined;
  return {
    path: "backupRetentionDays",
    expected: needed ? "1 to 35 days: without backups there is neither a way back nor a replica" : "0 to 35 days",
    found: String(days),
  };
}

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html#rds-secrets-manager-limitations */
function checkMasterPassword({ masterPassword, replica }: RdsLimits): Problem | undefined {
  if (masterPassword !== "rds" || replica === undefined) return undefined;
  return {
    path: "masterPassword",
    expected: '"stack": RDS makes no replica of an instance whose password it manages',
    found: '"rds"',
    hint: 'Make it "stack": it is a secret in the state of the stack then. Or take the replica out.',
  };
}

const dayMinutes = 24 * 60;
const weekMinutes = 7 * dayMinutes;
const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
/** The shortest window that RDS takes. */
const leastMinutes = 30;
const time = "([01]\\d|2[0-3]):([0-5]\\d)";
const day = `(${days.join("|")})`;

/** A span of a week, in minutes. */
interface Span {
  readonly start: number;
  readonly length: number;
}

/**
 * Windows as RDS takes them; the two must not overlap:
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Maintenance.html
 */
function checkWindows({ backupWindow, maintenanceWindow }: RdsLimits): readonly Problem[] {
  const backup = parseDaily(backupWindow);
  const maintenance = parseWeekly(maintenanceWindow);
  const problem = (path: string, expected: string, found: string): Problem => ({ path, expected, found });
  const wrong = [
    ...(backup ? [] : [problem("backupWindow", 'half an hour or more of UTC: "02:00-03:00"', backupWindow)]),
    ...(maintenance
      ? []
      : [problem("maintenanceWindow", 'half an hour or more of UTC: "sun:03:30-sun:04:30"', maintenanceWindow)]),
  ];
  if (!backup || !maintenance) return wrong;
  const daily = days.map((_, at) => ({ ...backup, start: backup.start + at * dayMinutes }));
  if (!daily.some((span) => overlap(span, maintenance))) return [];
  return [problem("maintenanceWindow", `a time outside of the backup window, ${backupWindow}`, maintenanceWindow)];
}

function parseDaily(text: string): Span | undefined {
  const [, ...parts] = new RegExp(`^${time}-${time}$`).exec(text) ?? [];
  const [hour, minute, toHour, toMinute] = parts.map(Number);
  return spanOf(minutes(hour, minute), minutes(toHour, toMinute), dayMinutes);
}

function parseWeekly(text: string): Span | undefined {
  const [, from = "", hour, minute, to = "", toHour, toMinute] =
    new RegExp(`^${day}:${time}-${day}:${time}$`).exec(text) ?? [];
  const at = (name: string) => days.findIndex((known) => known === name) * dayMinutes;
  return spanOf(
    minutes(Number(hour), Number(minute)) + at(from),
    minutes(Number(toHour), Number(toMinute)) + at(to),
    weekMinutes,
  );
}

const minutes = (hour = NaN, minute = NaN): number => hour * 60 + minute;

function spanOf(start: number, end: number, period: number): Span | undefined {
  const length = (end - start + period) % period;
  return length >= leastMinutes ? { start, length } : undefined;
}

/** Whether two spans have a minute in common, in a week that begins again. */
function overlap(a: Span, b: Span): boolean {
  const after = (from: Span, to: Span) => (to.start - from.start + weekMinutes) % weekMinutes;
  return after(a, b) < a.length || after(b, a) < b.length;
}
