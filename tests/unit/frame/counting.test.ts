import { describe, expect, it } from "vitest";
import { type Answered, compareWrites, longestGap, longestWait } from "../../bench/counting";

const request = (startedAt: number, endedAt: number, failure?: string): Answered => ({
  kind: "read",
  startedAt,
  endedAt,
  failure,
});

describe("what became of writes", () => {
  const found = (counts: Readonly<Record<string, number>>) => new Map(Object.entries(counts));

  it("is nothing to speak of when each is there once", () => {
    expect(compareWrites(["a-1", "a-2"], found({ "a-1": 1, "a-2": 1 }))).toEqual({ lost: [], doubled: [] });
  });

  it("is lost what was acknowledged and is not there", () => {
    expect(compareWrites(["a-1", "a-2"], found({ "a-1": 1 })).lost).toEqual(["a-2"]);
  });

  it("is doubled what is there more than once, acknowledged or not", () => {
    expect(compareWrites(["a-1"], found({ "a-1": 2, "a-2": 3 })).doubled).toEqual(["a-1", "a-2"]);
  });

  it("does not hold against a write that its acknowledgement was cut off", () => {
    expect(compareWrites([], found({ "a-1": 1 }))).toEqual({ lost: [], doubled: [] });
  });
});

describe("the longest wait", () => {
  it("is that of the request that took longest, failed or not", () => {
    expect(longestWait([request(0, 1), request(2, 5, "status 502"), request(5, 6)])?.endedAt).toBe(5);
    expect(longestWait([])).toBeUndefined();
  });
});

describe("the longest gap", () => {
  it("is between two good answers, in the order of their ends", () => {
    expect(longestGap([request(0, 1), request(1, 7), request(1, 2), request(7, 8)], 0, 8)).toBe(5);
  });

  it("is not ended by an answer that failed", () => {
    expect(longestGap([request(0, 1), request(3, 4, "status 502"), request(8, 9)], 0, 9)).toBe(8);
  });

  it("counts what is before the first and after the last", () => {
    expect(longestGap([request(3, 4)], 0, 5)).toBe(4);
    expect(longestGap([request(0, 1)], 0, 10)).toBe(9);
    expect(longestGap([], 2, 10)).toBe(8);
  });

  it("ends with the load, however long the last requests wait", () => {
    expect(longestGap([request(0, 1), request(2, 3), request(3, 60)], 0, 4)).toBe(2);
    expect(longestGap([request(0, 1), request(2, 60, "no answer")], 0, 4)).toBe(3);
  });
});
