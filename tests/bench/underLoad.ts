import { randomBytes } from "node:crypto";
import type { ReleaseLab } from "../support/releaseLab";
import { type Answered, compareWrites, longestGap, longestWait } from "./counting";
import { Load } from "./load";

/** What users noticed of something that was done meanwhile. Times in seconds. */
export interface Measured {
  readonly requests: number;
  /** Requests that were not answered well, and writes that are in the database more than once. */
  readonly failed: number;
  /** Writes that were acknowledged, and are not in the database. */
  readonly lost: number;
  /** Writes that are in the database more than once. */
  readonly doubled: number;
  readonly longestWait: number;
  /** The longest without any good answer. */
  readonly gap: number;
  /** Until the last websocket that was cut was subscribed again; undefined when none was cut. */
  readonly socketsBack: number | undefined;
  /** What was done took so long. */
  readonly upSeconds: number;
  /** Requests were held for so long. */
  readonly held: number;
  /** How many modules it upgraded. */
  readonly modules: number;
  /** Why requests failed, how many for each reason, and when. */
  readonly failures: readonly string[];
  /** What waited longest, and when. */
  readonly slowest: string | undefined;
}

/** What was done under load. */
export interface Done {
  readonly seconds: number;
  readonly heldSeconds: number;
  readonly modules: number;
}

/**
 * Does something while people work in an environment, and looks up what became of their writes.
 * @param lab The environment.
 * @param action What is done.
 */
export async function measureUnderLoad(lab: ReleaseLab, action: () => Promise<Done>): Promise<Measured> {
  const run = `bench-${randomBytes(4).toString("hex")}`;
  const { result, load } = await Load.during(lab.url, lab.odoo, run, action);
  const { lost, doubled } = compareWrites(load.acknowledged, await countWrites(lab, run));
  const { requests, sockets } = load;
  const failed = requests.filter(({ failure }) => failure !== undefined);
  const slowest = longestWait(requests);
  const back = sockets.flatMap(({ backSeconds }) => backSeconds);
  const stillCut = sockets.some(({ subscribed }) => !subscribed);
  return {
    requests: requests.length,
    failed: failed.length + doubled.length,
    lost: lost.length,
    doubled: doubled.length,
    longestWait: slowest ? slowest.endedAt - slowest.startedAt : 0,
    gap: longestGap(requests, load.startedAt, load.endedAt),
    socketsBack: stillCut ? Infinity : back.length > 0 ? Math.max(...back) : undefined,
    upSeconds: result.seconds,
    held: result.heldSeconds,
    modules: result.modules,
    failures: reasons(failed, load.startedAt),
    slowest: slowest && `a ${slowest.kind}, ${(slowest.startedAt - load.startedAt).toFixed(1)} s after it began`,
  };
}

/** How often each write is in the database. */
export async function countWrites(lab: ReleaseLab, run: string): Promise<ReadonlyMap<string, number>> {
  const rows = await lab.sql(`SELECT ref, count(*) FROM res_partner WHERE ref LIKE '${run}-%' GROUP BY ref`);
  return new Map(
    rows
      .split("\n")
      .filter(Boolean)
      .map((row) => row.split("|"))
      .map(([ref = "", count]): [string, number] => [ref, Number(count)]),
  );
}

/** Why requests failed, how many for each reason, and when. */
export function reasons(failed: readonly Answered[], from: number): string[] {
  const moments = new Map<string, number[]>();
  for (const { kind, failure = "", startedAt } of failed) {
    const reason = `${kind}: ${failure}`;
    moments.set(reason, [...(moments.get(reason) ?? []), startedAt - from]);
  }
  return [...moments].map(([reason, sent]) => {
    const [first, last] = [Math.min(...sent), Math.max(...sent)].map((moment) => moment.toFixed(1));
    return `${sent.length} × ${reason}, sent ${first} s to ${last} s after it began`;
  });
}
