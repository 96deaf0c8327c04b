import { setTimeout as delay } from "node:timers/promises";
import type { OdooClient } from "../support/odoo";
import { quantile } from "./figures";

/** What an Odoo answered in a time. */
export interface Throughput {
  /** Requests answered well, per second. */
  readonly perSecond: number;
  /** What 95 of 100 requests did not exceed, in milliseconds. */
  readonly p95: number;
  /** Why requests failed; empty where none did. */
  readonly failures: readonly string[];
}

/** Of ten requests: pages of who is logged in, reads and writes, as a working day has them. */
const mix = ["page", "read", "read", "read", "write", "page", "read", "read", "read", "write"] as const;

/** Requests under way when the time is over may end within this, in seconds. */
const endSeconds = 30;

/**
 * Asks for as much as there is: each client asks for the next thing when it has the one before.
 * @param clients Logged in; each stands for somebody at work.
 * @param seconds How long.
 * @param warmSeconds How long before that, which does not count.
 */
export async function throughput(
  clients: readonly OdooClient[],
  seconds: number,
  warmSeconds: number,
): Promise<Throughput> {
  const waits: number[] = [];
  const failures: string[] = [];
  const state = { counts: false, goesOn: true };
  const work = async (client: OdooClient, first: number) => {
    for (let turn = first; state.goesOn; turn += 1) {
      const start = performance.now();
      try {
        await ask(client, mix[turn % mix.length] ?? "page", `${first}-${turn}`);
        if (state.counts) waits.push(performance.now() - start);
      } catch (error) {
        failures.push(error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error));
        await delay(100); // What fails at once must not be asked for a thousand times a second.
      }
    }
  };
  const all = Promise.all(clients.map((client, at) => work(client, at)));
  await delay(warmSeconds * 1000);
  state.counts = true;
  const start = performance.now();
  await delay(seconds * 1000);
  state.counts = false;
  const measured = (performance.now() - start) / 1000;
  state.goesOn = false;
  await Promise.race([all, delay(endSeconds * 1000)]);
  return { perSecond: waits.length / measured, p95: quantile(waits, 0.95), failures };
}

async function ask(client: OdooClient, what: (typeof mix)[number], mark: string): Promise<void> {
  if (what === "read") {
    await client.call("res.partner", "search_read", [[], ["name", "email"]], { limit: 40 });
  } else if (what === "write") {
    await client.call("res.partner", "create", [{ name: `Contact ${mark}`, ref: mark }]);
  } else {
    const { status, body } = await client.fetch("/web/login");
    if (status !== 200 && status !== 303) throw new Error(`status ${status}`);
    if (status === 200 && !body.includes("</html>")) throw new Error("a page without its end");
  }
}
