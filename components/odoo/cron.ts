import type * as pulumi from "@pulumi/pulumi";
import { OdooService, type OdooServiceArgs } from "./odooService";

/**
 * Odoo's scheduled jobs, in exactly one container, so that web processes have none and a release can stop them apart. It is
 * updated in place: the old container ends before the new one starts, and code of two versions never runs jobs at once.
 *
 * Cost: none of its own; it takes `memoryBytes` of its machine.
 */
export class OdooCron extends OdooService {
  constructor(name: string, args: OdooServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super(
      {
        type: "odoo:OdooCron",
        role: "odoo-cron",
        health: {
          // Cron processes listen on nothing: counted are Odoo's main process and at least one of them.
          // Where it starts anew by itself, these are threads of the main process (infra/commands/odooConf.ts).
          command: `test $(grep --text --files-with-matches -E '^/usr/bin/python3.*[o]doo.server' /proc/[0-9]*/cmdline | wc -l) -ge ${args.development?.reload ? 1 : 2}`,
          intervalSeconds: 2,
          startPeriodSeconds: 60,
          retries: 30,
        },
      },
      name,
      args,
      {},
      opts,
    );
  }
}
