import { containersWithLabels, exec, mountpoint } from "../commands/docker";
import { UserError } from "../core/errors";
import { attempt, run } from "../core/exec";
import { labels, type Role } from "../core/labels";
import type { Report } from "../core/report";
import { until } from "../core/until";
import * as argv from "./argv";

/** What a trial is made from. */
export interface TrialSource {
  readonly stack: string;
  /** ID of the operator's image, which has the `docker` command. */
  readonly operator: string;
  /** ID of the Odoo image that is tried. */
  readonly image: string;
  /** Name of the volume with the environment's files. */
  readonly filestore: string;
}

/** Where a container that works on a trial's copy has to be. */
export interface TrialPlace {
  /** Name of the container. */
  readonly container: string;
  /** Name of the network on which the copy of the database is. */
  readonly network: string;
  /** Name of the volume that shows the environment's files. */
  readonly filestore: string;
}

/** Copying a cluster of some 100 GB over one slow disk, in seconds. */
const copySeconds = 4 * 3600;
/** PostgreSQL replays what was written while it was copied, in seconds. */
const startSeconds = 600;

/**
 * A copy of an environment's database and files, on a network without a way out: what runs on it sends no mail, calls no
 * service, and changes nothing of the environment. It is thrown away afterwards.
 */
export class Trial {
  private odooConf = "";

  private constructor(private readonly source: TrialSource) {}

  /**
   * Makes one, uses it and throws it away, whatever becomes of that.
   * @param source What it is made from; the environment must run.
   * @param report Receives progress.
   * @throws UserError when there is another one of the same environment.
   */
  static async with<T>(source: TrialSource, report: Report, use: (trial: Trial) => Promise<T>): Promise<T> {
    const trial = new Trial(source);
    await trial.refuseWhileUsed();
    try {
      // What a trial left behind whose process was killed.
      await Trial.remove(source.stack);
      await trial.make(report);
      return await use(trial);
    } finally {
      report("Throwing the copy away.");
      await Trial.remove(source.stack);
    }
  }

  /**
   * Removes all that a trial is made of, also one whose process was killed. Fails for nothing that is not there.
   * @param stack The environment's stack.
   */
  static async remove(stack: string): Promise<void> {
    const names = argv.trialNames(stack);
    for (const what of [
      ["rm", "--force", "--volumes", names.odoo, names.postgres, names.copier],
      ["volume", "rm", "--force", names.files, names.changes, names.data],
      ["network", "rm", names.network],
    ]) {
      await attempt(["docker", ...what], { timeoutSeconds: 120 });
    }
  }

  /** Where a container has to be to work on the copy; an odoo.conf of the environment leads to the copy there. Its name is how {@link with} finds it when it throws the copy away. */
  get place(): TrialPlace {
    const { odoo, network, files } = argv.trialNames(this.source.stack);
    return { container: odoo, network, filestore: files };
  }

  /**
   * Runs a Python program in the Odoo image on the copy, and returns what it printed.
   * @param program Its source.
   * @param input Passed on standard input as JSON, with Odoo's configuration beside it as `odooConf`.
   * @param report Receives each line that it writes on standard error.
   * @param timeoutSeconds Ends it after so long.
   */
  runOdoo(program: string, input: object, report: Report, timeoutSeconds: number): Promise<string> {
    const { stack, image } = this.source;
    return run(argv.runOdoo(stack, image, program), {
      input: JSON.stringify({ ...input, odooConf: this.odooConf }),
      report,
      timeoutSeconds,
    });
  }

  private async make(report: Report): Promise<void> {
    const { stack, operator, image, filestore } = this.source;
    const names = argv.trialNames(stack);
    const [server, web] = [await this.running("postgres"), await this.running("odoo-web")];
    this.odooConf = await this.run(exec(web, ["cat", "/etc/odoo/odoo.conf"]));
    const host = /^\s*db_host\s*=\s*(\S+)/m.exec(this.odooConf)?.[1] ?? "database";

    await this.run(argv.createNetwork(stack));
    for (const volume of [names.data, names.changes]) await this.run(argv.createVolume(stack, volume));
    await this.run(argv.prepareChanges(stack, image));
    report("Copying the database.");
    const postgres = (await this.run(argv.imageOf(server))).trim();
    await this.run(argv.copyCluster(stack, operator, server, postgres), copySeconds);
    // After the database, so that there is every file that it names.
    const mountpoints = await Promise.all([filestore, names.changes].map((name) => this.run(mountpoint(name))));
    const [files = "", changes = ""] = mountpoints.map((path) => path.trim());
    await this.run(argv.createFiles(stack, files, changes));
    report("Starting PostgreSQL on the copy.");
    await this.run(argv.startPostgres(stack, postgres, host));
    await until("PostgreSQL answers on the copy", startSeconds, async () => {
      return (await attempt(argv.isReady(names.postgres), { timeoutSeconds: 30 })).exitCode === 0;
    });
  }

  private async refuseWhileUsed(): Promise<void> {
    const { odoo, copier } = argv.trialNames(this.source.stack);
    const running = await this.run(["docker", "ps", "--format", "{{.Names}}"]);
    const found = running.split("\n").find((name) => name === odoo || name === copier);
    if (!found) return;
    throw new UserError(`There is a trial on a copy of ${this.source.stack} already.`, [
      {
        path: found,
        expected: "one trial of an environment at a time",
        found: "a container that runs",
        hint: `Wait for it. If nobody waits for it: docker rm --force ${found}`,
      },
    ]);
  }

  /** Both PostgreSQL and Odoo have to be on the own machine. */
  private async running(role: Role): Promise<string> {
    const filters = Object.entries(labels(this.source.stack, role)).map(([key, value]) => `${key}=${value}`);
    // The oldest: a new version that is being started beside it may not stay.
    const id = (await this.run(containersWithLabels(filters))).split("\n").findLast(Boolean);
    if (id) return id;
    throw new UserError(`No container of ${this.source.stack} runs as ${role}.`, [
      {
        path: this.source.stack,
        expected: "a stack that is up, with PostgreSQL on the machine with its files",
        found: "none here",
        hint: "Where they are on two machines, try it on staging, which is made from a copy.",
      },
    ]);
  }

  private run(command: readonly string[], timeoutSeconds = 120): Promise<string> {
    return run(command, { timeoutSeconds });
  }
}
