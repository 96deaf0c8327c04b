import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { watchedText } from "../../../infra/cli/watchedText";
import { watch, watchArgv, type WatchPlan } from "../../../infra/operator/watch";
import { readWatched, type Watched, withWatched, writeWatched } from "../../../infra/operator/watched";
import { folderWith } from "../../support/folders";
import { recordOf } from "../cli/given";

/** An entry of Odoo's log that is a failure, and another one for each number. */
const entry = (number: number) => [
  `2026-11-23 19:16:${String(10 + number)},000 7 ERROR odoo odoo.http: Exception during request handling.`,
  "Traceback (most recent call last):",
  "ZeroDivisionError: division by zero",
];
const planOf = (until: Date, more: Partial<WatchPlan> = {}): WatchPlan => ({
  ...{ id: "20261123-191500-1a2b3c", stack: "prod", webServices: ["prod-web"], allowedLogLines: [] },
  ...{ since: "2026-11-23T19:15:00.000Z", until: until.toISOString() },
  ...more,
});
const over = new Date("2026-11-23T19:25:00Z");
const inHalfASecond = () => new Date(Date.now() + 500);

describe("the watch after a release", () => {
  it("keeps what the logs say, each entry once, also one that was half written when it was read first", async () => {
    const folder = folderWith({});
    const told: Watched[] = [];
    const reads = [
      [entry(1).slice(0, 2), []],
      [[...entry(1), ...entry(2)], entry(3)],
    ];
    const plan = planOf(inHalfASecond());
    await watch(
      plan,
      folder,
      (watched) => told.push(watched),
      () => Promise.resolve(reads.shift() ?? []),
    );
    expect(told.map(({ errors }) => errors)).toEqual([1, 3]);
    expect(told[1]?.failures[0]).toBe(entry(1).join("\n"));
    expect(readWatched(folder, plan.id)).toEqual(told[1]);
  });

  it("leaves out what the configuration allows", async () => {
    const folder = folderWith({});
    const plan = planOf(over, { allowedLogLines: ["division by zero"] });
    await watch(
      plan,
      folder,
      () => undefined,
      () => Promise.resolve([entry(1)]),
    );
    expect(readWatched(folder, plan.id)).toMatchObject({ errors: 0, failures: [] });
  });

  it("counts all errors and describes the first twenty", async () => {
    const folder = folderWith({});
    const many = Array.from({ length: 30 }, (_, number) => entry(number)).flat();
    await watch(
      planOf(over),
      folder,
      () => undefined,
      () => Promise.resolve([many]),
    );
    const watched = readWatched(folder, planOf(over).id);
    expect(watched?.errors).toBe(30);
    expect(watched?.failures).toHaveLength(20);
  });

  it("goes on from what it knew when it was started again, even when the logs are gone", async () => {
    const folder = folderWith({});
    await watch(
      planOf(over),
      folder,
      () => undefined,
      () => Promise.resolve([entry(1)]),
    );
    await watch(
      planOf(over),
      folder,
      () => undefined,
      () => Promise.resolve([]),
    );
    expect(readWatched(folder, planOf(over).id)).toMatchObject({ errors: 1, failures: [entry(1).join("\n")] });
  });

  it("has a file of its own for each release, which the history is read with, and forgets the oldest", () => {
    const folder = folderWith({ "history.json": "[]" });
    const watched: Watched = { since: "a", until: "b", readAt: "b", errors: 0, failures: [] };
    const records = [recordOf(0, "a"), recordOf(1, "b")];
    writeWatched(folder, records[1]?.id ?? "", watched);
    expect(withWatched(folder, records)).toEqual([records[0], { ...records[1], watched }]);
    for (let number = 0; number < 205; number += 1)
      writeWatched(folder, `2027${String(number).padStart(4, "0")}`, watched);
    const left = readdirSync(join(folder, "watch"));
    expect(left).toHaveLength(200);
    expect(left).not.toContain(`${records[1]?.id ?? ""}.json`);
  });

  it("is given the Engine and the releases, and no more", () => {
    const argv = watchArgv("sha256:operator", "prod-releases", planOf(over)).join(" ");
    expect(argv.match(/--volume \S+/g)).toEqual([
      "--volume /var/run/docker.sock:/var/run/docker.sock",
      "--volume prod-releases:/releases",
    ]);
    expect(argv).toContain("--network none");
    expect(argv).toContain("--cap-drop ALL --security-opt no-new-privileges");
    expect(argv).toContain("--name prod-watch --restart unless-stopped");
    expect(argv).toContain("--label odoo-stacks.role=watch");
  });
});

describe("what a watch has seen", () => {
  const seen = (minutes: number, errors: number): Watched => ({
    since: "2026-11-23T19:15:00.000Z",
    until: "2026-11-23T19:25:05.000Z",
    readAt: new Date(Date.UTC(2026, 10, 23, 19, 15 + minutes, 6)).toISOString(),
    errors,
    failures: [],
  });
  it("is said with how long it watched, of how long", () => {
    expect(watchedText(seen(10, 0))).toBe("watched for 10 minutes: no errors");
    expect(watchedText(seen(3, 1))).toBe("watched for 3 of 10 minutes: 1 error");
    expect(watchedText(seen(0, 2))).toBe("watched for 0 of 10 minutes: 2 errors");
    expect(watchedText({ ...seen(1, 0), until: "2026-11-23T19:16:05.000Z" })).toBe("watched for 1 minute: no errors");
  });
});
