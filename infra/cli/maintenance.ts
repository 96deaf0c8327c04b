import { author } from "../operator/author";
import { UserError } from "../core/errors";
import { type Report, silent } from "../core/report";
import { isAddress } from "../operator/maintenance/addresses";
import type { MaintenancePlan } from "../operator/maintenance/switch";
import type { CommonOptions } from "./display";
import { type Environment, openEnvironment, requireReleased } from "./environment";
import { maintenanceText } from "./maintenanceText";

/** What `maintenance` is asked for. */
export interface MaintenanceOptions extends CommonOptions {
  readonly stack: string;
  /** What users read. @default the page's own words */
  readonly message?: string;
  /** Addresses and networks that Odoo answers all the same. */
  readonly allow?: readonly string[];
}

/** Shows an environment's users the maintenance page, or lets them in again. */
export async function maintenance(state: string, options: MaintenanceOptions): Promise<void> {
  const on = checked(state, options);
  const report: Report = options.json ? silent : (line) => console.error(line);
  const environment = await openEnvironment(options.stack, report);
  await switchMaintenance(environment, on, report);
  const { maintenance: now } = await requireReleased(environment);
  const stack = environment.file.name;
  if (options.json) console.log(JSON.stringify({ stack, maintenance: now ?? null }));
  else if (!now) console.log(`${stack} is open to its users.`);
  else
    console.log(
      `${stack}: maintenance ${maintenanceText(now)}\n\`npx odoo-stacks maintenance off -s ${stack}\` ends it.`,
    );
}

/** Begins, changes or ends an environment's maintenance. */
export async function switchMaintenance(
  environment: Environment,
  on: MaintenancePlan["on"],
  report: Report,
): Promise<void> {
  const { plan } = (await requireReleased(environment)).current;
  const request: MaintenancePlan = {
    stack: plan.stack,
    proxy: plan.proxy,
    proxiesOf: plan.proxiesOf,
    volume: plan.volumes.releases,
    on,
    author: await author(),
  };
  await environment.operator.run(plan.volumes, ["maintenance", JSON.stringify(request)], report);
}

/** What was asked for, checked: all that is wrong in one error. */
export function checked(state: string, { message, allow = [] }: MaintenanceOptions): MaintenancePlan["on"] {
  const problems = [
    ...(state === "on" || state === "off" ? [] : [{ path: "maintenance", expected: "on or off", found: `"${state}"` }]),
    ...allow
      .filter((address) => !isAddress(address))
      .map((address) => ({
        path: "--allow",
        expected: "an IP address or a network: 203.0.113.7, 203.0.113.0/24, 2001:db8::/48",
        found: `"${address}"`,
      })),
    ...(state === "off" && (message !== undefined || allow.length > 0)
      ? [{ path: "maintenance off", expected: "no --message and no --allow", found: "at least one of them" }]
      : []),
  ];
  if (problems.length > 0) throw new UserError("That can't be done.", problems);
  return state === "on" ? { message: message ?? "", allow } : undefined;
}
