import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { announcementTimes, countdown, localTimeWithZone, parseTime, waitFor } from "../../../infra/cli/plannedTime";

const now = new Date(2026, 10, 23, 17, 30, 20);

describe("a time to come", () => {
  it.each([
    ["18:00", new Date(2026, 10, 23, 18, 0)],
    ["17:30", new Date(2026, 10, 24, 17, 30)],
    ["9:05", new Date(2026, 10, 24, 9, 5)],
    ["in 10m", new Date(2026, 10, 23, 17, 40, 20)],
    ["in 90 seconds", new Date(2026, 10, 23, 17, 31, 50)],
    ["in 2 hours", new Date(2026, 10, 23, 19, 30, 20)],
    ["2026-11-24T06:00", new Date(2026, 10, 24, 6, 0)],
    ["2026-11-24 06:00:30", new Date(2026, 10, 24, 6, 0, 30)],
    ["2026-11-24T06:00Z", new Date(Date.UTC(2026, 10, 24, 6, 0))],
    ["2026-11-24T06:00+02:00", new Date(Date.UTC(2026, 10, 24, 4, 0))],
  ])("%s is read", (text, expected) => expect(parseTime(text, now)).toEqual(expected));

  it.each([
    "",
    "soon",
    "25:00",
    "12:60",
    "10m",
    "in",
    "in 5 parsecs",
    "in 0 minutes",
    "2026-02-30T10:00",
    "2026-11-24",
  ])("%j is none", (text) =>
    expect(() => parseTime(text, now)).toThrow(/no time to come[\s\S]*expected: a time to come: 18:30/),
  );

  it.each(["2026-11-23T17:30", "2020-01-01T00:00Z"])("%s is over, and the message says when it was", (text) =>
    expect(() => parseTime(text, now)).toThrow(/which was 20\d\d-\d\d-\d\d \d\d:\d\d \(UTC/),
  );

  it("is never in the past, whatever the clock shows", () => {
    fc.assert(
      fc.property(
        fc.date({ noInvalidDate: true, min: new Date(2020, 0), max: new Date(2040, 0) }),
        fc.nat(1439),
        (from, minute) => {
          const text = `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, "0")}`;
          const left = parseTime(text, from).getTime() - from.getTime();
          expect(left).toBeGreaterThan(0);
          // A day, and the hour that a change of the clocks may add.
          expect(left).toBeLessThanOrEqual(25 * 3_600_000);
        },
      ),
    );
  });

  it("is shown with its zone", () =>
    expect(localTimeWithZone(now)).toMatch(/^2026-11-23 17:30 \(UTC([+-]\d+(:\d+)?)?\)$/));
});

describe("a countdown", () => {
  it.each([
    [7_500, "2 h 5 min"],
    [270, "4 min 30 s"],
    [11.2, "12 s"],
    [-3, "0 s"],
  ])("of %d seconds reads %s", (left, text) => expect(countdown(left)).toBe(text));
});

describe("users", () => {
  it("are told at once, and again five minutes before", () => {
    const at = new Date(now.getTime() + 3_600_000);
    expect(announcementTimes(at, now)).toEqual([now, new Date(at.getTime() - 300_000)]);
  });
  it("are told once when it begins sooner", () => {
    expect(announcementTimes(new Date(now.getTime() + 300_000), now)).toEqual([now]);
  });
});

describe("waiting", () => {
  beforeEach(() => void vi.useFakeTimers({ now, toFake: ["Date"] }));
  afterEach(() => void vi.useRealTimers());

  it("ends when the clock says so, also when the machine has slept", async () => {
    const left: number[] = [];
    const at = new Date(now.getTime() + 3_600_000);
    await waitFor(at, (seconds) => {
      left.push(seconds);
      vi.setSystemTime(at);
    });
    expect(left).toEqual([3600]);
  });

  it("can be interrupted", async () => {
    const abort = new AbortController();
    const wait = waitFor(new Date(now.getTime() + 3_600_000), () => abort.abort(), abort.signal);
    await expect(wait).rejects.toThrow(/abort/i);
  });
});
