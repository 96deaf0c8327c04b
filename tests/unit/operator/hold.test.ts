import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { aboutText, expectedSeconds, Hold, pageAfter, pageMessage } from "../../../infra/operator/hold";
import type { JournalState } from "../../../infra/operator/journal";
import { recordOf } from "../cli/given";
import { planOf, progressOf } from "./plans";

const start = new Date("2026-11-23T14:30:20Z");

/** A hold, and what it has asked of the proxy. */
function holdOf(state: Partial<JournalState> = {}, restarted = false) {
  const asked: string[] = [];
  /** Since when proxies that were started again got no page. */
  const leftOut: string[] = [];
  const given = progressOf(state);
  const host = {
    inProxy: (argv: readonly string[], _: number, since?: string) => {
      if (since !== undefined) leftOut.push(since);
      return Promise.resolve(void asked.push(argv.slice(1).join(" ")));
    },
    resume: () => Promise.resolve(void asked.push("resume")),
    proxyStartedAfter: () => Promise.resolve(restarted),
  };
  return { asked, leftOut, ...given, hold: new Hold(host, given.progress) };
}

describe("requests while the database changes", () => {
  beforeEach(() => void vi.useFakeTimers({ now: start }));
  afterEach(() => void vi.useRealTimers());

  it("are held and let go on, and the journal has for how long", async () => {
    const { hold, asked, progress } = holdOf();
    await hold.begin(5);
    await vi.advanceTimersByTimeAsync(6_000);
    await hold.end([]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toEqual(["pause prod --max-pause 30s --drain-timeout 15s", "resume"]);
    expect(progress.state.heldSeconds).toBeCloseTo(6);
    expect(progress.state.pageSeconds).toBeUndefined();
  });

  it("get the maintenance page at once when it will take longer than they may be held", async () => {
    const { hold, asked, progress } = holdOf();
    await hold.begin(170);
    await vi.advanceTimersByTimeAsync(180_000);
    await hold.end([]);
    expect(asked).toHaveLength(2);
    expect(asked[0]).toMatch(
      /^stop prod --message Odoo is being updated, which takes about 3 minutes\. .* 14:34 UTC\./,
    );
    expect(progress.state.heldSince).toBeUndefined();
    expect(progress.state.pageSeconds).toBeCloseTo(180);
  });

  it("get the page before the proxy gives them up, when it turns out to take longer", async () => {
    const { hold, asked, leftOut, progress } = holdOf();
    await hold.begin(20);
    await vi.advanceTimersByTimeAsync(27_900);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(asked[1]).toMatch(/^stop prod --message Odoo is being updated\. This takes longer than expected\./);
    expect(leftOut).toEqual([progress.state.heldSince]);
    await vi.advanceTimersByTimeAsync(1_900);
    await hold.end([]);
    expect(asked.at(-1)).toBe("resume");
    expect(progress.state.heldSeconds).toBeCloseTo(28);
    expect(progress.state.pageSeconds).toBeCloseTo(2);
  });

  it("get the page from whoever takes the release up after a crash, when it is due", async () => {
    const heldSince = new Date(start.getTime() - 20_000).toISOString();
    const { hold, asked } = holdOf({ heldSince, plan: planOf({ maxHoldSeconds: 30 }) });
    hold.watch();
    await vi.advanceTimersByTimeAsync(7_900);
    expect(asked).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(asked[0]).toContain("stop prod --message Odoo is being updated.");
    await hold.end([]);
    expect(asked).toHaveLength(2);
  });

  it("are let go on after the page even when it came at the last moment", async () => {
    const { progress } = holdOf();
    let shown: () => void = () => undefined;
    const order: string[] = [];
    const slow = {
      inProxy: async (argv: readonly string[]) => {
        if (argv[1] === "stop") await new Promise<void>((done) => (shown = done));
        order.push(argv[1] ?? "");
      },
      resume: () => Promise.resolve(void order.push("resume")),
      proxyStartedAfter: () => Promise.resolve(false),
    };
    const late = new Hold(slow, progress);
    await late.begin();
    await vi.advanceTimersByTimeAsync(28_000);
    const ended = late.end([]);
    shown();
    await ended;
    expect(order).toEqual(["pause", "stop", "resume"]);
  });

  it("get no page from a proxy that was started again, which it would end", async () => {
    const { hold, asked } = holdOf({}, true);
    await hold.begin();
    await vi.advanceTimersByTimeAsync(29_000);
    await hold.end([]);
    expect(asked).toEqual(["pause prod --max-pause 30s --drain-timeout 15s", "resume"]);
  });

  it("are not taken from a maintenance that began before: nothing is watched without a hold", async () => {
    const { hold, asked } = holdOf();
    hold.watch();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toEqual([]);
  });
});

describe("how long a change of modules will take", () => {
  const upgrade = (number: number, modules: readonly string[], seconds: Record<string, number>) =>
    recordOf(number, "b", { upgrade: modules, seconds });
  const changes = { install: [], upgrade: ["sale_delivery_note"], uninstall: [] };

  it("is what it took on a copy", () => {
    expect(expectedSeconds(changes, [upgrade(0, ["sale_delivery_note"], { modules: 9 })], 3.2)).toBe(3.2);
  });

  it("else what the last release took that changed at least the same modules", () => {
    const history = [
      upgrade(0, ["sale_delivery_note"], { freeze: 0.1, modules: 9, warm: 1 }),
      upgrade(1, ["sale_delivery_note", "other"], { freeze: 0.5, modules: 4, warm: 1, prepare: 8 }),
      upgrade(2, ["other"], { modules: 1 }),
      recordOf(3, "b", { upgrade: ["sale_delivery_note"], seconds: { modules: 100 }, result: "failed" }),
    ];
    expect(expectedSeconds(changes, history)).toBe(5.5);
    expect(expectedSeconds({ ...changes, install: ["new"] }, history)).toBeUndefined();
    expect(expectedSeconds(changes, [])).toBeUndefined();
  });

  it("is said roughly, and as a time that stays true while the page is there", () => {
    expect(aboutText(0.4)).toBe("about 10 seconds");
    expect(aboutText(61)).toBe("about 70 seconds");
    expect(aboutText(121)).toBe("about 3 minutes");
    const back = new Date("2026-11-23T14:34:10Z");
    expect(pageMessage(start, back, 230)).toBe(
      "Odoo is being updated, which takes about 4 minutes. Expected to be back at about 14:35 UTC.",
    );
    expect(pageMessage(back, start, 230)).toBe("Odoo is being updated. This takes longer than expected.");
    expect(pageMessage(start)).toBe("Odoo is being updated.");
  });

  it("leaves the proxy two seconds before it gives requests up, but half of the time at least", () => {
    expect(pageAfter(30)).toBe(28);
    expect(pageAfter(2)).toBe(1);
  });
});
