import type { GrowthLab } from "./growthLab";
import { progress, type ShellResult, succeeded } from "./shell";
import { lostWrites, whileWriting, type Writes } from "./writes";

/** What one step of growth was like for those who work meanwhile. */
export interface Grown {
  /** The longest that a request waited, in seconds. */
  readonly hold: number;
  /** Writes that were answered, and are not there. */
  readonly lost: readonly string[];
  /** What each request got that failed. */
  readonly failures: readonly string[];
  /** How many writes were answered. */
  readonly writes: number;
  /** How long the command took, in seconds. */
  readonly seconds: number;
}

/**
 * Moves a part of production by a command, while contacts are made, ten a second, and pages asked for, twenty a second.
 * @param command `move-database` or `move-filestore`.
 */
export async function growUnderLoad(lab: GrowthLab, command: string): Promise<Grown> {
  let seconds = 0;
  const { hold, failures, writes } = await underLoad(lab, async () => {
    const start = performance.now();
    const argv = [command, lab.project.prod, "--yes"];
    const result: ShellResult = await lab.project.cli(argv, { timeoutSeconds: 900, onLine: progress });
    seconds = (performance.now() - start) / 1000;
    succeeded(result);
  });
  const lost = await lostWrites(writes, (query) => lab.sql(query));
  return { hold, failures, lost, writes: writes.acknowledged.length, seconds };
}

/** Does something while people read and write. */
export async function underLoad(
  lab: GrowthLab,
  action: () => Promise<void>,
): Promise<{ hold: number; failures: readonly string[]; writes: Writes }> {
  const client = await lab.loggedIn();
  const { result: visits, writes } = await whileWriting(client, async () => (await lab.whileVisited(action)).visits);
  return {
    hold: Math.max(visits.longestSeconds, writes.longestSeconds),
    failures: [...visits.failures, ...writes.failures],
    writes,
  };
}
