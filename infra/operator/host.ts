import { attempt, run } from "../core/exec";
import { labels, type Role } from "../core/labels";
import * as docker from "../commands/docker";
import { type Argv } from "../commands/docker";
import * as proxy from "../commands/proxy";
import { until } from "../core/until";
import { behindGate } from "./maintenance/routes";
import type { ReleasePlan } from "./plan";

const asFilters = (stack: string, role: Role) =>
  Object.entries(labels(stack, role)).map(([key, value]) => `${key}=${value}`);

/** The machine that a release is carried out on: its Docker Engine, as far as one environment is concerned. */
export class Host {
  constructor(private readonly plan: ReleasePlan) {}

  /** ID of the running PostgreSQL container. */
  postgres(): Promise<string> {
    return this.container(asFilters(this.plan.stack, "postgres"), "PostgreSQL");
  }

  /** ID of the new web container. */
  web(): Promise<string> {
    return this.container([`com.docker.swarm.service.name=${this.plan.webService}`], this.plan.webService);
  }

  /** ID of a web container of the version that serves now; the new one's before the first release. */
  async servingWeb(): Promise<string> {
    const filters = asFilters(this.plan.stack, "odoo-web");
    const all = (await run(docker.containersWithLabels(filters), { timeoutSeconds: 30 })).split("\n").filter(Boolean);
    const fresh = await this.web();
    return all.find((id) => id !== fresh) ?? fresh;
  }

  /** Name of the cron service; undefined before its first start. */
  async cron(): Promise<string | undefined> {
    const names = await run(docker.servicesWithLabels(asFilters(this.plan.stack, "odoo-cron")), { timeoutSeconds: 30 });
    return names.trim().split("\n").filter(Boolean)[0];
  }

  /** Whether the cron service runs the image that is being released: if not, Pulumi brings it up afterwards. */
  async cronIsCurrent(service: string): Promise<boolean> {
    const argv = ["docker", "service", "inspect", "--format", "{{.Spec.TaskTemplate.ContainerSpec.Image}}", service];
    return (await run(argv, { timeoutSeconds: 30 })).trim() === this.plan.image.id;
  }

  /** Starts or stops the scheduled jobs; stopping waits until those under way have ended. */
  async scaleCron(service: string, replicas: 0 | 1, timeoutSeconds: number): Promise<void> {
    await run(docker.scaleService(service, replicas), { timeoutSeconds: 60 });
    if (replicas === 1) return;
    await until("scheduled jobs have ended", timeoutSeconds, async () => {
      const argv = docker.containersWithLabels([`com.docker.swarm.service.name=${service}`]);
      return (await run(argv, { timeoutSeconds: 30 })).trim() === "";
    });
  }

  /** Runs a command of the proxy. */
  async inProxy(argv: Argv, timeoutSeconds: number): Promise<void> {
    await run(docker.exec(this.plan.proxy, argv), { timeoutSeconds });
  }

  /** Sends requests to where routes say, each once it is healthy; held ones stay held. In maintenance they stay there. */
  async route(routes: ReleasePlan["routes"]): Promise<void> {
    for (const service of await behindGate(this.plan.stack, routes, "/releases")) {
      const seconds = service.deployTimeoutSeconds + service.drainTimeoutSeconds + 10;
      await this.inProxy(proxy.deploy(service), seconds);
    }
  }

  /** Lets requests go on. Tried for a while: a proxy that has just been started again takes a moment. */
  async resume(): Promise<void> {
    const [web] = this.plan.routes;
    if (!web) return;
    await until("the proxy lets requests go on", 60, async () => {
      const { exitCode } = await attempt(docker.exec(this.plan.proxy, proxy.resume(web.name)), { timeoutSeconds: 10 });
      return exitCode === 0;
    });
  }

  private async container(filters: readonly string[], what: string): Promise<string> {
    let id = "";
    await until(`${what} runs`, 60, async () => {
      id = (await run(docker.containersWithLabels(filters), { timeoutSeconds: 30 })).trim().split("\n")[0] ?? "";
      return id !== "";
    });
    return id;
  }
}
