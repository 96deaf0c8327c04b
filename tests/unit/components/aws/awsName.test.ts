import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { awsName } from "../../../../components/aws/awsName";

describe("a name for AWS", () => {
  it.each([
    ["acme-platform-balancer", "acme-platform-balancer"],
    ["acme_platform.eu", "acme-platform-eu"],
    ["-acme-", "acme"],
  ])("%s is %s", (name, expected) => {
    expect(awsName(name, 32)).toBe(expected);
  });

  it("is cut where it is too long, and still not another one's", () => {
    const long = (end: string) => awsName(`acme-platform-of-the-northern-region-${end}`, 32);
    expect(long("a")).toMatch(
      /^acme-platform-of-the-norther-[0-9a-f]{6}$|^acme-platform-of-the-nor[a-z-]*-[0-9a-f]{6}$/,
    );
    expect(long("a")).not.toBe(long("b"));
    expect(long("a")).toBe(long("a"));
  });

  it("is one that AWS takes, whatever it is made of", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z][a-zA-Z0-9_.-]{0,80}$/), fc.integer({ min: 16, max: 64 }), (name, limit) => {
        const made = awsName(name, limit);
        expect(made.length).toBeLessThanOrEqual(limit);
        expect(made).toMatch(/^[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*$/);
      }),
    );
  });
});
