import { OdooClient } from "./odoo";

/** Asks Odoo for its version, as programs do that log in to it from elsewhere. */
const version = { jsonrpc: "2.0", method: "call", params: { service: "common", method: "version", args: [] } };

/** What became of the visitors' requests. */
export interface Visits {
  readonly requests: number;
  /** What each request that failed got instead of a page. */
  readonly failures: readonly string[];
  /** What those read that were answered with something else than 200, each text once. */
  readonly pages: readonly string[];
  /** The longest that one waited, in seconds. */
  readonly longestSeconds: number;
}

/**
 * Has visitors ask for pages all the time meanwhile, one every 50 ms whether or not those before were answered. Every other
 * request has a body, which nobody on the way may send a second time.
 * @param newClient Makes a visitor.
 * @param action What is done meanwhile.
 */
export async function whileVisited<T>(
  newClient: () => OdooClient,
  action: () => Promise<T>,
): Promise<{ result: T; visits: Visits }> {
  const pending = new Set<Promise<void>>();
  const failures: string[] = [];
  const pages = new Set<string>();
  let requests = 0;
  let longestSeconds = 0;
  const visit = async () => {
    requests += 1;
    const start = performance.now();
    try {
      const visitor = newClient();
      const asked = requests % 2 === 0 ? visitor.fetch("/web/login") : visitor.fetch("/jsonrpc", version);
      const { status, body } = await asked;
      if (status === 200) return;
      failures.push(`status ${status}`);
      pages.add(body);
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    } finally {
      longestSeconds = Math.max(longestSeconds, (performance.now() - start) / 1000);
    }
  };
  const timer = setInterval(() => {
    const one = visit().finally(() => pending.delete(one));
    pending.add(one);
  }, 50);
  const result = await action().finally(async () => {
    clearInterval(timer);
    await Promise.all(pending);
  });
  return { result, visits: { requests, failures, pages: [...pages], longestSeconds } };
}
