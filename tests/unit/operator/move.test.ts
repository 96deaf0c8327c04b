import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Journal } from "../../../infra/operator/journal";
import { Move, type MoveParts, moveDatabase, recoverMove } from "../../../infra/operator/move/move";
import type { MovePlan, MoveSource, MoveState, MoveStep } from "../../../infra/operator/move/plan";
import { leftBehind, moveProgress, readMove, readMoves } from "../../../infra/operator/move/state";
import { overview } from "../../../infra/operator/show";
import { folderWith } from "../../support/folders";
import { planOf } from "./plans";

const plan: MovePlan = { ...planOf(), id: "20261126-120000-abcdef", to: "db", serverImage: "sha256:postgres" };
const source: MoveSource = {
  ...{ from: "main", service: "prod-database", volume: "prod-data", labels: { "odoo-stacks.stack": "prod" } },
  ...{ bytes: 1000, needed: 1250, connectionLimit: -1, left: ["20261120-080000-aaaaaa"] },
};
const answer = { system: "7", follows: false, rows: new Map([["public.a", 3]]) };

/** What there is in the fake machines. */
interface Given {
  /** The calls that fail. */
  readonly failing?: readonly string[];
  /** A volume that is there already. */
  readonly there?: boolean;
  readonly empty?: boolean;
  readonly free?: number;
  readonly from?: string;
  readonly cron?: string;
}

/** A move on machines that only remember what they were asked, and in which order. */
function moveOf(given: Given = {}, known: Partial<MoveState> = {}, folder = folderWith({})) {
  const { failing = [], there = false, empty = true, free = 10_000, from = "main", cron = "prod-cron" } = given;
  const asked: string[] = [];
  const ask = <T>(what: string, value: T): Promise<T> => {
    asked.push(what);
    return failing.includes(what) ? Promise.reject(new Error(`${what} does not work`)) : Promise.resolve(value);
  };
  const parts: MoveParts = {
    work: {
      find: () => ask("find", { ...source, from }),
      volume: {
        exists: () => ask("exists", there),
        make: () => ask("make", undefined),
        look: () => ask("look", { free, empty }),
        remove: (volume) => ask(`remove ${volume}`, undefined),
      },
      copy: () => ask("copy", undefined),
      follow: () => ask("follow", { tables: 2, countable: ["public.a"] }),
      tellUsers: () => ask("tellUsers", undefined),
      settle: () => ask("settle", undefined),
      freeze: () => ask("freeze", answer),
      switchOver: () => ask("switchOver", undefined),
      verify: () => ask("verify", { compared: 1, tables: 2, rows: 3 }),
      goBack: () => ask("goBack", undefined),
      removeContainers: () => ask("removeContainers", undefined),
      letIn: (machine) => ask(`letIn ${machine}`, undefined),
      dismiss: (machine) => ask(`dismiss ${machine}`, undefined),
    },
    host: {
      cron: () => Promise.resolve(cron === "" ? undefined : cron),
      scaleCron: (_, replicas) => ask(`cron ${replicas}`, undefined),
    },
    hold: {
      begin: () => {
        progress.note({ heldSince: new Date().toISOString() });
        return ask("hold", undefined);
      },
      end: () => ask("resume", undefined),
      watch: () => void asked.push("watch"),
    },
    routes: plan.routes,
  };
  const state: MoveState = { plan, startedAt: "2026-11-26T12:00:00Z", step: "check", seconds: {}, ...known };
  const progress = moveProgress(state, folder, () => undefined);
  return { asked, folder, move: new Move(progress, parts, folder) };
}

const prepared = ["find", "exists", "make", "look", "copy", "follow", "tellUsers", "cron 0", "settle"];
const changed = ["hold", "freeze", "switchOver", "verify"];

describe("moving a database", () => {
  it("prepares while people work, holds requests, and lets them go on when all was compared", async () => {
    const { move, asked, folder } = moveOf();
    const record = await move.run();
    expect(asked).toEqual([
      ...prepared,
      ...changed,
      ...["letIn db", "resume", "cron 1", "removeContainers", "dismiss db"],
    ]);
    expect(record).toMatchObject({
      result: "moved",
      reason: "",
      from: "main",
      to: "db",
      compared: 1,
      tables: 2,
      rows: 3,
    });
    expect(Object.keys(record.seconds)).toEqual([
      ...["check", "volume", "copy", "follow", "announce", "stopCron", "settle", "hold", "freeze", "switch", "verify"],
    ]);
    expect(readMoves(folder)).toEqual([JSON.parse(JSON.stringify(record))]);
    // What it has made is the environment's now.
    expect(readMove(folder)?.made).toBeUndefined();
  });

  it("does nothing where it is there already", async () => {
    const { move, asked } = moveOf({ from: "db" });
    expect(await move.run()).toMatchObject({ result: "unchanged", reason: "" });
    expect(asked).toEqual(["find"]);
  });

  it("does without scheduled jobs where there are none", async () => {
    const { move, asked } = moveOf({ cron: "" });
    await move.run();
    expect(asked.filter((call) => call.startsWith("cron"))).toEqual([]);
  });

  it("never touches a volume that has files in it", async () => {
    const { move, asked } = moveOf({ there: true, empty: false });
    const record = await move.run();
    expect(record.result).toBe("failed");
    expect(record.reason).toMatch(/the volume prod-data on db[\s\S]*npx odoo-stacks let-go prod db/);
    expect(asked).toEqual(["find", "exists", "look", "removeContainers"]);
  });

  it("removes the volume that it has made where the disk is too small, with both sizes", async () => {
    const { move, asked } = moveOf({ free: 1249 });
    expect((await move.run()).reason).toMatch(/1\.2 KB free: the database[\s\S]*found: {4}1\.2 KB free/);
    expect(asked.slice(-2)).toEqual(["removeContainers", "remove prod-data"]);
  });

  it("empties what an earlier move left there and could not remove", async () => {
    const { move, asked } = moveOf({}, { made: { machine: "db", volume: "prod-data" } });
    await move.run();
    expect(asked.slice(0, 5)).toEqual(["find", "remove prod-data", "exists", "make", "look"]);
    const elsewhere = moveOf({}, { made: { machine: "other", volume: "prod-data" } });
    await elsewhere.move.run();
    expect(elsewhere.asked).not.toContain("remove prod-data");
  });
});

describe("a move that fails", () => {
  it.each([
    ["find", []],
    ["make", ["removeContainers", "remove prod-data"]],
    ["copy", ["removeContainers", "dismiss main", "remove prod-data"]],
    ["follow", ["removeContainers", "dismiss main", "remove prod-data"]],
    ["settle", ["removeContainers", "cron 1", "dismiss main", "remove prod-data"]],
    ["hold", ["removeContainers", "resume", "cron 1", "dismiss main", "remove prod-data"]],
    ["freeze", ["removeContainers", "letIn main", "resume", "cron 1", "dismiss main", "remove prod-data"]],
    [
      "switchOver",
      ["goBack", "removeContainers", "letIn main", "resume", "cron 1", "dismiss main", "remove prod-data"],
    ],
    ["verify", ["goBack", "removeContainers", "letIn main", "resume", "cron 1", "dismiss main", "remove prod-data"]],
  ])("at %s is undone, what users wait for first", async (call, undone) => {
    const { move, asked, folder } = moveOf({ failing: [call] });
    const record = await move.run();
    expect(record).toMatchObject({ result: "failed", from: call === "find" ? "" : "main" });
    expect(record.reason).toMatch(new RegExp(`^At the step \\w+: ${call} does not work$`));
    const all = [...prepared, ...changed];
    expect(asked).toEqual([...all.slice(0, all.indexOf(call) + 1), ...undone]);
    expect(readMove(folder)?.made).toBeUndefined();
  });

  it("tells what could not be undone, and tries the rest", async () => {
    const { move, asked, folder } = moveOf({ failing: ["verify", "goBack", "remove prod-data"] });
    const { reason } = await move.run();
    expect(reason.split("\n")).toEqual([
      "At the step verify: verify does not work",
      "Left undone: the end of the server: goBack does not work",
      "Left undone: the volume on db: remove prod-data does not work",
    ]);
    expect(asked).toContain("resume");
    // The next one knows that it is no environment's.
    expect(readMove(folder)?.made).toEqual({ machine: "db", volume: "prod-data" });
  });
});

describe("a move that was interrupted", () => {
  const interrupted = (step: MoveStep, more: Partial<MoveState> = {}) => {
    const heldSince = "2026-11-26T12:05:00Z";
    return moveOf(
      {},
      { step, source, cron: "prod-cron", heldSince, made: { machine: "db", volume: "prod-data" }, ...more },
    );
  };

  it.each(["copy", "hold", "freeze", "switch", "verify"] as const)("at %s is undone", async (step) => {
    const { move, asked } = interrupted(step);
    const record = await move.recover();
    expect(record).toMatchObject({ result: "failed", reason: `At the step ${step}: the operator was interrupted` });
    // The page comes in time also for those that another process held.
    expect(asked[0]).toBe("watch");
    expect(asked.includes("goBack")).toBe(["switch", "verify"].includes(step));
    expect(asked.slice(-4)).toEqual(["resume", "cron 1", "dismiss main", "remove prod-data"]);
  });

  it("is finished where the database serves from its new place: what was written there since stays", async () => {
    const { move, asked } = interrupted("moved", { check: { compared: 1, tables: 2, rows: 3 } });
    expect(await move.recover()).toMatchObject({ result: "moved", reason: "", rows: 3 });
    expect(asked).toEqual(["letIn db", "resume", "cron 1", "removeContainers", "dismiss db"]);
  });

  it("is one that has no outcome; the same plan again returns the outcome there is", async () => {
    const folder = folderWith({});
    const journal = new Journal(folder);
    expect(await recoverMove(journal, folder, () => undefined)).toBeUndefined();
    const record = await moveOf({}, {}, folder).move.run();
    expect(await recoverMove(journal, folder, () => undefined)).toBeUndefined();
    expect(await moveDatabase(plan, journal, folder, () => undefined)).toEqual(JSON.parse(JSON.stringify(record)));
  });
});

describe("what is known of moves", () => {
  it("has no password in it", async () => {
    const { move, folder } = moveOf();
    await move.run();
    const texts = ["move.json", "moves.json"].map((file) => readFileSync(join(folder, file), "utf8"));
    expect(texts.join("")).not.toMatch(/password|SCRAM/i);
  });

  it("takes the sets whose database stayed behind off those that there is a way back to", async () => {
    const folder = folderWith({
      "sets/20261120-080000-aaaaaa/plan.json": "{}",
      "sets/20261125-080000-bbbbbb/plan.json": "{}",
    });
    const sets = () => overview(new Journal(folder), folder).sets;
    await moveOf({ failing: ["verify"] }, {}, folder).move.run();
    expect(sets()).toHaveLength(2);
    await moveOf({}, {}, folder).move.run();
    expect(sets()).toEqual(["20261125-080000-bbbbbb"]);
    expect([...leftBehind(folder)]).toEqual(["20261120-080000-aaaaaa"]);
  });
});
