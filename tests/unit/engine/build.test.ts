import { describe, expect, it } from "vitest";

import { buildArguments, buildEnvironment } from "../../../infra/engine/build";

const program = { module: "/m", package: "example.org/p/cmd/p", output: "/out/p", title: "p" };

describe("building from Go's module registry", () => {
  it("names the module first, as Go demands, and the package last", () => {
    const argv = buildArguments(program, "/cache/go");
    expect(argv.slice(0, 4)).toEqual(["/cache/go", "build", "-C", "/m"]);
    expect(argv.slice(-3)).toEqual(["-o", "/out/p", "example.org/p/cmd/p"]);
  });

  it("takes no version but those of go.sum", () => {
    expect(buildArguments(program)).toContain("-mod=readonly");
  });

  it("sets variables and tags", () => {
    const argv = buildArguments({ ...program, variables: { "example.org/p.Version": "v1.2.3" }, tags: ["a", "b"] });
    expect(argv).toContain("-ldflags=-s -w -X example.org/p.Version=v1.2.3");
    expect(argv).toContain("-tags=a,b");
  });

  it("makes static executables for this machine, whatever the user's Go is set to", () => {
    expect(buildEnvironment).toMatchObject({
      CGO_ENABLED: "0",
      GOTOOLCHAIN: "local",
      GOFLAGS: "",
      GOOS: "",
      GOARCH: "",
    });
  });
});
