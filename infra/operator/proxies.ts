import * as docker from "../commands/docker";
import { unknownService } from "../commands/proxy";
import { allEnded } from "../core/allEnded";
import { UserError } from "../core/errors";
import { run } from "../core/exec";
import { labels } from "../core/labels";
import type { Report } from "../core/report";
import { until } from "../core/until";
import { atManager, managerEnv } from "../swarm/engines";
import { placeLabels, type SwarmNode, swarmNodes } from "../swarm/places";
import { engineTo } from "./peers";
import type { ReleasePlan } from "./plan";

/** A proxy that requests come in through. */
interface Proxy {
  /** Its machine, as the platform calls it; undefined for the only one, on the manager. */
  readonly machine?: string;
  /** Its container, as commands name it. */
  readonly container: string;
}

/**
 * All proxies that an environment's requests come in through: one, or behind a load balancer one on each web machine. They are
 * looked for once, so that what was held is what is let go on. One whose machine is gone is left out, and told of: nobody comes
 * in there, and the balancer's checks find out.
 */
export class Proxies {
  private known?: readonly Proxy[];

  constructor(
    private readonly plan: Pick<ReleasePlan, "proxy" | "proxiesOf">,
    private readonly report: Report,
  ) {}

  /**
   * Does something with all of them at once; returns when it has ended for all.
   * @throws the first failure, unless that proxy's machine is gone, or it has no such service and so nothing to hold.
   */
  async each(act: (container: string) => Promise<unknown>): Promise<void> {
    const proxies = await this.find();
    await allEnded(
      proxies.map((proxy) =>
        act(proxy.container).catch(async (error: unknown) => {
          if (this.lacksService(error) || (await this.isGone(proxy))) return;
          throw error;
        }),
      ),
    );
  }

  /** Runs a command in all of them. */
  run(argv: docker.Argv, timeoutSeconds: number): Promise<void> {
    return this.each((container) => run(docker.exec(container, argv), { timeoutSeconds }));
  }

  /** Waits until something holds for all of them. */
  async until(what: string, timeoutSeconds: number, holds: (container: string) => Promise<boolean>): Promise<void> {
    const proxies = await this.find();
    await allEnded(
      proxies.map((proxy) =>
        until(what, timeoutSeconds, async () => (await holds(proxy.container)) || this.isGone(proxy)),
      ),
    );
  }

  /** Whether a failure only says that one of several was away when a service was first routed. */
  lacksService(error: unknown): boolean {
    const said = error instanceof Error ? error.message : String(error);
    return this.plan.proxiesOf !== undefined && unknownService.test(said);
  }

  private async find(): Promise<readonly Proxy[]> {
    const { proxy, proxiesOf } = this.plan;
    this.known ??=
      proxiesOf === undefined
        ? [{ container: atManager(proxy) }]
        : await this.findAll(proxiesOf, await swarmNodes(managerEnv()));
    return this.known;
  }

  private async findAll(stack: string, nodes: readonly SwarmNode[]): Promise<readonly Proxy[]> {
    const found = nodes.map(async ({ machine, labels: marks, state }) => {
      if (machine === undefined || !(placeLabels.proxy in marks)) return [];
      if (state === "down") return this.leaveOut(machine);
      return [await proxyOn(machine, stack)];
    });
    return (await Promise.all(found)).flat();
  }

  /** Whether Swarm has lost the machine of a proxy, which takes it about half a minute. */
  private async isGone({ machine }: Proxy): Promise<boolean> {
    if (machine === undefined) return false;
    const nodes = await swarmNodes(managerEnv()).catch(() => []);
    if (nodes.find((node) => node.machine === machine)?.state !== "down") return false;
    this.known = this.known?.filter((proxy) => proxy.machine !== machine);
    this.leaveOut(machine);
    return true;
  }

  private leaveOut(machine: string): [] {
    this.report(
      `${machine} is down: its proxy is left out, and keeps its old routes until a release or maintenance after it is back.`,
    );
    return [];
  }
}

/** The proxy on a machine. @throws UserError when none runs there. */
async function proxyOn(machine: string, stack: string): Promise<Proxy> {
  const engine = engineTo(machine);
  const filters = Object.entries(labels(stack, "proxy")).map(([key, value]) => `${key}=${value}`);
  const listed = await run(docker.onEngine(engine, docker.containersWithLabels(filters)), { timeoutSeconds: 30 });
  const [id] = listed.split("\n").filter(Boolean);
  if (id !== undefined) return { machine, container: docker.inEngine(engine, id) };
  throw new UserError("A proxy does not run.", [
    { path: machine, expected: `the proxy of ${stack}`, found: "none", hint: `npx odoo-stacks up ${stack}` },
  ]);
}
