import { setTimeout as delay } from "node:timers/promises";

/** How often a condition is looked at. */
const intervalMilliseconds = 200;

/**
 * Waits until something holds.
 * @param what What is waited for, for the error.
 * @param seconds How long at most.
 * @param look Returns what was waited for, or something empty while it is not there; an error counts as not there.
 */
export async function until<T>(what: string, seconds: number, look: () => Promise<T> | T): Promise<NonNullable<T>> {
  const deadline = performance.now() + seconds * 1000;
  let last: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found) return found;
      last = found;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      throw new Error(
        `${what}: not within ${seconds} s; last seen: ${last instanceof Error ? last.message : String(last)}`,
      );
    }
    await delay(intervalMilliseconds);
  }
}
