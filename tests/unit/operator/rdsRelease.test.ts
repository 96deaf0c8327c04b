import { beforeEach, describe, expect, it, vi } from "vitest";
import { Journal } from "../../../infra/operator/journal";
import type { Situation } from "../../../infra/operator/modules";
import type { ReleasePlan } from "../../../infra/operator/plan";
import { Release } from "../../../infra/operator/release";
import { folderWith } from "../../support/folders";
import { recordOf } from "../cli/given";
import { planOf } from "./plans";

/** What the machines were asked, in order; `fails` names what fails. */
const world = vi.hoisted(() => ({ order: [] as string[], fails: "" }));
const step = vi.hoisted(() => <T>(name: string, result: T): Promise<T> => {
  world.order.push(name);
  return name === world.fails ? Promise.reject(new Error(`${name} failed`)) : Promise.resolve(result);
});

vi.mock("../../../infra/operator/host", () => ({
  Host: class {
    webIsHealthy = () => Promise.resolve();
    warmTargets = () => Promise.resolve([{ container: "web-b", host: "odoo.localhost" }]);
    webs = () => Promise.resolve(["web-b"]);
    postgres = () => Promise.resolve("client");
    cron = () => Promise.resolve("prod-cron");
    cronIsCurrent = () => Promise.resolve(true);
    scaleCron = (_: string, replicas: number) => step(`cron ${replicas}`, undefined);
    route = ([route]: readonly { targets: readonly string[] }[]) => step(`route ${route?.targets[0] ?? ""}`, undefined);
    inProxy = () => step("hold", undefined);
    resume = () => step("resume", undefined);
    proxyStartedAfter = () => Promise.resolve(false);
  },
}));
vi.mock("../../../infra/operator/situation", () => ({
  readSituation: () => Promise.resolve(situation),
  keepChecksums: () => step("checksums", undefined),
}));
vi.mock("../../../infra/operator/watch", () => ({
  endWatch: () => Promise.resolve(),
  startWatch: () => Promise.resolve(),
}));
vi.mock("../../../infra/operator/logs", () => ({ readLogs: () => Promise.resolve([]), findFailures: () => [] }));
vi.mock("../../../infra/operator/warm", () => ({
  warmAll: () => Promise.resolve([]),
  warmAssets: () => Promise.resolve(),
  unanswered: () => undefined,
}));
vi.mock("../../../infra/operator/announce", () => ({ announce: () => Promise.resolve(true) }));
vi.mock("../../../infra/operator/moduleState", () => ({
  readOdooConf: () => Promise.resolve("[options]"),
  readTrust: () => Promise.resolve("certificates"),
}));
vi.mock("../../../infra/operator/moduleJob", () => ({
  loadOrder: () => [],
  endModuleJob: () => Promise.resolve(),
  ModuleJob: {
    prepare: ({ trust }: { trust?: string }) =>
      step(`load with ${trust ?? "no"}`, {
        apply: () => step("modules", undefined),
        cancel: () => step("cancel", undefined),
      }),
  },
}));
vi.mock("../../../infra/operator/maintenance/switch", () => ({
  switchMaintenance: ({ on }: { on: { allow: unknown[] } }) => step(`page for all but ${on.allow.length}`, undefined),
}));

let situation: Situation;

const plan = (more: Partial<ReleasePlan> = {}): ReleasePlan => ({
  ...planOf(),
  remoteDatabase: true,
  modules: ["sale"],
  ...more,
});

function run(more: Partial<ReleasePlan>, lines: string[] = []) {
  const journal = new Journal(folderWith({ "history.json": JSON.stringify([recordOf(0, "b")]) }));
  const [web] = plan().routes;
  if (web) journal.writeRoutes([{ ...web, targets: ["prod-web-old:8069"] }]);
  return Release.begin(plan(more), journal, (line) => lines.push(line)).run();
}

beforeEach(() => {
  world.order.length = 0;
  world.fails = "";
  const module = { version: "19.0.1.3", depends: [], own: false, checksums: { "": "a" } };
  const inImage = new Map([
    ["base", module],
    ["sale", module],
  ]);
  const installed = new Map([["base", { version: "19.0.1.3", state: "installed", imported: false }]]);
  situation = { installed, stored: undefined, languages: [], inImage, running: inImage };
});

describe("a release on RDS", () => {
  it("that changes no modules is made as any other", async () => {
    expect(await run({ modules: ["base"] })).toMatchObject({ result: "released", set: false });
    expect(world.order).toEqual(["route prod-web:8069", "checksums", "resume", "cron 1"]);
  });

  it("changes no modules unless it is chosen how that could be taken back, and touches nothing then", async () => {
    const record = await run({ snapshot: "auto" });
    expect(record.result).toBe("failed");
    expect(record.reason).toContain("release.snapshot");
    expect(world.order).toEqual(["resume", "cron 1"]);
  });

  it("changes them in a copy of another environment all the same, whose way back is another copy", async () => {
    expect(await run({ snapshot: "auto", stage: "staging", copy: "20261127-060000-aaaaaa" })).toMatchObject({
      ...{ result: "released", copy: undefined },
    });
    expect(world.order).toContain("modules");
  });

  it("changes them with requests held, without a copy, and says before what a failure means", async () => {
    const lines: string[] = [];
    expect(await run({ snapshot: "pitr", keepSets: 2 }, lines)).toMatchObject({ result: "released", set: false });
    expect(world.order).toEqual([
      ...[
        "load with certificates",
        "cron 0",
        "hold",
        "modules",
        "checksums",
        "route prod-web:8069",
        "resume",
        "cron 1",
      ],
    ]);
    expect(lines).toContainEqual(expect.stringContaining("users see the maintenance page from then on"));
  });

  it("that fails while modules are changed leaves users with the page and scheduled jobs stopped, and tells the moment", async () => {
    world.fails = "modules";
    const record = await run({ snapshot: "rds" });
    expect(record).toMatchObject({ result: "failed" });
    expect(record.reason).toMatch(/modules failed[^]*Not undone: the database[^]*as it was at \d{4}-\d\d-\d\dT/);
    expect(world.order.slice(world.order.indexOf("modules") + 1)).toEqual(["cancel", "page for all but 0", "resume"]);
  });

  it("that fails before modules are changed is undone", async () => {
    world.fails = "hold";
    expect(await run({ snapshot: "pitr" })).toMatchObject({ result: "failed", reason: "hold failed" });
    expect(world.order.slice(world.order.indexOf("hold") + 1)).toEqual(["cancel", "resume", "cron 1"]);
  });
});
