import { setTimeout as delay } from "node:timers/promises";
import { run } from "../core/exec";

/** So often a change is made that somebody else's came between. */
const mostTries = 10;

/**
 * Changes a node of the Swarm. Swarm refuses a change that was not made of the node's newest version, such as while another `up` marks its
 * own data on it: then it is made again.
 * @param changes What `docker node update` is given.
 * @throws Error with what Docker says, of other failures at once.
 */
export async function updateNode(
  id: string,
  changes: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  for (let left = mostTries - 1; ; left -= 1) {
    try {
      await run(["docker", "node", "update", ...changes, id], { env, timeoutSeconds: 60 });
      return;
    } catch (error) {
      if (left === 0 || !/update out of sequence/.test(String(error))) throw error;
      // Not at the same moment again.
      await delay(50 + Math.random() * 200);
    }
  }
}
