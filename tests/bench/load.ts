import { setTimeout as delay } from "node:timers/promises";
import { OdooClient } from "../support/odoo";
import { until } from "../support/until";
import { BusClient } from "./busClient";
import type { Answered } from "./counting";

/**
 * How often each is asked for, in milliseconds, whether or not earlier ones were answered. A quarter of two cores: what is
 * measured must not be how busy the machine is with the measurement.
 */
const everyMilliseconds = { page: 250, read: 165, write: 250 } as const;

/** Browsers with a page of Odoo open. */
const browsers = 3;

/**
 * The load goes on for so long before and after what is measured, in seconds. What is before does not count: an Odoo that
 * just started makes its first pages slowly.
 */
const aroundSeconds = 3;

/** Websockets, and Odoo itself, have to be back within this, in seconds; what takes longer is shown as it is. */
const backSeconds = 60;

/**
 * People at work: pages of who is logged in and of who is not, reads, writes that carry a number each, and websockets. At a
 * fixed rate, and nothing is asked a second time: what fails once has failed. Connections are kept open between requests, as
 * browsers do.
 */
export class Load {
  /** Every request that has ended since what is measured began. */
  readonly requests: Answered[] = [];
  /** The marks of the writes that were acknowledged. */
  readonly acknowledged: string[] = [];
  readonly sockets: readonly BusClient[];
  /** When what is measured began and when the last request was sent, in seconds of the clock that {@link requests} have. */
  startedAt = now();
  endedAt = 0;

  private readonly pending = new Set<Promise<void>>();
  private readonly timers: NodeJS.Timeout[];
  private pages = 0;
  private writes = 0;

  private constructor(
    private readonly url: string,
    private readonly client: OdooClient,
    private readonly run: string,
  ) {
    this.sockets = Array.from({ length: browsers }, () => new BusClient(url, client));
    this.timers = [
      setInterval(() => this.ask("page", () => this.page()), everyMilliseconds.page),
      setInterval(() => this.ask("read", () => this.read()), everyMilliseconds.read),
      setInterval(() => this.ask("write", () => this.write()), everyMilliseconds.write),
    ];
  }

  /**
   * Does something under load, and returns what became of the load. The load goes on until requests are answered again and
   * websockets are back.
   * @param url The address that people open.
   * @param client Logged in.
   * @param run Begins the mark of each write, which is `RUN-NUMBER`, in the field `ref` of a contact.
   * @param action What is done meanwhile.
   */
  static async during<T>(
    url: string,
    client: OdooClient,
    run: string,
    action: () => Promise<T>,
  ): Promise<{ result: T; load: Load }> {
    const load = new Load(url, client, run);
    try {
      await until("the websockets", backSeconds, () => load.sockets.every(({ subscribed }) => subscribed));
      await delay(aroundSeconds * 1000);
      load.requests.length = 0;
      load.startedAt = now();
      const result = await action();
      await load.settle();
      return { result, load };
    } finally {
      await load.stop();
    }
  }

  /** Waits until all is as before, and then as long as is looked at. */
  private async settle(): Promise<void> {
    const from = now();
    const isBack = () =>
      this.sockets.every(({ subscribed }) => subscribed) &&
      this.requests.some(({ endedAt, failure }) => endedAt > from && failure === undefined);
    const deadline = from + backSeconds;
    while (!isBack() && now() < deadline) await delay(100);
    await delay(aroundSeconds * 1000);
  }

  private async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    // One that is never answered is waited for, but nothing else is asked meanwhile.
    this.endedAt = now();
    await Promise.all(this.pending);
    for (const socket of this.sockets) socket.close();
  }

  private ask(kind: Answered["kind"], send: () => Promise<void>): void {
    const startedAt = now();
    const note = (failure?: string) => {
      this.requests.push({ kind, startedAt, endedAt: now(), failure });
    };
    const one = send().then(
      () => note(),
      // The first line: the proxy's pages are long.
      (error: unknown) => note((error instanceof Error ? error.message : String(error)).split("\n")[0]),
    );
    this.pending.add(one);
    void one.finally(() => this.pending.delete(one));
  }

  /** By turns that of who is logged in, and the login page of somebody new. */
  private async page(): Promise<void> {
    this.pages += 1;
    const answer =
      this.pages % 2 === 0 ? await this.client.fetch("/odoo") : await new OdooClient(this.url).fetch("/web/login");
    if (answer.status !== 200) throw new Error(`status ${answer.status}`);
    if (!answer.body.includes("</html>")) throw new Error("a page without its end");
  }

  private async read(): Promise<void> {
    await this.client.call("res.partner", "search_read", [[], ["name", "email"]], { limit: 40 });
  }

  private async write(): Promise<void> {
    this.writes += 1;
    const ref = `${this.run}-${this.writes}`;
    await this.client.call("res.partner", "create", [{ name: `Contact ${ref}`, ref }]);
    this.acknowledged.push(ref);
  }
}

/** Seconds of this process's clock. */
const now = (): number => performance.now() / 1000;
