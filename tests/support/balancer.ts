import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** The address that its visitors come from, as it says: one of those for examples (RFC 5737). */
export const visitor = "203.0.113.7";

/** How often each machine is asked whether it is well, in milliseconds. */
const interval = 250;

/**
 * A load balancer as users have one: it takes turns among the machines that are well, tells them who asks and how, and never sends a
 * request a second time.
 */
export class Balancer {
  private readonly well = new Set<string>();
  private readonly timer: NodeJS.Timeout;
  private turn = 0;

  private constructor(
    private readonly machines: readonly string[],
    private readonly server: Server,
  ) {
    this.timer = setInterval(() => {
      for (const machine of machines) this.check(machine);
    }, interval);
  }

  /**
   * Starts one on a free port of this machine.
   * @param machines IP addresses, each with a proxy on port 80.
   */
  static async start(machines: readonly string[]): Promise<Balancer> {
    const server = createServer();
    const balancer = new Balancer(machines, server);
    server.on("request", (incoming, response) => {
      const machine = balancer.next();
      if (!machine) return void response.writeHead(503).end("no machine is well");
      const headers = { ...incoming.headers, "x-forwarded-for": visitor, "x-forwarded-proto": "https" };
      const { method, url } = incoming;
      const onward = request({ host: machine, port: 80, method, path: url, headers, agent: false }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      onward.on("error", (error) => {
        if (!response.headersSent) response.writeHead(502);
        response.end(error.message);
      });
      incoming.pipe(onward);
    });
    await new Promise<void>((listens) => server.listen(0, "127.0.0.1", listens));
    return balancer;
  }

  /** The port that it listens on. */
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The machines that requests are sent to now. */
  get serving(): readonly string[] {
    return [...this.well];
  }

  /** Ends it. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  private next(): string | undefined {
    const there = this.machines.filter((machine) => this.well.has(machine));
    this.turn += 1;
    return there[this.turn % there.length];
  }

  /** A proxy that answers, whatever it answers, is well: it has looked after Odoo itself. */
  private check(machine: string): void {
    const asked = request({ host: machine, port: 80, path: "/web/health", timeout: 1000, agent: false }, (answer) => {
      answer.resume();
      this.well.add(machine);
    });
    const gone = () => this.well.delete(machine);
    asked.on("timeout", () => asked.destroy(new Error("no answer")));
    asked.on("error", gone);
    asked.end();
  }
}
