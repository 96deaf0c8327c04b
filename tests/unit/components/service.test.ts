import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { duration, serviceArgs, type ServiceSpec } from "../../../components/core/service";

const spec: ServiceSpec = {
  stack: "acme",
  role: "odoo-web",
  image: "sha256:1",
  networks: [{ id: "network-id" }],
  constraints: ["node.labels.odoo-stacks.cron==true"],
  health: { command: "true", intervalSeconds: 2, startPeriodSeconds: 21_600, retries: 3 },
  stopGraceSeconds: 120,
  memoryBytes: 1024,
  logs: { maxBytes: 10, maxFiles: 2 },
};

describe("a duration as Docker gives it back", () => {
  it.each([
    [2, "2s"],
    [60, "1m"],
    [90, "1m30s"],
    [0, "0s"],
    [3_600, "1h"],
    [21_600, "6h"],
    [3_661, "1h1m1s"],
  ])("of %d seconds is %s", (seconds, written) => {
    expect(duration(seconds)).toBe(written);
  });

  it("adds up to the seconds it was made of", () => {
    const back = (text: string) =>
      [...text.matchAll(/(\d+)([hms])/g)].reduce(
        (sum, [, n, unit]) => sum + Number(n) * { h: 3600, m: 60, s: 1 }[unit as "h"],
        0,
      );
    fc.assert(fc.property(fc.integer({ min: 0, max: 1_000_000 }), (seconds) => back(duration(seconds)) === seconds));
  });
});

describe("the arguments of a service", () => {
  it("give all that Docker would fill in by itself, so that no preview shows a change", () => {
    expect(serviceArgs(spec)).toMatchObject({
      mode: { replicated: { replicas: 1 } },
      endpointSpec: { mode: "dnsrr" },
      taskSpec: {
        containerSpec: {
          sysctl: {},
          healthcheck: { interval: "2s", timeout: "20s", startPeriod: "6h", retries: 3 },
          // The provider waits no longer than this for a service to go, and fails after that: half a minute more.
          stopGracePeriod: "2m30s",
        },
        restartPolicy: { condition: "any", delay: "1s", window: "0s", maxAttempts: 0 },
        placement: { constraints: ["node.labels.odoo-stacks.cron==true"] },
      },
    });
  });

  it("label the service and its containers with the stack and the role", () => {
    const labels = [
      { label: "odoo-stacks.stack", value: "acme" },
      { label: "odoo-stacks.role", value: "odoo-web" },
    ];
    const args = serviceArgs(spec) as { labels: unknown; taskSpec: { containerSpec: { labels: unknown } } };
    expect(args.labels).toEqual(labels);
    expect(args.taskSpec.containerSpec.labels).toEqual(labels);
  });

  it("mount volumes, and memory for /dev/shm only where its size is given", () => {
    const mounts = (more: Partial<ServiceSpec>) =>
      (serviceArgs({ ...spec, ...more }) as { taskSpec: { containerSpec: { mounts: unknown } } }).taskSpec.containerSpec
        .mounts;
    expect(mounts({})).toEqual([]);
    expect(mounts({ volumes: [{ name: "data", path: "/data" }], sharedMemoryBytes: 64 })).toEqual([
      { type: "volume", source: "data", target: "/data" },
      { type: "tmpfs", target: "/dev/shm", tmpfsOptions: { sizeBytes: 64 } },
    ]);
    expect(
      mounts({ folders: [{ source: "/modules", path: "/opt" }], inMemory: [{ path: "/tmp", sizeBytes: 32 }] }),
    ).toEqual([
      { type: "bind", source: "/modules", target: "/opt", readOnly: true },
      { type: "tmpfs", target: "/tmp", tmpfsOptions: { sizeBytes: 32 } },
    ]);
  });
});
