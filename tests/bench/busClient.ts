import WebSocket from "ws";
import type { OdooClient } from "../support/odoo";

/**
 * How long Odoo's web client waits before it connects again, in milliseconds: the last delay, 1 s at first, times 1.5, and
 * a random second at most (`addons/bus/static/src/workers/websocket_worker.js` of Odoo 19).
 */
const retry = { first: 1000, factor: 1.5, jitter: 1000 };

/**
 * Odoo's bus as one open browser has it: a websocket of a session, subscribed, which connects again when it is cut, after as
 * long as the web client waits.
 */
export class BusClient {
  /** How long each cut lasted until it was subscribed again, in seconds. */
  readonly backSeconds: number[] = [];
  private socket: WebSocket | undefined;
  private timer: NodeJS.Timeout | undefined;
  private cutAt: number | undefined;
  private connected = false;
  private closed = false;
  private delay = retry.first;

  /**
   * @param url The address that people open.
   * @param client Whose session it belongs to.
   */
  constructor(
    private readonly url: string,
    private readonly client: OdooClient,
  ) {
    this.connect();
  }

  /** Whether it is subscribed, or was when it was closed. */
  get subscribed(): boolean {
    return this.connected;
  }

  /** Ends it for good. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.socket?.terminate();
  }

  private connect(): void {
    const { port, host, origin } = new URL(this.url);
    // Without a `user-agent` Odoo does not ask which version of its web client this is.
    const headers = { host, cookie: this.client.session };
    const socket = new WebSocket(`ws://127.0.0.1:${port}/websocket`, { origin, headers, handshakeTimeout: 60_000 });
    this.socket = socket;
    socket.on("open", () => {
      socket.send(JSON.stringify({ event_name: "subscribe", data: { channels: [], last: 0 } }));
      // One connection's messages are taken one after the other: the answer to this comes when it is subscribed.
      socket.ping();
    });
    socket.on("pong", () => this.onSubscribed());
    // What went wrong ends in `close` as well.
    socket.on("error", () => undefined);
    socket.on("close", () => this.onClose());
  }

  private onSubscribed(): void {
    if (this.cutAt !== undefined) this.backSeconds.push((performance.now() - this.cutAt) / 1000);
    this.cutAt = undefined;
    this.connected = true;
    this.delay = retry.first;
  }

  private onClose(): void {
    if (this.closed) return;
    if (this.connected) this.cutAt = performance.now();
    this.connected = false;
    this.delay = this.delay * retry.factor + retry.jitter * Math.random();
    this.timer = setTimeout(() => this.connect(), this.delay);
  }
}
