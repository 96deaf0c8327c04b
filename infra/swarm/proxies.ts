import { type Argv, exec } from "../commands/docker";
import { remove, unknownService } from "../commands/proxy";
import { allEnded } from "../core/allEnded";
import { attempt, run } from "../core/exec";
import type { Report } from "../core/report";

/**
 * Runs a command in all of a platform's proxies at once; returns when it has ended in all.
 * @param proxies Their containers, as `inEngine` names them.
 * @throws the first failure, when there is one.
 */
export const inProxies = (proxies: readonly string[], argv: Argv, timeoutSeconds: number): Promise<void> =>
  allEnded(proxies.map((container) => run(exec(container, argv), { timeoutSeconds })));

/**
 * Has proxies forget services. One that is gone, or has none of that name, leaves nothing to remove.
 * @param proxies Their containers; undefined in what an earlier version of this project wrote down.
 * @param names The services.
 */
export async function forgetServices(
  proxies: readonly string[] | undefined,
  names: readonly string[],
  report: Report,
): Promise<void> {
  for (const name of names) {
    report(`Removing the route ${name}.`);
    const answers = (proxies ?? []).map((container) => attempt(exec(container, remove(name)), { timeoutSeconds: 30 }));
    for (const { exitCode, stderr } of await Promise.all(answers)) {
      if (exitCode !== 0 && !unknownService.test(stderr)) report(stderr.trim());
    }
  }
}
