import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "../core/errors";
import { attempt, run } from "../core/exec";
import { type Report, silent } from "../core/report";
import { labels, type Role } from "../core/labels";
import * as docker from "../commands/docker";
import { type Argv } from "../commands/docker";
import { type ContainerFilter, findContainers, onManager } from "../swarm/engines";
import * as proxy from "../commands/proxy";
import { until } from "../core/until";
import { databaseClient } from "./databaseClient";
import { describeFailure, findFailures, readLogs } from "./logs";
import { behindGate } from "./maintenance/routes";
import type { ReleasePlan } from "./plan";
import { Proxies } from "./proxies";
import type { WarmTarget } from "./warm";

const asFilters = (stack: string, role: Role) =>
  Object.entries(labels(stack, role)).map(([key, value]) => `${key}=${value}`);

/** A new web container that has ended so often by itself will not come up. Odoo also ends where PostgreSQL is away for a moment. */
const mostCrashes = 3;

/** Starting a container takes a second or two, on a busy machine within this, in seconds. */
const webStartSeconds = 60;

/** The machines that a release is carried out on: their Docker Engines, as far as one environment is concerned. */
export class Host {
  private readonly proxies: Proxies;

  /** @param report Is told of a proxy that is left out. */
  constructor(
    private readonly plan: ReleasePlan,
    report: Report = silent,
  ) {
    this.proxies = new Proxies(plan, report);
  }

  /** ID of the running PostgreSQL container; where its server is elsewhere, of the one that psql reaches it from. */
  postgres(): Promise<string> {
    const { stack, remoteDatabase } = this.plan;
    if (remoteDatabase) return this.awaited("its client", () => databaseClient(stack));
    return this.awaited("PostgreSQL", async () => (await findContainers(asFilters(stack, "postgres")))[0]);
  }

  /**
   * ID of a new web container: that of the first web machine.
   * @throws UserError when there is none, with the end of its log.
   */
  async web(): Promise<string> {
    return (await this.webs())[0] ?? "";
  }

  /**
   * IDs of the new web containers, one for each web machine.
   * @throws UserError when one is missing, with the end of its log.
   */
  webs(): Promise<readonly string[]> {
    const newest = async (service: string) => {
      let id = "";
      await this.awaitWeb(service, webStartSeconds, async () => (id = (await newWeb(service, {}))[0] ?? "") !== "");
      return id;
    };
    return Promise.all(this.plan.webServices.map(newest));
  }

  /**
   * Waits until every new web container is healthy: before that, nobody may be kept waiting for it.
   * @param signal Ends the wait, with an error.
   * @throws UserError when one is not in time, or ends again and again, with the end of its log.
   */
  async webIsHealthy(signal?: AbortSignal): Promise<void> {
    const seconds = Math.max(...this.plan.routes.map((route) => route.deployTimeoutSeconds));
    const healthy = (service: string) =>
      this.awaitWeb(service, seconds, async () => {
        signal?.throwIfAborted();
        return (await newWeb(service, { health: "healthy" })).length > 0;
      });
    await Promise.all(this.plan.webServices.map(healthy));
  }

  /** The new web containers, as they are to be made warm. */
  async warmTargets(): Promise<readonly WarmTarget[]> {
    const host = this.plan.routes[0]?.hosts[0] ?? "localhost";
    return (await this.webs()).map((container) => ({ container, host }));
  }

  /** Waits for a new web service's container to be as it should, unless it ends again and again. */
  private async awaitWeb(service: string, seconds: number, isThere: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + seconds * 1000;
    let crashes = 0;
    while (!(await isThere())) {
      crashes = (await newWeb(service, { all: true, status: "exited" })).length;
      if (crashes >= mostCrashes || performance.now() > deadline) {
        throw await this.doesNotStart(service, seconds, crashes);
      }
      await delay(200);
    }
  }

  private async doesNotStart(service: string, seconds: number, crashes: number): Promise<UserError> {
    const [newest] = await newWeb(service, { all: true });
    const lines = newest ? (await readLogs([newest], new Date(0))).flatMap((log) => log.lines) : [];
    const failure = findFailures(lines, this.plan.allowedLogLines).at(-1);
    const said = failure ? describeFailure(failure) : lines.slice(-12).join("\n").trim();
    const state = crashes >= mostCrashes ? `one that ended ${crashes} times by itself` : "one that is not";
    return new UserError("The new version does not start.", [
      {
        path: service,
        expected: `a container that is healthy within ${seconds} seconds`,
        found: [state, ...(said || "it said nothing").split("\n")].join("\n      "),
      },
    ]);
  }

  /** ID of a web container of the version that serves now; the new one's before the first release. */
  async servingWeb(): Promise<string> {
    const filters = asFilters(this.plan.stack, "odoo-web");
    const all = await findContainers(filters);
    // Asked afterwards, with those that have ended: a new one that ends again and again was another one a moment ago.
    const ofServices = await Promise.all(this.plan.webServices.map((service) => newWeb(service, { all: true })));
    const fresh = ofServices.flat();
    return all.find((id) => !fresh.includes(id)) ?? (await this.web());
  }

  /** Name of the cron service; undefined before its first start. */
  async cron(): Promise<string | undefined> {
    const argv = onManager(docker.servicesWithLabels(asFilters(this.plan.stack, "odoo-cron")));
    const names = await run(argv, { timeoutSeconds: 30 });
    return names.trim().split("\n").filter(Boolean)[0];
  }

  /** Whether the cron service runs the image that is being released: if not, Pulumi brings it up afterwards. */
  async cronIsCurrent(service: string): Promise<boolean> {
    const argv = ["docker", "service", "inspect", "--format", "{{.Spec.TaskTemplate.ContainerSpec.Image}}", service];
    return (await run(onManager(argv), { timeoutSeconds: 30 })).trim() === this.plan.image.id;
  }

  /** Starts or stops the scheduled jobs; stopping waits until those under way have ended. */
  async scaleCron(service: string, replicas: 0 | 1, timeoutSeconds: number): Promise<void> {
    await run(onManager(docker.scaleService(service, replicas)), { timeoutSeconds: 60 });
    if (replicas === 1) return;
    await until("scheduled jobs have ended", timeoutSeconds, async () => {
      return (await findContainers([`com.docker.swarm.service.name=${service}`])).length === 0;
    });
  }

  /**
   * Runs a command of the proxy; where there are several, of all at once.
   * @param heldSince Leaves out those that were started again since then, ISO 8601: see {@link proxyStartedAfter}.
   */
  async inProxy(argv: Argv, timeoutSeconds: number, heldSince?: string): Promise<void> {
    await this.proxies.each(async (container) => {
      if (heldSince && (await startedAfter(container, heldSince))) return;
      await run(docker.exec(container, argv), { timeoutSeconds });
    });
  }

  /** Sends requests to where routes say, each once it is healthy; held ones stay held. In maintenance they stay there. */
  async route(routes: ReleasePlan["routes"]): Promise<void> {
    for (const service of await behindGate(this.plan.stack, routes, "/releases")) {
      const seconds = service.deployTimeoutSeconds + service.drainTimeoutSeconds + 10;
      await this.inProxy(proxy.deploy(service), seconds);
    }
  }

  /**
   * Lets requests go on. Tried for a while: a proxy that has just been started again takes a moment.
   * @param routes Where requests lead now.
   * @param heldSince Since when they have been held, ISO 8601, if they have.
   */
  async resume(routes: ReleasePlan["routes"], heldSince?: string): Promise<void> {
    const [web] = routes;
    if (!web) return;
    await this.proxies.until("the proxy lets requests go on", 60, async (container) => {
      const succeeds = async (argv: Argv, timeoutSeconds: number) => {
        const { exitCode, stderr } = await attempt(docker.exec(container, argv), { timeoutSeconds });
        return exitCode === 0 || this.proxies.lacksService(stderr);
      };
      if (!heldSince || !(await startedAfter(container, heldSince))) return succeeds(proxy.resume(web.name), 10);
      const [renewed = web] = await behindGate(this.plan.stack, routes, "/releases");
      await succeeds(proxy.remove(web.name), 10);
      return succeeds(proxy.deploy(renewed), web.deployTimeoutSeconds);
    });
  }

  /**
   * Whether the proxy was started again while it held requests; of several, all. It goes on holding then, but kamal-proxy 0.9.2
   * ends at the next `resume` or `stop` (setState in internal/server/pause_controller.go closes a channel that nobody made):
   * only a new service of the same name holds no longer.
   * @param heldSince Since when they have been held, ISO 8601.
   */
  async proxyStartedAfter(heldSince: string): Promise<boolean> {
    const answers: boolean[] = [];
    await this.proxies.each(async (container) => answers.push(await startedAfter(container, heldSince)));
    return answers.every(Boolean);
  }

  private async awaited(what: string, find: () => Promise<string | undefined>): Promise<string> {
    let id: string | undefined;
    await until(`${what} runs`, 60, async () => (id = await find()) !== undefined);
    return id ?? "";
  }
}

async function startedAfter(container: string, time: string): Promise<boolean> {
  const argv = docker.onContainer(container, (id) => ["docker", "inspect", "--format", "{{.State.StartedAt}}", id]);
  const { stdout } = await attempt(argv, { timeoutSeconds: 30 });
  return Date.parse(stdout.trim()) > Date.parse(time);
}

/** Containers of a web service, the newest first. A machine that is gone must not stop what goes on on the others. */
const newWeb = (service: string, filter: ContainerFilter): Promise<string[]> =>
  findContainers([`com.docker.swarm.service.name=${service}`], { ...filter, lenient: true });
