import { setTimeout as delay } from "node:timers/promises";
import { runJob } from "../commands/docker";
import { readProgram } from "../commands/job";
import { UserError } from "../core/errors";
import { attempt } from "../core/exec";
import { labels } from "../core/labels";
import type { Report } from "../core/report";
import { formatDuration } from "../core/units";
import { describeFailure, findFailures } from "./logs";
import { type JobProcess, startProcess } from "./jobProcess";
import type { ImageModules } from "./modules";
import type { ModuleChanges } from "./plan";

/** Where modules are changed. */
export interface ModuleJobArgs {
  readonly stack: string;
  /** Name of its container; there is one of a name at a time. @default `STACK-job-apply-modules` */
  readonly container?: string;
  /** ID of the new version's Odoo image. */
  readonly image: string;
  /** Name of the network on which the database is. */
  readonly network: string;
  /** Name of the volume with the filestore. */
  readonly filestore: string;
  /** The odoo.conf of one of the environment's containers, with the database's password. */
  readonly odooConf: string;
  /** Certificates that the database's server is checked against, as PEM. @default its certificate is not checked */
  readonly trust?: string;
  /** Modules whose code is loaded in advance, each after those it depends on: see {@link loadOrder}. */
  readonly load: readonly string[];
  /** More options of `docker run`, such as limits. */
  readonly options?: readonly string[];
}

/** How a change of modules is held to its limits. */
export interface ModuleJobLimits {
  /** It is ended after this many seconds. */
  readonly timeoutSeconds: number;
  /** Patterns of log entries that are no failure. */
  readonly allowedLogLines: readonly string[];
}

/** Loading all of Odoo's code takes a few seconds; a multiple of that on a slow disk. */
const prepareSeconds = 180;
/** What the container may take to end by itself once its time is up, in seconds. */
const graceSeconds = 10;
/** Exit code of a container whose program was ended by SIGALRM: 128 + 14. */
const timeUp = 142;

/** What of Odoo's log tells how far it is. */
const progress = /odoo\.modules\.(?:loading|migration): ((?:Loading module|loading \w+\/|module ).*?) *$/;

/**
 * A change of modules in a container of its own, in two steps: Odoo's code is loaded while users go on working, and the
 * database is changed at a word. What is left for the time that users wait is the change alone.
 */
export class ModuleJob {
  private constructor(
    private readonly container: string,
    private readonly job: JobProcess,
  ) {}

  /**
   * Starts the container and loads the code. Nothing is changed.
   * @param report Receives progress, also that of {@link apply}.
   * @throws UserError when code can't be loaded, with what Python says.
   */
  static async prepare(args: ModuleJobArgs, report: Report): Promise<ModuleJob> {
    const container = args.container ?? containerName(args.stack);
    // One that an interrupted release left behind; it ends by itself, but not at once.
    await removeContainer(container);
    const argv = runJob({
      name: container,
      image: args.image,
      network: args.network,
      volumes: [`${args.filestore}:/var/lib/odoo`],
      labels: labels(args.stack, "job"),
      options: args.options,
      command: ["python3", "-c", await readProgram("apply_modules")],
    });
    const process = await startProcess(argv, (line) => {
      const message = progress.exec(line)?.[1];
      if (message) report(message);
    });
    const job = new ModuleJob(container, process);
    process.write({ odooConf: args.odooConf, load: args.load, trust: args.trust });
    const waiting = new AbortController();
    const ready = await Promise.race([
      process.firstLine,
      delay(prepareSeconds * 1000, undefined, { signal: waiting.signal }).catch(() => undefined),
    ]);
    waiting.abort();
    if (ready === "ready") return job;
    await job.cancel();
    throw new UserError("The code of the new version can't be loaded. Nothing was changed.", [
      { path: args.image, expected: "code that Python can load", found: job.whatHappened([]) },
    ]);
  }

  /**
   * Makes the changes, and returns when they are made. Each module has a transaction of its own: after a failure only a
   * snapshot brings the database back. To be called once.
   * @throws UserError when Odoo fails, logs an error, or takes too long; the container is gone then.
   */
  async apply(changes: ModuleChanges, limits: ModuleJobLimits): Promise<void> {
    this.job.write({ ...changes, timeoutSeconds: limits.timeoutSeconds }, true);
    const waiting = new AbortController();
    const exitCode = await Promise.race([
      this.job.exitCode,
      delay((limits.timeoutSeconds + graceSeconds) * 1000, timeUp, { signal: waiting.signal }).catch(() => timeUp),
    ]);
    waiting.abort();
    await removeContainer(this.container);
    const failures = findFailures(this.job.log, limits.allowedLogLines);
    if (exitCode === 0 && failures.length === 0) return;
    const at = this.job.log.findLast((line) => line.includes(" Loading module "))?.match(/Loading module (\S+)/)?.[1];
    const path = at ? `module ${at}` : "modules";
    if (exitCode === timeUp) {
      const limit = formatDuration(limits.timeoutSeconds);
      throw new UserError("Changing the modules took too long and was ended.", [
        { path, expected: `the end within ${limit}`, found: `it was at: ${this.lastLine()}` },
      ]);
    }
    throw new UserError("Changing the modules failed.", [
      { path, expected: "an end without errors", found: this.whatHappened(limits.allowedLogLines) },
    ]);
  }

  /** Ends it; before {@link apply}, nothing was changed. */
  async cancel(): Promise<void> {
    await removeContainer(this.container);
    await this.job.exitCode;
  }

  private lastLine(): string {
    return this.job.log.findLast((line) => line.trim() !== "")?.trim() ?? "it said nothing";
  }

  /** The entries of the log that say what went wrong, else its end. */
  private whatHappened(allowed: readonly string[]): string {
    const failures = findFailures(this.job.log, allowed).map((failure) => describeFailure(failure));
    const text = failures.length > 0 ? failures.slice(0, 3).join("\n") : this.job.log.slice(-12).join("\n");
    return (text.trim() || "it said nothing").replaceAll("\n", "\n      ");
  }
}

/**
 * The modules whose code an upgrade loads, each after those it depends on.
 * @param names Modules that are, or will be, installed.
 */
export function loadOrder(names: Iterable<string>, inImage: ImageModules): readonly string[] {
  const order = new Set<string>();
  const visiting = new Set<string>();
  const visit = (name: string) => {
    const module = inImage.get(name);
    if (!module || order.has(name) || visiting.has(name)) return;
    visiting.add(name);
    for (const needed of module.depends) visit(needed);
    order.add(name);
  };
  for (const name of [...names].sort()) visit(name);
  return [...order];
}

const containerName = (stack: string) => `${stack}-job-apply-modules`;

/**
 * Ends a change of modules that another process began.
 * @param stack The environment's stack.
 */
export const endModuleJob = (stack: string): Promise<void> => removeContainer(containerName(stack));

async function removeContainer(name: string): Promise<void> {
  await attempt(["docker", "rm", "--force", name], { timeoutSeconds: 60 });
}
