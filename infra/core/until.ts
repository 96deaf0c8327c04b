import { setTimeout as delay } from "node:timers/promises";

/**
 * Waits for a condition, asking a few times a second.
 * @param what The condition in words, for the error.
 * @param timeoutSeconds The longest wait.
 * @param holds Whether it holds.
 */
export async function until(what: string, timeoutSeconds: number, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + timeoutSeconds * 1000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`It did not happen within ${timeoutSeconds} s that ${what}.`);
    await delay(200);
  }
}

/**
 * Waits for a result that may come too late.
 * @param what The result in words, for the error.
 * @param timeoutSeconds The longest wait.
 */
export async function inTime<T>(result: Promise<T>, what: string, timeoutSeconds: number): Promise<T> {
  const late = new AbortController();
  const limit = delay(timeoutSeconds * 1000, undefined, { signal: late.signal }).then(() => {
    throw new Error(`It did not happen within ${timeoutSeconds} s that ${what}.`);
  });
  try {
    return await Promise.race([result, limit]);
  } finally {
    late.abort();
    limit.catch(() => undefined);
  }
}
