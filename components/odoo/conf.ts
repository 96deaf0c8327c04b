import * as pulumi from "@pulumi/pulumi";
import { type OdooConfSettings, renderOdooConf } from "../../infra/commands/odooConf";
import { seconds } from "../../infra/core/units";
import type { OdooArgs } from "./odoo";

/** The odoo.conf of one of an Odoo's containers, or of its jobs; a secret, because it holds passwords. */
export function confOf(
  role: OdooConfSettings["role"],
  { config, database, platform, sizing }: OdooArgs,
  masterPassword: pulumi.Output<string>,
): pulumi.Output<string> {
  const { limits } = config.odoo;
  return pulumi
    .all([database.host, database.password, masterPassword])
    .apply(([host, password, adminPassword]) =>
      renderOdooConf({
        role,
        database: {
          host,
          port: database.port,
          user: database.role,
          name: database.name,
          password,
          verified: database.trust !== undefined,
        },
        adminPassword,
        ...sizing,
        limitTimeCpuSeconds: seconds(limits.timeCpu),
        limitTimeRealSeconds: seconds(limits.timeReal),
        limitTimeRealCronSeconds: seconds(limits.timeRealCron),
        limitRequests: limits.requests,
        logLevel: config.odoo.logLevel,
        dev: config.odoo.dev,
        balanced: platform.proxy.balancer !== undefined,
        options: config.odoo.options,
      }),
    );
}
