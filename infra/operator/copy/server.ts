import { randomBytes } from "node:crypto";
import { readProgram } from "../../commands/job";
import { type OdooConfSettings, renderOdooConf } from "../../commands/odooConf";
import { attempt, run } from "../../core/exec";
import type { Report } from "../../core/report";
import { until } from "../../core/until";
import { literal, psql } from "../psql";
import * as argv from "./argv";
import type { CopyPlan } from "./plan";
import type { CopyHost } from "./ready";

/** PostgreSQL replays what was written while it was copied, in seconds. */
const startSeconds = 3600;
/** It writes down what was changed, in seconds. */
const stopSeconds = 1800;
/** Odoo's programs on a copy, in seconds. */
export const odooSeconds = 3600;

const gigabyte = 1024 ** 3;

/** An odoo.conf for work on a copy: with its limits, and without scheduled jobs. */
export const copyConf = (database: OdooConfSettings["database"]): string =>
  renderOdooConf({
    ...{ role: "web", database, adminPassword: randomBytes(18).toString("hex"), workers: 0, cronThreads: 0 },
    ...{ dbMaxconn: 8, dbMaxconnGevent: 8 },
    ...{ limitMemorySoftBytes: 2 * gigabyte, limitMemoryHardBytes: 4 * gigabyte },
    ...{ limitTimeCpuSeconds: odooSeconds, limitTimeRealSeconds: odooSeconds, limitTimeRealCronSeconds: odooSeconds },
    ...{ limitRequests: 65_536, logLevel: "info", options: {} },
  });

/** A server on a copy that is being made, on a network without a way out; nobody but the operator's jobs can reach it. */
export class CopyServer implements CopyHost {
  /** Of the role `odoo`, for as long as this server runs; the environment's own server sets its own. */
  private readonly password = randomBytes(18).toString("hex");

  private constructor(
    private readonly plan: CopyPlan,
    /** Where the Engine has the folder that is Odoo's data folder on the copy. */
    readonly files: string,
  ) {}

  /**
   * Starts it; returns when the copy has recovered and answers.
   * @param image ID of the postgres image.
   * @param files Where the Engine has the copied files.
   */
  static async start(plan: CopyPlan, image: string, files: string): Promise<CopyServer> {
    const server = new CopyServer(plan, files);
    await CopyServer.remove(plan.stack);
    await run(argv.createNetwork(plan.stack), { timeoutSeconds: 60 });
    await run(argv.startPostgres(plan.stack, image, plan.volumes.database), { timeoutSeconds: 60 });
    await server.answers();
    await server.prepare();
    return server;
  }

  /** Removes what a copy was secured with, also after a process that was killed. Fails for nothing that is not there. */
  static async remove(stack: string): Promise<void> {
    const { network, postgres, odoo, modules } = argv.copyNames(stack);
    await attempt(["docker", "rm", "--force", "--volumes", odoo, modules, postgres], { timeoutSeconds: 120 });
    await attempt(["docker", "network", "rm", network], { timeoutSeconds: 60 });
  }

  /** Its container. */
  get container(): string {
    return argv.copyNames(this.plan.stack).postgres;
  }

  get network(): string {
    return argv.copyNames(this.plan.stack).network;
  }

  /** An odoo.conf that leads to the copy; a secret for as long as the server runs. */
  get odooConf(): string {
    return copyConf({ host: "database", port: 5432, user: "odoo", name: this.plan.database, password: this.password });
  }

  /** Runs a program of `infra/commands/jobs` in the Odoo image on the copy, and returns what it printed. */
  async runOdoo(program: string, input: object, report: Report): Promise<string> {
    const { stack, image } = this.plan;
    return run(argv.runOdoo(stack, image.id, this.files, await readProgram(program)), {
      input: JSON.stringify({ ...input, odooConf: this.odooConf }),
      report,
      timeoutSeconds: odooSeconds,
    });
  }

  /** Ends the server so that its next start needs no recovery, and removes it. */
  async stop(): Promise<void> {
    await run(["docker", "stop", "--time", String(stopSeconds), this.container], { timeoutSeconds: stopSeconds + 30 });
    await CopyServer.remove(this.plan.stack);
  }

  private async answers(): Promise<void> {
    await until("PostgreSQL answers on the copy", startSeconds, async () => {
      const { stdout } = await attempt(["docker", "inspect", "--format", "{{.State.Running}}", this.container]);
      if (stdout.trim() !== "true") {
        const { stderr } = await attempt(["docker", "logs", "--tail", "20", this.container]);
        throw new Error(`PostgreSQL does not start on the copy:\n${stderr.trim()}`);
      }
      return (await attempt(["docker", "exec", this.container, "pg_isready", "--quiet"])).exitCode === 0;
    });
  }

  /** The names that the environment has, and none of the source's passwords. */
  private async prepare(): Promise<void> {
    const { database, source } = this.plan;
    const rename = source.database === database ? "" : `ALTER DATABASE "${source.database}" RENAME TO "${database}";`;
    await psql(
      this.container,
      "postgres",
      `${rename}
       SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots;
       ALTER ROLE odoo PASSWORD ${literal(this.password)};`,
    );
  }
}
