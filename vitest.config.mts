import { defineConfig } from "vitest/config";

// Nobody's time is measured in these: two of them at a time.
const beside = [
  ...[
    "badInput",
    "balanced",
    "balancer",
    "development",
    "rds",
    "releaseFaults",
    "releaseGate",
    "releases",
    "releaseWatch",
    "servers",
    "stacks",
  ],
  "staging",
].map((name) => `tests/stacks/${name}.test.ts`);

// Each kind of test is a project of its own, and they run one after the other: all but `unit` share one Docker Engine. Files of
// `engine` and `beside` run two at a time. Those of `stacks` and `e2e` look at how long users wait: one at a time.
// A time limit is there to end what hangs; it is several times what the slowest test takes on two cores.
export default defineConfig({
  test: {
    projects: [
      {
        test: { name: "unit", include: ["tests/unit/**/*.test.ts"], testTimeout: 20_000, sequence: { groupOrder: 0 } },
      },
      {
        test: {
          name: "engine",
          include: ["tests/engine/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 900_000,
          maxWorkers: 2,
          globalSetup: "tests/support/swarm.ts",
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "stacks",
          include: ["tests/stacks/**/*.test.ts"],
          exclude: beside,
          testTimeout: 300_000,
          hookTimeout: 900_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: "beside",
          include: beside,
          testTimeout: 300_000,
          hookTimeout: 900_000,
          maxWorkers: 2,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          name: "e2e",
          include: ["tests/e2e/**/*.test.ts"],
          testTimeout: 600_000,
          hookTimeout: 1_800_000,
          fileParallelism: false,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
