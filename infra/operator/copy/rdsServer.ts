import { exec } from "../../commands/docker";
import { readProgram } from "../../commands/job";
import { run } from "../../core/exec";
import type { Report } from "../../core/report";
import { until } from "../../core/until";
import { psql } from "../psql";
import * as argv from "./argv";
import type { RdsCopyPlan } from "./rdsPlan";
import type { CopyHost } from "./ready";
import { copyConf, CopyServer, odooSeconds } from "./server";

/** An instance that was just restored answers late: it reads what it needs from S3 first. In seconds. */
const answerSeconds = 600;

/** A way to an instance that was restored from a snapshot, in a container that is gone when the copy is secured. */
export class RdsServer implements CopyHost {
  private constructor(
    private readonly plan: RdsCopyPlan,
    readonly files: string,
  ) {}

  /**
   * Opens it; returns when the database answers.
   * @param files Where the Engine has the copied files.
   */
  static async open(plan: RdsCopyPlan, files: string): Promise<RdsServer> {
    const server = new RdsServer(plan, files);
    await CopyServer.remove(plan.stack);
    await run(argv.startClient(plan.stack, plan.server, plan.database), { timeoutSeconds: 60 });
    const input = argv.clientSecrets(plan.server);
    await run(exec(server.container, argv.keepSecrets, true), { input, timeoutSeconds: 60 });
    await server.answers();
    return server;
  }

  /** Removes the container, and jobs that were left behind. */
  close(): Promise<void> {
    return CopyServer.remove(this.plan.stack);
  }

  get container(): string {
    return argv.copyNames(this.plan.stack).postgres;
  }

  get network(): string {
    return this.plan.server.network;
  }

  get trust(): string {
    return this.plan.server.trust;
  }

  get odooConf(): string {
    const { server, database: name } = this.plan;
    const { host, port, role: user, password } = server;
    return copyConf({ host, port, user, password, name, verified: true });
  }

  async runOdoo(program: string, input: object, report: Report): Promise<string> {
    const { stack, image } = this.plan;
    return run(argv.runOdoo(stack, image.id, this.files, await readProgram(program), this.network), {
      input: JSON.stringify({ ...input, odooConf: this.odooConf, trust: this.trust }),
      report,
      timeoutSeconds: odooSeconds,
    });
  }

  /** Bytes of the database. */
  async size(): Promise<number> {
    return Number(await psql(this.container, this.plan.database, "SELECT pg_database_size(current_database())", 600));
  }

  private async answers(): Promise<void> {
    let reason = "";
    const asked = async () => {
      try {
        await psql(this.container, this.plan.database, "SELECT 1", 30);
        return true;
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
        return false;
      }
    };
    await until("the copy on RDS answers", answerSeconds, asked).catch((error: unknown) => {
      throw new Error(`${error instanceof Error ? error.message : String(error)}\n${reason}`);
    });
  }
}
