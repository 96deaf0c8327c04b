import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseGoVersion } from "../../../infra/engine/go";
import { requiredVersion } from "../../../infra/engine/goModule";
import { isCompatible, parsePulumiVersion, pinnedVersion } from "../../../infra/engine/version";

const version = fc.tuple(fc.nat(50), fc.nat(500), fc.nat(50)).map((parts) => parts.join("."));

describe("versions", () => {
  it("reads what `pulumi version` prints", () => {
    expect(parsePulumiVersion("v3.259.0\n")).toBe("3.259.0");
    expect(parsePulumiVersion("v3.260.0-alpha.1")).toBe("3.260.0-alpha.1");
    expect(parsePulumiVersion("")).toBeUndefined();
    expect(parsePulumiVersion("command not found")).toBeUndefined();
  });

  it("reads what `go version` prints", () => {
    expect(parseGoVersion("go version go1.26.8 linux/amd64")).toBe("1.26.8");
    expect(parseGoVersion("go version go1.26 linux/amd64")).toBe("1.26.0");
    expect(parseGoVersion("go version go1.26rc1 linux/amd64")).toBe("1.26.0");
    expect(parseGoVersion("go version devel +8a4d9b2 linux/amd64")).toBeUndefined();
  });

  it("takes an engine of the same major version that is not older than the SDK", () => {
    expect(isCompatible("3.259.0", "3.259.0")).toBe(true);
    expect(isCompatible("3.300.1", "3.259.0")).toBe(true);
    expect(isCompatible("3.258.9", "3.259.0")).toBe(false);
    expect(isCompatible("4.0.0", "3.259.0")).toBe(false);
    expect(isCompatible("3.259.0-alpha.1", "3.259.0")).toBe(false);
  });

  it("never takes an older one", () => {
    fc.assert(
      fc.property(version, version, (left, right) => {
        const both = isCompatible(left, right) && isCompatible(right, left);
        expect(both).toBe(left === right);
      }),
    );
  });

  it("builds the very version that the SDK is pinned to", () => {
    const module = join(__dirname, "../../../infra/engine/cli");
    expect(requiredVersion(module, "github.com/pulumi/pulumi/pkg/v3")).toBe(pinnedVersion);
    expect(() => requiredVersion(module, "example.org/nothing")).toThrow(/does not require/);
  });
});
