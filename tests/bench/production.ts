import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { ReleaseLab } from "../support/releaseLab";
import { compareWrites } from "./counting";
import { quantile } from "./figures";
import { Load } from "./load";
import { countWrites, reasons } from "./underLoad";

/** What people in production noticed of something that was done beside it. */
export interface Noticed {
  /** What 95 of 100 requests sent before did not exceed, in milliseconds; undefined where it was not measured. */
  readonly p95Before?: number;
  /** The same of those sent meanwhile. */
  readonly p95During: number;
  readonly requests: number;
  /** Requests that were not answered well, and writes that are in the database more than once. */
  readonly failed: number;
  /** Writes that were acknowledged, and are not in the database. */
  readonly lost: number;
  /** Why requests failed, how many for each reason, and when. */
  readonly failures: readonly string[];
}

/**
 * Does something while people work in production, and looks up what became of their writes.
 * @param production Its load is that of `load.ts`.
 * @param beforeSeconds How long they have worked undisturbed before; 0 measures nothing of that.
 * @param action What is done.
 */
export async function watchProduction<T>(
  production: ReleaseLab,
  beforeSeconds: number,
  action: () => Promise<T>,
): Promise<{ result: T; noticed: Noticed }> {
  const run = `bench-${randomBytes(4).toString("hex")}`;
  const { result: done, load } = await Load.during(production.url, production.odoo, run, async () => {
    await delay(beforeSeconds * 1000);
    const beganAt = performance.now() / 1000;
    const result = await action();
    return { result, beganAt, endedAt: performance.now() / 1000 };
  });
  const { result, beganAt, endedAt } = done;
  const { requests } = load;
  const p95 = (from: number, to: number) => {
    const sent = requests.filter(({ startedAt }) => startedAt >= from && startedAt < to);
    return (
      1000 *
      quantile(
        sent.map((request) => request.endedAt - request.startedAt),
        0.95,
      )
    );
  };
  const { lost, doubled } = compareWrites(load.acknowledged, await countWrites(production, run));
  const failed = requests.filter(({ failure }) => failure !== undefined);
  const noticed: Noticed = {
    p95Before: beforeSeconds > 0 ? p95(load.startedAt, beganAt) : undefined,
    p95During: p95(beganAt, endedAt),
    requests: requests.length,
    failed: failed.length + doubled.length,
    lost: lost.length,
    failures: reasons(failed, beganAt),
  };
  return { result, noticed };
}
