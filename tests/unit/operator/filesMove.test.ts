import { describe, expect, it } from "vitest";
import type { Brought } from "../../../infra/operator/files/bring";
import { bringUntilShort } from "../../../infra/operator/files/fetch";
import { FilesMove, type MoveTools } from "../../../infra/operator/files/move";
import type { JournalState } from "../../../infra/operator/journal";
import type { ReleaseRecord } from "../../../infra/operator/plan";
import { type FilesPlace, filesVolumes } from "../../../infra/swarm/files";
import { imageOf, recordOf } from "../cli/given";
import { planOf, progressOf } from "./plans";

const volumes = filesVolumes("prod");
const main: FilesPlace = { machine: "main", shared: false, volume: volumes.own };
const shared: FilesPlace = { machine: "web-1", shared: true, volume: volumes.shared };
const plan = (wanted: { machine: string; shared: boolean }) =>
  planOf({ image: imageOf("b"), files: { ...wanted, volumes } });
const brought = (files: number, more: Partial<Brought> = {}): Brought => ({
  ...{ files, bytes: files * 100, all: { files: 1000, bytes: 1e6 }, seconds: 1.5 },
  ...more,
});

/** A move whose steps are noted, and fail where that is asked for. */
function moveOf(given: {
  readonly wanted?: { machine: string; shared: boolean };
  readonly place?: FilesPlace;
  readonly fails?: string;
  readonly oldHistory?: readonly ReleaseRecord[];
  readonly tools?: Partial<MoveTools>;
  readonly state?: Partial<JournalState>;
}) {
  const { wanted = { machine: "stage", shared: false }, place = main, fails, state } = given;
  const order: string[] = [];
  const step = <T>(name: string, result: T): Promise<T> => {
    order.push(name);
    return name === fails ? Promise.reject(new Error(`${name} failed`)) : Promise.resolve(result);
  };
  const { progress, lines } = progressOf({ plan: plan(wanted), ...state });
  const old = {
    engine: place.machine === wanted.machine ? undefined : "ssh://main",
    requireReady: () => Promise.resolve(),
    history: () => Promise.resolve(given.oldHistory ?? [recordOf(0, "a"), recordOf(1, "b")]),
    clear: () => step("clear", undefined),
  };
  const tools: MoveTools = {
    place: () => Promise.resolve({ files: place.machine, shared: place.shared, drained: [], down: [] }),
    mark: (_, to) => step(`mark ${to.machine}${to.shared ? " shared" : ""}`, undefined),
    old: () => Promise.resolve(old),
    bring: (_, from, last) => step(`bring from ${from.volume}${last ? ", the last" : ""}`, brought(last ? 2 : 5)),
    reach: (webs) => step(`reach ${webs.join(", ")}`, undefined),
    warm: () => step("warm", undefined),
    inMaintenance: () => false,
    ...given.tools,
  };
  const host = {
    webIsHealthy: () => step("health", undefined),
    warmTargets: () => Promise.resolve([]),
    webs: () => Promise.resolve(["web-a"]),
    cron: () => Promise.resolve("prod-cron"),
    scaleCron: (service: string, replicas: 0 | 1) => step(`${service} ${replicas}`, undefined),
    route: () => step("route", undefined),
  };
  const hold = { begin: (seconds?: number) => step(`hold ${seconds ?? "?"}`, undefined) };
  return { move: new FilesMove(host, progress, hold, tools), progress, order, lines };
}

const history = [recordOf(0, "a"), recordOf(1, "b")];

describe("files that belong elsewhere", () => {
  it.each([
    ["are moved", { machine: "stage", shared: false }, true],
    ["stay where they are", { machine: "main", shared: false }, false],
    ["go to a folder in common", { machine: "main", shared: true }, true],
  ] as const)("%s: %o", async (_, wanted, due) => {
    expect(await moveOf({ wanted }).move.isDue()).toBe(due);
  });

  it("are nowhere yet, or on the only machine: nothing is moved", async () => {
    const { move } = moveOf({ tools: { place: () => Promise.resolve({ shared: false, drained: [], down: [] }) } });
    expect(await move.isDue()).toBe(false);
    expect(await moveOf({ state: { plan: planOf() } }).move.isDue()).toBe(false);
  });

  it("come while everybody works, the last of them with requests held, which then go to the new containers", async () => {
    const { move, order, progress } = moveOf({});
    await move.isDue();
    await move.requireReady(history);
    await move.run();
    expect(order).toEqual([
      ...["health", "warm", "bring from prod-filestore", "reach web-a"],
      ...["prod-cron 0", "hold 1.5", "bring from prod-filestore, the last", "mark stage", "route"],
    ]);
    expect(progress.state).toMatchObject({
      step: "released",
      files: { from: main, to: { machine: "stage", shared: false, volume: volumes.own }, files: 1000, bytes: 1e6 },
    });
    expect(progress.state.switchedAt).toBeDefined();
    await move.keep();
    expect(order.at(-1)).toBe("clear");
  });

  it("go from a volume to a folder on the same machine, and back", async () => {
    const there = moveOf({ wanted: { machine: "web-1", shared: true }, place: { ...main, machine: "web-1" } });
    await there.move.isDue();
    await there.move.requireReady(history);
    await there.move.run();
    expect(there.order.slice(-3)).toEqual(["bring from prod-filestore, the last", "mark web-1 shared", "route"]);
    const back = moveOf({ wanted: { machine: "web-1", shared: false }, place: shared });
    await back.move.isDue();
    await back.move.run();
    expect(back.order.slice(-3)).toEqual(["bring from prod-filestore-shared, the last", "mark web-1", "route"]);
  });

  it("that both machines share are not copied: only the records have gone to another one", async () => {
    const { move, order, progress } = moveOf({ wanted: { machine: "web-2", shared: true }, place: shared });
    await move.isDue();
    await move.run();
    expect(order).toEqual(["health", "warm", "reach web-a", "prod-cron 0", "hold ?", "mark web-2 shared", "route"]);
    expect(progress.state.files?.files).toBeUndefined();
  });
});

describe("a move that fails", () => {
  it.each([
    ["health", []],
    ["bring from prod-filestore", []],
    ["reach web-a", []],
    ["prod-cron 0", ["mark main"]],
    ["hold 1.5", ["mark main"]],
    ["bring from prod-filestore, the last", ["mark main"]],
    ["mark stage", ["mark main"]],
    ["route", ["mark main"]],
  ])("at %s is undone by %o", async (fails, undone) => {
    const { move, order, progress } = moveOf({ fails });
    await move.isDue();
    await expect(move.run()).rejects.toThrow(`${fails} failed`);
    expect(progress.state.step).not.toBe("released");
    expect(order).not.toContain("clear");
    const done = order.length;
    await move.undo(async (_, part) => part().then(() => true));
    expect(order.slice(done)).toEqual(undone);
  });

  it("is undone by another process too, from the journal", async () => {
    const files = { from: main, to: { machine: "stage", shared: false, volume: volumes.own } };
    const { move, order } = moveOf({ state: { plan: plan({ machine: "stage", shared: false }), files } });
    await move.undo(async (_, part) => part().then(() => true));
    expect(order).toEqual(["mark main"]);
  });

  it("does not fail after it has succeeded, when the old machine is gone", async () => {
    const { move, lines } = moveOf({ fails: "clear" });
    await move.isDue();
    await move.run();
    await move.keep();
    expect(lines.at(-1)).toMatch(/^Not cleared: main/);
  });
});

describe("a move is refused before anything is touched", () => {
  const refusal = async (given: Parameters<typeof moveOf>[0], known = history): Promise<string> => {
    const { move, order } = moveOf(given);
    await move.isDue();
    const told = await move.requireReady(known).then(
      () => "",
      (error: unknown) => String(error),
    );
    expect(order).toEqual([]);
    return told;
  };

  it("where the records of releases have not come, or only in part", async () => {
    expect(await refusal({}, [])).toMatch(/main has[^]*move-filestore prod brings them over/);
    expect(await refusal({}, [recordOf(1, "b")])).toMatch(/found: +some of them/);
    expect(await refusal({ oldHistory: [] })).toMatch(/some of them/);
    // What failed here before is no reason.
    expect(await refusal({}, [...history, recordOf(2, "c", { result: "failed" })])).toBe("");
  });

  it("where another version would come with it", async () => {
    const [first] = history;
    expect(await refusal({ oldHistory: first && [first] }, first && [first])).toMatch(
      /a move and nothing else[^]*19.0-bbbbbbbb in place of odoo-stacks\/odoo:19.0-aaaaaaaa[^]*Release first/,
    );
  });

  it("in maintenance, which is kept on the machine that it began on", async () => {
    expect(await refusal({ tools: { inMaintenance: () => true } })).toMatch(/maintenance off -s prod/);
  });
});

describe("what comes in while files are brought over", () => {
  it("is brought again until that takes a moment, at most a few times", async () => {
    const passes = [brought(900, { seconds: 4000 }), brought(50, { seconds: 30 }), brought(1, { seconds: 2 })];
    const lines: string[] = [];
    const all = await bringUntilShort(
      () => Promise.resolve(passes.shift() ?? brought(0)),
      (line) => lines.push(line),
    );
    expect(all).toMatchObject({ files: 951, bytes: 95_100, seconds: 2 });
    expect(lines).toEqual([
      "900 files have come (87.9 KB).",
      "50 files have come (4.9 KB).",
      "1 file has come (100 B).",
    ]);
    let asked = 0;
    await bringUntilShort(
      () => Promise.resolve(brought((asked += 1), { seconds: 60 })),
      () => undefined,
    );
    expect(asked).toBe(4);
  });
});
