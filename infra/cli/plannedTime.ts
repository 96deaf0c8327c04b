import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "../core/errors";
import { isDuration, seconds, suggestDuration } from "../core/units";

/** What is accepted, for messages. */
const forms = "a time to come: 18:30, 2026-11-23T18:30, 2026-11-23T17:30Z, or in 10m";

/**
 * Reads a time to come: `18:30` is today or, when that is over, tomorrow; `in 10m` counts from now; anything else is a date
 * and a time as ISO 8601 writes them, this machine's where no zone is given.
 * @param text What was written.
 * @param now The time to count from.
 * @throws UserError when it is no time, or in the past.
 */
export function parseTime(text: string, now: Date): Date {
  const time = clockTime(text, now) ?? fromNow(text, now) ?? dateAndTime(text);
  if (time && time > now) return time;
  const found = time ? `"${text}", which was ${localTimeWithZone(time)}` : `"${text}"`;
  throw new UserError("That is no time to come.", [{ path: "--at", expected: forms, found }]);
}

function clockTime(text: string, now: Date): Date | undefined {
  const [, hours = "", minutes = ""] = /^(\d{1,2}):(\d{2})$/.exec(text) ?? [];
  if (!hours || Number(hours) > 23 || Number(minutes) > 59) return undefined;
  const time = new Date(now);
  time.setHours(Number(hours), Number(minutes), 0, 0);
  if (time <= now) time.setDate(time.getDate() + 1);
  return time;
}

function fromNow(text: string, now: Date): Date | undefined {
  const span = /^in\s+(.+)$/.exec(text)?.[1] ?? "";
  const duration = isDuration(span) ? span : suggestDuration(span);
  return duration && new Date(now.getTime() + seconds(duration) * 1000);
}

function dateAndTime(text: string): Date | undefined {
  const pattern = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(Z|[+-]\d{2}:\d{2})?$/;
  const [, year = "", month = "", day = "", clock = "", zone = ""] = pattern.exec(text) ?? [];
  const date = `${year}-${month}-${day}`;
  // 30 February would become 2 March.
  const exists = new Date(`${date}T00:00Z`);
  if (Number.isNaN(exists.getTime()) || exists.toISOString().slice(0, 10) !== date) return undefined;
  const time = new Date(`${date}T${clock}${zone}`);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/** A time with this machine's zone, for people elsewhere: `2026-11-23 18:30 (UTC+1)`. */
export function localTimeWithZone(time: Date): string {
  const parts = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short" }).format(time);
  const zone = new Intl.DateTimeFormat("en", { timeZoneName: "shortOffset" })
    .formatToParts(time)
    .find(({ type }) => type === "timeZoneName");
  return `${parts} (${(zone?.value ?? "UTC").replace("GMT", "UTC")})`;
}

/** Seconds as a countdown: `2 h 5 min`, `4 min 30 s`, `12 s`. */
export function countdown(left: number): string {
  const whole = Math.max(0, Math.ceil(left));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${rest} s` : `${rest} s`;
}

/** Users are told again so long before it begins, in seconds. */
const reminderSeconds = 300;

/** When users are told of something planned: at once, and again shortly before, unless that is now. */
export function announcementTimes(at: Date, now: Date): Date[] {
  const reminder = new Date(at.getTime() - reminderSeconds * 1000);
  return reminder > now ? [now, reminder] : [now];
}

/**
 * Waits for a time, by the clock: a machine that sleeps meanwhile does not make it later.
 * @param at The time.
 * @param tick Called every second with how many are left.
 * @param signal Ends the wait with an error.
 */
export async function waitFor(at: Date, tick: (left: number) => void, signal?: AbortSignal): Promise<void> {
  for (;;) {
    const left = (at.getTime() - Date.now()) / 1000;
    if (left <= 0) return;
    tick(left);
    await delay(Math.min(1, left) * 1000, undefined, { signal });
  }
}
