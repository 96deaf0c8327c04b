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
