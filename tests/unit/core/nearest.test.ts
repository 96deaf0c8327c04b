import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nearest } from "../../../infra/core/nearest";

const keys = ["workers", "cronThreads", "dbMaxconn", "limits", "logLevel", "stopGrace"];

describe("nearest", () => {
  it.each([
    ["workrs", "workers"],
    ["Workers", "workers"],
    ["cron_threads", "cronThreads"],
    ["db-maxconn", "dbMaxconn"],
    ["loglevl", "logLevel"],
    ["stop grace", "stopGrace"],
  ])("%s is near %s", (word, meant) => {
    expect(nearest(word, keys)).toBe(meant);
  });

  it("knows the beginning of a word", () => {
    expect(nearest("prod", ["staging", "production", "development"])).toBe("production");
    expect(nearest("dev", ["staging", "production", "development"])).toBe("development");
  });

  it.each(["", "x", "colour", "password", "zzzzzzz"])("%j is near none", (word) => {
    expect(nearest(word, keys)).toBeUndefined();
  });

  it("is the word itself where that is a candidate", () => {
    fc.assert(
      fc.property(fc.constantFrom(...keys), (key) => {
        expect(nearest(key, keys)).toBe(key);
      }),
    );
  });

  it("is nothing without candidates", () => {
    fc.assert(
      fc.property(fc.string(), (word) => {
        expect(nearest(word, [])).toBeUndefined();
      }),
    );
  });
});
