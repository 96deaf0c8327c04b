import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bytes,
  formatDuration,
  formatSize,
  isDuration,
  isSize,
  seconds,
  suggestDuration,
  suggestSize,
  type Duration,
  type Size,
} from "../../../infra/core/units";

describe("sizes", () => {
  it.each([
    ["1 B", 1],
    ["1 KB", 1_024],
    ["1.5 MB", 1_572_864],
    ["2.5 GB", 2_684_354_560],
    ["1 TB", 1_099_511_627_776],
  ] as const)("%s is %d bytes", (size, count) => {
    expect(bytes(size)).toBe(count);
  });

  it.each(["", "1", "1GB", "1  GB", "1 gb", "1 GiB", "-1 GB", "1e3 GB", "1,5 GB", " 1 GB", "1 GB\n", ".5 GB", "1. GB"])(
    "%j is none",
    (text) => {
      expect(isSize(text)).toBe(false);
      expect(() => bytes(text as Size)).toThrow(RangeError);
    },
  );

  it("are printed within 5 % of what they are, and as sizes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 50 }), (count) => {
        const printed = formatSize(count);
        expect(isSize(printed)).toBe(true);
        expect(Math.abs(bytes(printed) - count) / count).toBeLessThanOrEqual(0.05);
      }),
    );
  });

  it("are read back from whole numbers of every unit", () => {
    const unit = fc.constantFrom("B", "KB", "MB", "GB", "TB" as const);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_023 }), unit, (amount, name) => {
        const size: Size = `${amount} ${name}`;
        expect(formatSize(bytes(size))).toBe(size);
      }),
    );
  });

  it.each([
    ["2GB", "2 GB"],
    ["2 gb", "2 GB"],
    ["512m", "512 MB"],
    ["1.5 GiB", "1.5 GB"],
    ["1,5 gb", "1.5 GB"],
    ["64 kbytes", "64 KB"],
    ["100 bytes", "100 B"],
  ])("%s was meant as %s", (text, meant) => {
    expect(suggestSize(text)).toBe(meant);
  });

  it.each(["", "much", "12", "GB", "1 XB"])("nothing is suggested for %j", (text) => {
    expect(suggestSize(text)).toBeUndefined();
  });
});

describe("durations", () => {
  it.each([
    ["1 second", 1],
    ["1.5 minutes", 90],
    ["2 hours", 7_200],
    ["7 days", 604_800],
  ] as const)("%s is %d seconds", (duration, count) => {
    expect(seconds(duration)).toBe(count);
  });

  it.each(["", "5", "5min", "5 min", "5 Minutes", "-1 second", "1 week", "1 minute "])("%j is none", (text) => {
    expect(isDuration(text)).toBe(false);
    expect(() => seconds(text as Duration)).toThrow(RangeError);
  });

  it("are read back from any number of seconds", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999 }), (count) => {
        expect(seconds(formatDuration(count))).toBe(count);
      }),
    );
  });

  it.each([
    [1, "1 second"],
    [60, "1 minute"],
    [90, "90 seconds"],
    [7_200, "2 hours"],
    [86_400, "1 day"],
  ])("%d seconds are printed as %s", (count, text) => {
    expect(formatDuration(count)).toBe(text);
  });

  it.each([
    ["5min", "5 minutes"],
    ["1m", "1 minute"],
    ["90 s", "90 seconds"],
    ["2 Hours", "2 hours"],
    ["3d", "3 days"],
  ])("%s was meant as %s", (text, meant) => {
    expect(suggestDuration(text)).toBe(meant);
  });

  it.each(["", "5", "soon", "1 week"])("nothing is suggested for %j", (text) => {
    expect(suggestDuration(text)).toBeUndefined();
  });
});
