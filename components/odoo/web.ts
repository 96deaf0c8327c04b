import type * as pulumi from "@pulumi/pulumi";
import { webCommand } from "./listening";
import { OdooService, type OdooServiceArgs } from "./odooService";

/**
 * Odoo's web processes: HTTP workers on 8069 and the gevent process for websockets on 8072. Any change starts a new service
 * beside the old one, under a new name; the old one goes when requests no longer lead to it.
 *
 * Cost: none of its own; it takes `memoryBytes` of its machine, twice as much during a release.
 */
export class OdooWeb extends OdooService {
  constructor(name: string, args: OdooServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super(
      {
        type: "odoo:OdooWeb",
        role: "odoo-web",
        command: webCommand,
        health: {
          command: "curl --fail --silent --max-time 10 --output /dev/null http://127.0.0.1:8069/web/health",
          intervalSeconds: 1,
          startPeriodSeconds: 75,
          // All workers may be at work for as long as limit_time_real (120 s) allows, without anything being wrong.
          retries: 15,
        },
      },
      name,
      args,
      { replaceOnChanges: ["taskSpec"], deleteBeforeReplace: false },
      opts,
    );
  }
}
