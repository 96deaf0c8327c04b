import { beforeEach, describe, expect, it, vi } from "vitest";
import { Journal, type JournalState } from "../../../infra/operator/journal";
import type { Situation } from "../../../infra/operator/modules";
import type { ReleaseRecord } from "../../../infra/operator/plan";
import { Release } from "../../../infra/operator/release";
import { filesVolumes } from "../../../infra/swarm/files";
import { folderWith } from "../../support/folders";
import { imageOf, recordOf } from "../cli/given";
import { planOf } from "./plans";

/** What the machines were asked, in order; `fails` names what fails. */
const world = vi.hoisted(() => ({ order: [] as string[], fails: "", maintenance: false }));
const step = vi.hoisted(() => <T>(name: string, result: T): Promise<T> => {
  world.order.push(name);
  return name === world.fails ? Promise.reject(new Error(`${name} failed`)) : Promise.resolve(result);
});

vi.mock("../../../infra/operator/host", () => ({
  Host: class {
    webIsHealthy = () => step("health", undefined);
    warmTargets = () => Promise.resolve([]);
    webs = () => Promise.resolve(["web-b"]);
    postgres = () => Promise.resolve("db");
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
  startWatch: () => step("watch", undefined),
}));
vi.mock("../../../infra/operator/logs", () => ({ readLogs: () => Promise.resolve([]), findFailures: () => [] }));
vi.mock("../../../infra/operator/self", () => ({ ownImage: () => Promise.resolve("sha256:operator") }));
vi.mock("../../../infra/operator/warm", () => ({ warmAll: () => Promise.resolve([]), unanswered: () => undefined }));
vi.mock("../../../infra/operator/maintenance/state", async (original) => ({
  ...(await original<object>()),
  readMaintenance: () => undefined,
}));
vi.mock("../../../infra/operator/files/reach", () => ({ requireReach: () => step("reach", undefined) }));
vi.mock("../../../infra/operator/files/bring", () => ({
  bring: (_: unknown, { last }: { last: boolean }) =>
    step(last ? "the last files" : "files", { files: 1, bytes: 2, all: { files: 3, bytes: 4 }, seconds: 1 }),
}));
vi.mock("../../../infra/operator/files/old", () => ({
  OldPlace: class {
    engine = "ssh://main";
    files = () => ({ engine: this.engine, volume: "prod-filestore" });
    requireReady = () => Promise.resolve();
    history = () => Promise.resolve([recordOf(0, "b")]);
    clear = () => step("clear", undefined);
  },
}));
vi.mock("../../../infra/swarm/places", async (original) => ({
  ...(await original<object>()),
  swarmNodes: () => Promise.resolve([]),
  placeOf: () => ({ files: "main", shared: false }),
  markPlace: (what: string, stack: string, machine: string) => step(`${what} of ${stack} are on ${machine}`, undefined),
}));

let situation: Situation;

const image = imageOf("b");
const plan = planOf({ image, files: { machine: "stage", shared: false, volumes: filesVolumes("prod") } });
const [web] = plan.routes;

function journalOf(known: readonly ReleaseRecord[] = [recordOf(0, "b")]): Journal {
  const folder = folderWith({ "history.json": JSON.stringify(known) });
  const journal = new Journal(folder);
  if (web) journal.writeRoutes([{ ...web, targets: ["prod-web-old:8069"] }]);
  return journal;
}

beforeEach(() => {
  world.order.length = 0;
  world.fails = "";
  const inImage = new Map([["base", { version: "19.0.1.3", depends: [], own: false, checksums: { "": "a" } }]]);
  const installed = new Map([["base", { version: "19.0.1.3", state: "installed", imported: false }]]);
  situation = { installed, stored: undefined, languages: [], inImage, running: inImage };
});

describe("a release whose files are elsewhere", () => {
  it("moves them, and leaves scheduled jobs to be started at the new place", async () => {
    const journal = journalOf();
    const record = await Release.begin(plan, journal, () => undefined).run();
    expect(record).toMatchObject({
      result: "released",
      reason: "",
      files: { files: 3, bytes: 4, from: { machine: "main" }, to: { machine: "stage" } },
    });
    expect(world.order).toEqual([
      ...["health", "files", "reach", "cron 0", "hold", "the last files", "files of prod are on stage"],
      ...["route prod-web:8069", "resume", "clear", "watch"],
    ]);
    expect(journal.routes()).toEqual(plan.routes);
    expect(record.seconds).toHaveProperty("files");
  });

  it.each(["the last files", "route prod-web:8069", "files of prod are on stage"])(
    "puts everything back where it fails at: %s",
    async (fails) => {
      world.fails = fails;
      const journal = journalOf();
      const record = await Release.begin(plan, journal, () => undefined).run();
      expect(record).toMatchObject({ result: "failed", reason: `${fails} failed` });
      const switched = fails.startsWith("route");
      expect(world.order.slice(world.order.indexOf(fails) + 1)).toEqual([
        "files of prod are on main",
        ...(switched ? ["route prod-web-old:8069"] : []),
        ...["resume", "cron 1"],
      ]);
    },
  );

  it("is undone by the operator that takes it up, unless requests went to the new place", async () => {
    const files = {
      from: { machine: "main", shared: false, volume: "prod-filestore" },
      to: { machine: "stage", shared: false, volume: "prod-filestore" },
    };
    const state: JournalState = {
      plan,
      startedAt: "2026-11-23T19:15:00Z",
      step: "files",
      touched: false,
      seconds: {},
      files,
    };
    expect((await Release.resume(state, journalOf(), () => undefined).recover()).result).toBe("failed");
    expect(world.order).toEqual(["files of prod are on main", "resume", "cron 1"]);
    world.order.length = 0;
    const released = Release.resume({ ...state, step: "released" }, journalOf(), () => undefined);
    expect((await released.recover()).result).toBe("released");
    expect(world.order).toEqual(["resume", "clear", "watch"]);
  });

  it("changes no modules with it", async () => {
    const wishes = { ...plan, modules: ["sale_management"] };
    const sale = { version: "19.0.1.0", depends: ["base"], own: false, checksums: { "": "b" } };
    situation = { ...situation, inImage: new Map([...situation.inImage, ["sale_management", sale]]) };
    const record = await Release.begin(wishes, journalOf(), () => undefined).run();
    expect(record.reason).toMatch(/a move and nothing else[^]*install sale_management[^]*Release first, then move/);
    expect(world.order.filter((name) => name !== "resume" && name !== "cron 1")).toEqual([]);
  });
});
