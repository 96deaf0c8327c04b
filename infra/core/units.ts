/** Units of a size, each 1,024 times the one before, as PostgreSQL and Docker count them. */
const sizeUnits = ["B", "KB", "MB", "GB", "TB"] as const;

/** Units of a duration and the seconds in each. */
const durationUnits = { second: 1, minute: 60, hour: 3_600, day: 86_400 } as const;

type SizeUnit = (typeof sizeUnits)[number];
type DurationUnit = keyof typeof durationUnits;

/** An amount of memory or disk: `"512 MB"`, `"1.5 GB"`. 1 KB is 1,024 bytes, as in PostgreSQL and Docker. */
export type Size = `${number} ${SizeUnit}`;

/** A span of time: `"90 seconds"`, `"1 minute"`, `"2 hours"`, `"7 days"`. */
export type Duration = `${number} ${DurationUnit | `${DurationUnit}s`}`;

const sizePattern = /^(\d{1,6}(?:\.\d{1,3})?) (B|KB|MB|GB|TB)$/;
const durationPattern = /^(\d{1,6}(?:\.\d{1,3})?) (second|minute|hour|day)s?$/;

/** Whether a value is written as a size, exactly: a plain number, one space, a unit in capitals. */
export function isSize(value: unknown): value is Size {
  return typeof value === "string" && sizePattern.test(value);
}

/** Whether a value is written as a duration, exactly: a plain number, one space, a unit in small letters. */
export function isDuration(value: unknown): value is Duration {
  return typeof value === "string" && durationPattern.test(value);
}

/**
 * The whole bytes in a size, rounded to the nearest.
 *
 * @throws RangeError when `size` is not written as a size: configuration is checked with {@link isSize} before.
 */
export function bytes(size: Size): number {
  const match = sizePattern.exec(size);
  if (!match) throw new RangeError(`not a size: ${size}`);
  return Math.round(Number(match[1]) * 1_024 ** sizeUnits.indexOf(match[2] as SizeUnit));
}

/**
 * The seconds in a duration.
 *
 * @throws RangeError when `duration` is not written as a duration: configuration is checked with {@link isDuration} before.
 */
export function seconds(duration: Duration): number {
  const match = durationPattern.exec(duration);
  if (!match) throw new RangeError(`not a duration: ${duration}`);
  return Number(match[1]) * durationUnits[match[2] as DurationUnit];
}

/**
 * Writes a number of bytes for people, in the largest unit that leaves at least 1, with one decimal at most.
 *
 * @param count Bytes, 0 or more.
 */
export function formatSize(count: number): Size {
  let amount = count;
  let unit = 0;
  // 1,023.95 and more would be printed as 1,024 of the smaller unit.
  while (unit < sizeUnits.length - 1 && amount >= 1_023.95) {
    amount /= 1_024;
    unit += 1;
  }
  return `${Math.round(amount * 10) / 10} ${sizeUnits[unit] ?? "TB"}`;
}

/**
 * Writes seconds for people, in the largest unit that divides them without a rest.
 *
 * @param count Seconds, 0 or more; rounded to whole ones.
 */
export function formatDuration(count: number): Duration {
  const whole = Math.round(count);
  const fitting = (["day", "hour", "minute"] as const).find(
    (unit) => whole >= durationUnits[unit] && whole % durationUnits[unit] === 0,
  );
  const unit = fitting ?? "second";
  const amount = whole / durationUnits[unit];
  return amount === 1 ? `${amount} ${unit}` : `${amount} ${unit}s`;
}

/** What somebody who wrote `20gb`, `20 GiB` or `20G` most likely meant, or `undefined`. */
export function suggestSize(text: string): Size | undefined {
  const match = /^\s*(\d+(?:[.,]\d+)?)\s*(?:([kmgt])i?(?:b|bytes?)?|b|bytes?)\s*$/i.exec(text);
  if (!match?.[1]) return undefined;
  const suggestion = `${match[1].replace(",", ".")} ${(match[2] ?? "").toUpperCase()}B`;
  return isSize(suggestion) ? suggestion : undefined;
}

/** What somebody who wrote `5min`, `5 m` or `90s` most likely meant, or `undefined`. */
export function suggestDuration(text: string): Duration | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(s|m|h|d)[a-z]*\s*$/i.exec(text);
  const unit = (Object.keys(durationUnits) as DurationUnit[]).find((name) => name[0] === match?.[2]?.toLowerCase());
  if (!match?.[1] || !unit) return undefined;
  const suggestion = `${match[1]} ${Number(match[1]) === 1 ? unit : `${unit}s`}`;
  return isDuration(suggestion) ? suggestion : undefined;
}
