import { describe, expect, it } from "vitest";
import { plannedMachine } from "../../../infra/config/machine";
import { parsePlatform, platformVersion } from "../../../infra/config/platformOutput";
import { bytes, formatSize } from "../../../infra/core/units";
import { machineOf, platform, problemsOf } from "./given";

const reported = { cores: 4, memoryBytes: bytes("16 GB") };

describe("the machine to plan with", () => {
  it("is what Docker reports, with a tenth in reserve", () => {
    const machine = plannedMachine(platform(), reported);
    expect(machine).toMatchObject(reported);
    expect(formatSize(machine.reserveBytes)).toBe("1.6 GB");
  });

  it("keeps 384 MB in reserve on a small one", () => {
    const { reserveBytes } = plannedMachine(platform(), { cores: 1, memoryBytes: bytes("2 GB") });
    expect(reserveBytes).toBe(bytes("384 MB"));
  });

  it("stays the same when the kernel takes a little more for itself", () => {
    const before = plannedMachine(platform(), { cores: 4, memoryBytes: bytes("15.625 GB") + 12_345_678 });
    const after = plannedMachine(platform(), { cores: 4, memoryBytes: bytes("15.625 GB") + 9_876_543 });
    expect(after).toEqual(before);
  });

  it("is what the configuration says, where the machine has it", () => {
    const config = platform({ machine: { cores: 2, memory: "8 GB", reserve: "1 GB" } });
    expect(plannedMachine(config, reported)).toEqual({
      cores: 2,
      memoryBytes: bytes("8 GB"),
      reserveBytes: bytes("1 GB"),
    });
  });

  it.each([
    [{ cores: 5 }, "machine.cores", "at most the 4 that Docker reports", "5"],
    [{ memory: "17 GB" }, "machine.memory", "at most the 16 GB that Docker reports", '"17 GB"'],
    [{ reserve: "16 GB" }, "machine.reserve", "less than the memory to plan with, 16 GB", '"16 GB"'],
  ])("is refused where it has not: %j", (machine, path, expected, found) => {
    expect(problemsOf(() => plannedMachine(platform({ machine }), reported))).toEqual([
      expect.objectContaining({ path, expected, found }),
    ]);
  });

  it("tells everything that is too much at once", () => {
    const config = platform({ machine: { cores: 8, memory: "32 GB" } });
    expect(problemsOf(() => plannedMachine(config, reported)).map((problem) => problem.path)).toEqual([
      "machine.cores",
      "machine.memory",
    ]);
  });
});

describe("what a platform's stack exports", () => {
  const exported = {
    ...machineOf(4, "16 GB"),
    version: platformVersion,
    target: "local",
    topology: "single-host",
    docker: { host: "unix:///var/run/docker.sock" },
    network: { edge: { id: "abc", name: "local-platform-edge" }, encrypted: false },
    placement: {},
  };

  it("is read as it is", () => {
    expect(parsePlatform(exported, "local-platform")).toBe(exported);
  });

  it.each([
    [undefined, "no output named platform"],
    [null, "no output named platform"],
    ["x", "no output named platform"],
    [{}, "no version"],
    [{ ...exported, version: 1 }, "version 1"],
    [{ ...exported, proxy: undefined, shares: null }, "nothing under shares, proxy"],
    [{ ...exported, machines: undefined }, "nothing under machines"],
  ])("is refused where it is none: %#", (value, found) => {
    expect(problemsOf(() => parsePlatform(value, "local-platform"))).toEqual([
      {
        path: "platform",
        expected: "a deployed platform stack of version 3",
        found,
        hint: "Run `pulumi up -s local-platform` first, or name another stack under `platform`.",
      },
    ]);
  });
});
