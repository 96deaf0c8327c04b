import { describe, expect, it } from "vitest";
import { leftRehearsal, wantsRehearsal } from "../../../infra/operator/rehearsal";

const roomy = { canReflink: true, free: 2e9, needed: 1e9 };
const full = { ...roomy, free: 0.5e9 };

describe("a rehearsal on a copy", () => {
  it("is held in production where files can share blocks, unless the configuration says otherwise", () => {
    expect(wantsRehearsal({ rehearse: "auto", stage: "production" }, roomy)).toBe(true);
    expect(wantsRehearsal({ rehearse: "auto", stage: "production" }, { ...roomy, canReflink: false })).toBe(false);
    expect(wantsRehearsal({ rehearse: "auto", stage: "staging" }, roomy)).toBe(false);
    expect(wantsRehearsal({ rehearse: "always", stage: "development" }, { ...roomy, canReflink: false })).toBe(true);
    expect(wantsRehearsal({ rehearse: "never", stage: "production" }, roomy)).toBe(false);
  });

  it("is left out where there is no room for the copy, and an error where it was asked for", () => {
    expect(wantsRehearsal({ rehearse: "auto", stage: "production" }, full)).toBe(false);
    expect(wantsRehearsal({ rehearse: "never", stage: "production" }, full)).toBe(false);
    expect(() => wantsRehearsal({ rehearse: "always", stage: "production" }, full)).toThrow(/953\.7 MB free/);
  });

  it("has left its copy behind when the operator was ended in the middle of it, and only then", () => {
    expect(leftRehearsal({ step: "rehearse", seconds: { keep: 1 } })).toBe(true);
    expect(leftRehearsal({ step: "rehearse", seconds: { keep: 1, rehearse: 2 } })).toBe(false);
    expect(leftRehearsal({ step: "prepare", seconds: { keep: 1, rehearse: 2 } })).toBe(false);
    expect(leftRehearsal({ step: "keep", seconds: {} })).toBe(false);
  });
});
