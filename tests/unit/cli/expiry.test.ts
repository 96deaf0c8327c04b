import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { age, type Aging, expired } from "../../../infra/cli/expiry";

const now = new Date("2026-11-25T12:00:00Z");
const day = 86_400_000;
const madeDaysAgo = (days: number) => new Date(now.getTime() - days * day);

const dev = (stack: string, days: number, expiresAfter?: string): Aging => ({
  stack,
  stage: "development",
  expiresAfter,
  madeAt: madeDaysAgo(days),
});

describe("environments whose time is over", () => {
  it("are those older than their files say, the oldest first", () => {
    const all = [dev("a", 15, "14 days"), dev("b", 13, "14 days"), dev("c", 30, "1 day"), dev("d", 1000)];
    expect(expired(all, now)).toEqual([
      { stack: "c", expiresAfter: "1 day", ageSeconds: 30 * 86_400 },
      { stack: "a", expiresAfter: "14 days", ageSeconds: 15 * 86_400 },
    ]);
  });

  it("are none to the second, and none of those that are not up", () => {
    expect(expired([dev("a", 14, "14 days"), { ...dev("b", 15, "14 days"), madeAt: undefined }], now)).toEqual([]);
  });

  it("are none of other stages, and none whose duration can't be read", () => {
    const old = dev("a", 100, "1 day");
    expect(
      expired(
        [
          { ...old, stage: "production" },
          { ...old, stage: "staging" },
        ],
        now,
      ),
    ).toEqual([]);
    expect(expired([{ ...old, expiresAfter: "1d" }], now)).toEqual([]);
  });

  it("never include production, whatever is written", () => {
    const other = fc.record({
      stack: fc.string(),
      stage: fc.constantFrom("production", "staging", undefined),
      expiresAfter: fc.oneof(fc.constantFrom("1 hour", "1 day"), fc.string()),
      madeAt: fc.date(),
    });
    fc.assert(
      fc.property(fc.array(other), (all) => {
        expect(expired(all, now)).toEqual([]);
      }),
    );
  });
});

describe("an age", () => {
  it.each([
    [90, "1 minute"],
    [3_600, "60 minutes"],
    [7_200, "2 hours"],
    [86_400, "24 hours"],
    [172_800, "2 days"],
    [10, "0 minutes"],
  ])("of %d seconds is %s", (seconds, text) => {
    expect(age(seconds)).toBe(text);
  });
});
