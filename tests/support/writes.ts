import { randomBytes } from "node:crypto";
import type { OdooClient } from "./odoo";

/** What became of writes. */
export interface Writes {
  /** The mark of each write whose success was answered. */
  readonly acknowledged: readonly string[];
  /** What each that failed got instead. */
  readonly failures: readonly string[];
  /** The longest that one took, in seconds. */
  readonly longestSeconds: number;
}

/**
 * Has somebody make contacts all the time meanwhile, one every 100 ms whether or not those before were answered. Each has a mark
 * of its own in the field `ref`.
 * @param client Logged in.
 * @param action What is done meanwhile.
 */
export async function whileWriting<T>(
  client: OdooClient,
  action: () => Promise<T>,
): Promise<{ result: T; writes: Writes }> {
  const run = randomBytes(3).toString("hex");
  const acknowledged: string[] = [];
  const failures: string[] = [];
  const pending = new Set<Promise<void>>();
  let count = 0;
  let longestSeconds = 0;
  const write = async () => {
    const ref = `${run}-${(count += 1)}`;
    const start = performance.now();
    try {
      await client.call("res.partner", "create", [{ name: `Contact ${ref}`, ref }]);
      acknowledged.push(ref);
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    } finally {
      longestSeconds = Math.max(longestSeconds, (performance.now() - start) / 1000);
    }
  };
  const timer = setInterval(() => {
    const one = write().finally(() => pending.delete(one));
    pending.add(one);
  }, 100);
  const result = await action().finally(async () => {
    clearInterval(timer);
    await Promise.all(pending);
  });
  return { result, writes: { acknowledged, failures, longestSeconds } };
}

/**
 * The acknowledged writes that are not there.
 * @param sql Asks the database.
 */
export async function lostWrites(writes: Writes, sql: (query: string) => Promise<string>): Promise<readonly string[]> {
  const there = new Set((await sql("SELECT ref FROM res_partner WHERE ref IS NOT NULL")).split("\n"));
  return writes.acknowledged.filter((ref) => !there.has(ref));
}
