import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { neededConnections } from "../../../infra/config/postgresSizing";
import { stages, type Stage } from "../../../infra/config/schema";
import { mostProcesses, sizeEnvironment, sizingOf, type Sizing } from "../../../infra/config/sizing";
import { bytes, type Size } from "../../../infra/core/units";
import { environment, environmentProblems, machineOf, problemsOf, type Written } from "./given";

const size = (cores: number, memory: Size, written: Written = {}): Sizing =>
  sizeEnvironment(environment(written), machineOf(cores, memory));

const containers = ({ odoo, postgres }: Sizing): number =>
  odoo.webMemoryBytes + odoo.cronMemoryBytes + postgres.memoryBytes;

/** Machines from a small one to a large one. */
const machine = fc.record({
  cores: fc.integer({ min: 1, max: 64 }),
  memory: fc.integer({ min: 1, max: 512 }).map((gigabytes): Size => `${gigabytes} GB`),
});

describe("an environment's figures", () => {
  it("for production on 2 cores and 24 GB", () => {
    // (24 GB - 2.4 GB) × 60 %: 896 MB as the least, the rest 50:15:35. Odoo's rule for 60 % of 2 × 2 + 1: 3 processes.
    expect(size(2, "24 GB")).toMatchObject({
      odoo: {
        workers: 2,
        cronThreads: 1,
        dbMaxconn: 8,
        dbMaxconnGevent: 16,
        limitMemorySoftBytes: bytes("2 GB"),
        limitMemoryHardBytes: bytes("2.5 GB"),
        webMemoryBytes: bytes("6635 MB"),
        cronMemoryBytes: bytes("2080 MB"),
      },
      postgres: {
        memoryBytes: bytes("4555 MB"),
        sharedMemoryBytes: bytes("4555 MB") / 4,
        // Room for four web containers: 2 × 4 × (2 × 8 + 16) + 8 + 8 + 10 = 282.
        maxConnections: 290,
        sharedBuffersBytes: bytes("4555 MB") / 4,
        effectiveCacheSizeBytes: (bytes("4555 MB") * 3) / 4,
        workMemBytes: bytes("64 MB"),
        maintenanceWorkMemBytes: bytes("4555 MB") / 16,
        maxWorkerProcesses: 8,
        maxParallelWorkers: 2,
        maxParallelWorkersPerGather: 0,
      },
    });
  });

  it.each([
    // Odoo's deployment guide: 4 cores are 9 processes, 8 workers + 1 cron in its sample; here two are for cron.
    [4, "32 GB", 100, 7, 2],
    [4, "16 GB", 60, 3, 2],
    [8, "64 GB", 60, 8, 2],
    [1, "2 GB", 60, 2, 1],
    // Memory for 325 MB a worker runs out before the cores do.
    [32, "8 GB", 100, 10, 2],
  ] as const)(
    "on %d cores and %s, of which %d percent: %d workers, %d cron threads",
    (cores, memory, share, workers, cronThreads) => {
      expect(size(cores, memory, { share }).odoo).toMatchObject({ workers, cronThreads });
    },
  );

  it("with several web containers share what one would have, and count each one's connections", () => {
    const webs = (count: number) => {
      const web = Array.from({ length: count }, () => "local");
      const placement = { database: "local", web };
      const placed = { production: placement, staging: placement, development: placement };
      return sizeEnvironment(environment({}), { ...machineOf(8, "32 GB"), placement: placed });
    };
    const [one, three] = [webs(1), webs(3)];
    expect(3 * three.odoo.webMemoryBytes).toBeLessThanOrEqual(one.odoo.webMemoryBytes + bytes("3 GB"));
    expect(three.odoo.workers).toBeLessThan(one.odoo.workers);
    expect(three.odoo.webMemoryBytes % bytes("1 MB")).toBe(0);
    const { workers, cronThreads, dbMaxconn } = three.odoo;
    const needed = neededConnections({ webs: 3, workers, cronThreads }, dbMaxconn);
    expect(needed).toBe(2 * 3 * (workers + 2) * dbMaxconn + (cronThreads + 1) * dbMaxconn + 10);
    expect(three.postgres.maxConnections).toBeGreaterThanOrEqual(needed);
    expect(webs(2).postgres).toEqual(one.postgres);
  });

  it("for two cores and 2 GB work", () => {
    const { odoo, postgres } = size(1, "2 GB");
    expect(odoo).toMatchObject({ workers: 2, cronThreads: 1, dbMaxconn: 8 });
    expect(postgres.maxConnections).toBe(90);
    expect(odoo.webMemoryBytes).toBeGreaterThanOrEqual(bytes("448 MB"));
  });

  it("fit all three stages on one machine, whatever its size, or say what is missing", () => {
    let fitting = 0;
    fc.assert(
      fc.property(machine, ({ cores, memory }) => {
        const on = machineOf(cores, memory);
        const results = stages.map((stage) => sizingOf(environment({ stage }), on));
        for (const { sizing, problems } of results.filter((result) => result.problems.length === 0)) {
          fitting += 1;
          expect(problems).toEqual([]);
          expect(sizing.odoo.workers).toBeGreaterThanOrEqual(2);
          expect(sizing.odoo.cronThreads).toBeGreaterThanOrEqual(1);
          expect(sizing.odoo.workers + sizing.odoo.cronThreads).toBeLessThanOrEqual(mostProcesses(cores));
          expect(neededConnections(sizing.odoo, sizing.odoo.dbMaxconn)).toBeLessThanOrEqual(
            sizing.postgres.maxConnections,
          );
          expect(sizing.postgres.sharedBuffersBytes).toBeLessThanOrEqual(sizing.postgres.memoryBytes / 4);
          for (const bytesOf of [
            sizing.odoo.webMemoryBytes,
            sizing.odoo.cronMemoryBytes,
            sizing.postgres.memoryBytes,
          ]) {
            expect(bytesOf % bytes("1 MB")).toBe(0);
          }
        }
        if (results.every((result) => result.problems.length === 0)) {
          const used = results.reduce((sum, { sizing }) => sum + containers(sizing), 0);
          const usable = on.machines.reduce((sum, one) => sum + one.memoryBytes - one.reserveBytes, 0);
          expect(used).toBeLessThanOrEqual(usable);
        }
      }),
    );
    expect(fitting).toBeGreaterThan(100);
  });

  it("never get smaller on a machine with more", () => {
    const stage = fc.constantFrom<Stage>(...stages);
    fc.assert(
      fc.property(
        machine,
        fc.integer({ min: 0, max: 8 }),
        fc.integer({ min: 0, max: 64 }),
        stage,
        (small, more, gigabytes, name) => {
          const config = environment({ stage: name });
          const before = sizingOf(config, machineOf(small.cores, small.memory));
          const memory: Size = `${Number.parseInt(small.memory) + gigabytes} GB`;
          const after = sizingOf(config, machineOf(small.cores + more, memory));
          fc.pre(before.problems.length === 0);
          expect(after.problems).toEqual([]);
          expect(after.sizing.odoo.workers + after.sizing.odoo.cronThreads).toBeGreaterThanOrEqual(
            before.sizing.odoo.workers + before.sizing.odoo.cronThreads,
          );
          expect(containers(after.sizing)).toBeGreaterThanOrEqual(containers(before.sizing));
        },
      ),
    );
  });
});

describe("figures from the configuration", () => {
  it("win", () => {
    const { odoo, postgres } = size(8, "64 GB", {
      odoo: { workers: 5, cronThreads: 3, dbMaxconn: 20, memory: { web: "5 GB", cron: "2 GB" } },
      database: { memory: "9 GB", maxConnections: 500 },
    });
    expect(odoo).toMatchObject({
      workers: 5,
      cronThreads: 3,
      dbMaxconn: 20,
      dbMaxconnGevent: 40,
      webMemoryBytes: bytes("5 GB"),
      cronMemoryBytes: bytes("2 GB"),
    });
    expect(postgres).toMatchObject({ memoryBytes: bytes("9 GB"), maxConnections: 500 });
  });

  it("of one container leave the rest of the share to the others", () => {
    const whole = containers(size(4, "16 GB"));
    const given = size(4, "16 GB", { database: { memory: "4 GB" } });
    expect(given.postgres.memoryBytes).toBe(bytes("4 GB"));
    expect(Math.abs(containers(given) - whole)).toBeLessThan(bytes("4 MB"));
  });

  it("make room: a given number of workers leaves one process for cron", () => {
    expect(size(2, "24 GB", { odoo: { workers: 4 } }).odoo).toMatchObject({ workers: 4, cronThreads: 1 });
    expect(size(8, "64 GB", { odoo: { cronThreads: 6 } }).odoo).toMatchObject({ workers: 4, cronThreads: 6 });
  });

  it("lower db_maxconn so that the connections fit", () => {
    const { odoo, postgres } = size(4, "16 GB", { database: { maxConnections: 80 } });
    expect(postgres.maxConnections).toBe(80);
    expect(neededConnections(odoo, odoo.dbMaxconn)).toBeLessThanOrEqual(80);
    expect(neededConnections(odoo, odoo.dbMaxconn + 1)).toBeGreaterThan(80);
  });

  it.each<[Written, string, string, string]>([
    [
      { odoo: { workers: 9, cronThreads: 1 } },
      "odoo.workers",
      "workers and cron threads of at most 9 in all: 4 cores × 2 + 1",
      "9 workers and 1 cron threads",
    ],
    [
      { odoo: { cronThreads: 8 } },
      "odoo.cronThreads",
      "workers and cron threads of at most 9 in all: 4 cores × 2 + 1",
      "2 workers and 8 cron threads",
    ],
    [
      { odoo: { workers: 6, memory: { web: "1 GB" } } },
      "odoo.workers",
      "at most 2: what the web container's memory holds at 325 MB each",
      "6",
    ],
    [
      { database: { memory: "15 GB" } },
      "database.memory",
      "at most 14.4 GB for all containers: the machine's 16 GB less 1.6 GB for the system",
      "web 448 MB, cron 224 MB, database 15 GB",
    ],
    [
      { odoo: { memory: { web: "10 GB", cron: "5 GB" } } },
      "odoo.memory.web, odoo.memory.cron",
      "at most 14.4 GB for all containers: the machine's 16 GB less 1.6 GB for the system",
      "web 10 GB, cron 5 GB, database 224 MB",
    ],
    [
      { database: { maxConnections: 30 } },
      "database.maxConnections",
      "at least 62: 2 × 3 workers, 2 × 2 for websockets, 2 cron and 1 job, each with 4 connections, and 10 in reserve",
      "30",
    ],
    [
      { odoo: { dbMaxconn: 256 } },
      "odoo.dbMaxconn",
      "at most 1127 connections: what 2.9 GB for PostgreSQL hold at 2 MB each beside shared_buffers",
      "3338 connections: 2 × 3 workers, 2 × 2 for websockets, 2 cron and 1 job, each with 256 connections, and 10 in reserve",
    ],
    [
      { database: { maxConnections: 5000 } },
      "database.maxConnections",
      "at most 1127 connections: what 2.9 GB for PostgreSQL hold at 2 MB each beside shared_buffers",
      "5000",
    ],
  ])("that the machine does not have are told: %j", (written, path, expected, found) => {
    expect(environmentProblems(written, machineOf(4, "16 GB"))).toEqual([
      expect.objectContaining({ path, expected, found, hint: expect.any(String) as string }),
    ]);
  });

  it("need a share that one Odoo works with", () => {
    const problems = problemsOf(() => size(2, "2 GB", { stage: "staging" }));
    expect(problems).toEqual([
      {
        path: "stage",
        expected: "a share of at least 896 MB, the least that one Odoo works with",
        found: "25 % of 1.6 GB, 416 MB",
        hint: "Raise shares.staging in the platform's stack, set share here, or use a machine with more memory.",
      },
    ]);
    expect(size(2, "2 GB", { stage: "staging", share: 60 }).odoo.workers).toBe(2);
    expect(problemsOf(() => size(2, "2 GB", { share: 5 }))[0]?.path).toBe("share");
  });
});
