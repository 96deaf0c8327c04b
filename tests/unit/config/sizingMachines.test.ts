import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Platform } from "../../../infra/config/platformOutput";
import { neededConnections } from "../../../infra/config/postgresSizing";
import { type Stage, stages } from "../../../infra/config/schema";
import { sizeEnvironment, sizingOf } from "../../../infra/config/sizing";
import { bytes, type Size } from "../../../infra/core/units";
import { environment, machineNamed, machineOf, problemsOf, type Written } from "./given";

type On = Pick<Platform, "machines" | "shares" | "placement">;

const beside = (name: string) => ({ database: name, web: [name] });

/** A platform of these machines, each with 4 cores and 16 GB unless it is given here. */
function on(placement: Platform["placement"], memory: Readonly<Record<string, Size>> = {}): On {
  const names = [...new Set(stages.flatMap((stage) => [...placement[stage].web, placement[stage].database]))];
  return {
    machines: names.map((name) => machineNamed(name, 4, memory[name] ?? "16 GB")),
    shares: { production: 60, staging: 25, development: 15 },
    placement,
  };
}

const split = { production: { database: "db", web: ["web"] }, staging: beside("test"), development: beside("test") };
const balanced = { ...split, production: { database: "db", web: ["web", "web-2", "web-3"] } };

const size = (platform: On, written: Written = {}) => sizeEnvironment(environment(written), platform);
const usable = (memory: Size) => bytes(memory) - Math.max(bytes("384 MB"), Math.floor(bytes(memory) / 10));

/** Percent of a machine that a stage of a platform without limits of its own has, as a refusal tells it. */
function percentOf(stage: Stage, platform: On): string {
  const small = { ...platform, machines: platform.machines.map(({ name }) => machineNamed(name, 4, "0.75 GB")) };
  const [problem] = problemsOf(() => size(small, { stage }));
  return /^\d+ %/.exec(problem?.found ?? "")?.[0] ?? "";
}

describe("what a stage has of a machine", () => {
  it.each([
    ["production", split, "100 %"],
    // 25 and 15 of the 40 percent that production leaves.
    ["staging", split, "62 %"],
    ["development", split, "37 %"],
    ["production", { ...split, development: beside("web") }, "80 %"],
    ["staging", { ...split, development: beside("web") }, "100 %"],
    ["staging", { production: beside("main"), staging: beside("main"), development: beside("main") }, "25 %"],
  ] as [Stage, Platform["placement"], string][])(
    "is what others that are elsewhere leave to it as well: %s in %j has %s",
    (stage, placement, percent) => {
      expect(percentOf(stage, on(placement))).toBe(percent);
    },
  );

  it("is as much as without them where none is elsewhere", () => {
    const one = beside("local");
    const together = { ...machineOf(4, "16 GB"), placement: { production: one, staging: one, development: one } };
    for (const stage of stages) {
      const config = environment({ stage });
      expect(sizeEnvironment(config, together)).toEqual(sizeEnvironment(config, machineOf(4, "16 GB")));
    }
  });

  it("is never more than all of it in sum, whatever the shares", () => {
    const percent = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(percent, percent, percent, (production, staging, development) => {
        fc.pre(production + staging + development <= 100);
        const platform = { ...on(split), shares: { production, staging, development } };
        const sum = (["staging", "development"] as const).reduce(
          (total, stage) => total + Number.parseInt(percentOf(stage, platform)),
          0,
        );
        expect(sum).toBeLessThanOrEqual(100);
      }),
    );
  });

  it("is what the configuration gives it, on every machine that it has a part on", () => {
    const small = on(split, { web: "0.75 GB", db: "0.75 GB" });
    expect(problemsOf(() => size(small, { share: 20 })).map(({ path, found }) => [path, found])).toEqual([
      ["share", "20 % of 384 MB, 76.8 MB"],
      ["share", "20 % of 384 MB, 76.8 MB"],
    ]);
  });
});

describe("PostgreSQL on a machine of its own", () => {
  it("has all of it, and Odoo all of the other", () => {
    const { odoo, postgres } = size(on(split));
    expect(postgres.memoryBytes).toBeLessThanOrEqual(usable("16 GB"));
    expect(postgres.memoryBytes).toBeGreaterThan(usable("16 GB") - bytes("2 MB"));
    expect(postgres).toMatchObject({
      sharedBuffersBytes: postgres.memoryBytes / 4,
      effectiveCacheSizeBytes: (postgres.memoryBytes * 3) / 4,
      maxParallelWorkers: 4,
    });
    // 9 processes of 4 cores, two of them for scheduled jobs.
    expect(odoo).toMatchObject({ workers: 7, cronThreads: 2 });
    expect(odoo.webMemoryBytes + odoo.cronMemoryBytes).toBeLessThanOrEqual(usable("16 GB"));
    expect(odoo.webMemoryBytes).toBeGreaterThan(
      sizeEnvironment(environment(), machineOf(4, "16 GB")).odoo.webMemoryBytes,
    );
  });

  it("has figures from its own machine, and Odoo from the other", () => {
    const small = size(on(split, { db: "4 GB" }));
    expect(small.postgres.memoryBytes).toBeLessThanOrEqual(usable("4 GB"));
    expect(small.odoo).toMatchObject({ workers: 7, webMemoryBytes: size(on(split)).odoo.webMemoryBytes });
    const cores = { ...on(split), machines: [machineNamed("web", 2, "16 GB"), machineNamed("db", 16, "16 GB")] };
    expect(size(cores)).toMatchObject({ odoo: { workers: 3, cronThreads: 2 }, postgres: { maxParallelWorkers: 16 } });
  });

  it("has what the configuration gives it, and is told what its machine does not have", () => {
    expect(size(on(split), { database: { memory: "9 GB" } }).postgres.memoryBytes).toBe(bytes("9 GB"));
    expect(problemsOf(() => size(on(split), { database: { memory: "15 GB" } }))).toEqual([
      {
        path: "database.memory",
        expected: "at most 14.4 GB for all containers: the machine's 16 GB less 1.6 GB for the system",
        found: "database 15 GB",
        hint: "Lower it, or leave it out to have it derived from the environment's share.",
      },
    ]);
  });
});

describe("web containers on machines of their own", () => {
  const [one, three] = [size(on(split)), size(on(balanced))];

  it("have each what the only one would have", () => {
    expect(three.odoo).toMatchObject({
      ...{ workers: one.odoo.workers, cronThreads: one.odoo.cronThreads },
      ...{ webMemoryBytes: one.odoo.webMemoryBytes, cronMemoryBytes: one.odoo.cronMemoryBytes },
    });
  });

  it("may open connections each, all of which PostgreSQL takes", () => {
    const { workers, cronThreads, dbMaxconn } = three.odoo;
    const needed = neededConnections({ webs: 3, workers, cronThreads }, dbMaxconn);
    expect(three.postgres.maxConnections).toBeGreaterThanOrEqual(needed);
    expect(three.postgres.memoryBytes).toBe(one.postgres.memoryBytes);
  });

  it("beside PostgreSQL on one of them share that one's memory with it, and are alike", () => {
    for (const web of [
      ["db", "web-2"],
      ["web-2", "db"],
    ]) {
      const { odoo, postgres } = size(on({ ...split, production: { database: "db", web } }));
      const onIt = odoo.webMemoryBytes + odoo.cronMemoryBytes + postgres.memoryBytes;
      expect(onIt).toBeLessThanOrEqual(usable("16 GB"));
      expect(onIt).toBeGreaterThan(usable("16 GB") - bytes("4 MB"));
    }
  });

  it("fit the smallest of them, in whatever order they are listed", () => {
    const limit = (web: string[]) =>
      size(on({ ...split, production: { database: "db", web } }, { small: "4 GB" })).odoo.webMemoryBytes;
    expect(limit(["web", "small"])).toBe(limit(["small", "web"]));
    expect(limit(["web", "small"])).toBeLessThan(usable("4 GB"));
  });
});

it("figures fit every machine that there is a part on, or what is missing is told", () => {
  const memory = fc.integer({ min: 1, max: 64 }).map((gigabytes): Size => `${gigabytes} GB`);
  const placement = fc.constantFrom(split, balanced, { ...split, staging: beside("db") });
  let fitting = 0;
  fc.assert(
    fc.property(placement, memory, memory, memory, (placed, web, db, test) => {
      const platform = on(placed, { web, db, test });
      const results = stages.map((stage) => ({ stage, ...sizingOf(environment({ stage }), platform) }));
      if (results.some(({ problems }) => problems.length > 0)) return;
      fitting += 1;
      for (const { name, memoryBytes, reserveBytes } of platform.machines) {
        const used = results.reduce((sum, { stage, sizing }) => {
          const { database, web: webs } = placed[stage];
          const odoo = webs.includes(name) ? sizing.odoo.webMemoryBytes + sizing.odoo.cronMemoryBytes : 0;
          return sum + odoo + (database === name ? sizing.postgres.memoryBytes : 0);
        }, 0);
        expect(used).toBeLessThanOrEqual(memoryBytes - reserveBytes);
      }
    }),
  );
  expect(fitting).toBeGreaterThan(20);
});
