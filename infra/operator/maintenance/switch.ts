import type { Argv } from "../../commands/docker";
import * as proxy from "../../commands/proxy";
import type { ProxyService } from "../../commands/proxy";
import { attempt, run } from "../../core/exec";
import { labels } from "../../core/labels";
import type { Report } from "../../core/report";
import type { Journal } from "../journal";
import type { Author, ReleasePlan } from "../plan";
import { Proxies } from "../proxies";
import { ownImage } from "../self";
import { isLoopback } from "./addresses";
import { addressesOfThisMachine, networksOf } from "./machine";
import { maintenancePage } from "./page";
import { forgetMaintenance, gateName, gateRoutes, type Maintenance, readMaintenance, writeMaintenance } from "./state";

/** What becomes of an environment's maintenance. Handed over as JSON. */
export interface MaintenancePlan extends Pick<ReleasePlan, "stack" | "proxy" | "proxiesOf"> {
  /** Name of the volume of the releases. */
  readonly volume: string;
  /** What users read and who is let through; undefined ends it. */
  readonly on?: Pick<Maintenance, "message" | "allow">;
  readonly author: Author;
}

/** Memory limit of the gate's container: it passes requests on and keeps none. */
const gateMemory = "256m";

/** Carries out a plan for an environment's maintenance; running it again changes nothing. */
export async function switchMaintenance(
  plan: MaintenancePlan,
  journal: Journal,
  folder: string,
  report: Report,
): Promise<Maintenance | undefined> {
  const routes = journal.routes();
  if (!routes?.[0]) throw new Error(`Nothing has been released on ${plan.stack} yet.`);
  if (plan.on) await begin(plan, plan.on, routes, folder, report);
  else await end(plan, routes, folder, report);
  return readMaintenance(folder);
}

async function begin(
  plan: MaintenancePlan,
  { message, allow }: NonNullable<MaintenancePlan["on"]>,
  routes: readonly ProxyService[],
  folder: string,
  report: Report,
): Promise<void> {
  const earlier = readMaintenance(folder);
  const page = await maintenancePage(plan.proxy, routes[0]?.errorPages ?? "", message);
  const { since, author } = earlier ?? { since: new Date().toISOString(), author: plan.author };
  const addresses = [...allow, ...(allow.some(isLoopback) ? await addressesOfThisMachine(plan.proxy) : [])];
  writeMaintenance(folder, { message, allow, addresses, since, author, page, routes });
  await openGate(plan, report);
  report("Sending requests to the maintenance page, once those under way have ended.");
  await deploy(new Proxies(plan, report), gateRoutes(plan.stack, routes));
}

async function end(
  plan: MaintenancePlan,
  routes: readonly ProxyService[],
  folder: string,
  report: Report,
): Promise<void> {
  if (readMaintenance(folder)) {
    report("Sending requests to Odoo, once it is healthy.");
    await deploy(new Proxies(plan, report), routes);
  }
  forgetMaintenance(folder);
  await attempt(["docker", "rm", "--force", gateName(plan.stack)], { timeoutSeconds: 60 });
}

async function deploy(proxies: Proxies, routes: readonly ProxyService[]): Promise<void> {
  for (const route of routes) {
    await proxies.run(proxy.deploy(route), route.deployTimeoutSeconds + route.drainTimeoutSeconds + 10);
  }
}

/** Starts the gate's container, from the image that this process runs in, unless it runs already. */
async function openGate({ stack, proxy: container, volume }: MaintenancePlan, report: Report): Promise<void> {
  const name = gateName(stack);
  const running = ["docker", "inspect", "--format", "{{.State.Running}}", name];
  if ((await attempt(running, { timeoutSeconds: 30 })).stdout.trim() === "true") return;
  report("Opening the gate.");
  await attempt(["docker", "rm", "--force", name], { timeoutSeconds: 60 });
  const image = await ownImage();
  const [network = ""] = await networksOf(container);
  await run(gateArgv({ stack, image, volume, network }), { timeoutSeconds: 60 });
}

/** Starts the gate. It needs nothing but the network and its state. */
export function gateArgv(gate: { stack: string; image: string; volume: string; network: string }): Argv {
  return [
    ...["docker", "run", "--detach", "--init", "--name", gateName(gate.stack), "--restart", "unless-stopped"],
    ...Object.entries(labels(gate.stack, "gate")).flatMap(([key, value]) => ["--label", `${key}=${value}`]),
    ...["--network", gate.network, "--volume", `${gate.volume}:/releases:ro`],
    ...["--memory", gateMemory, "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"],
    ...["--log-opt", "max-size=10m", "--log-opt", "max-file=3"],
    ...[gate.image, "gate"],
  ];
}
