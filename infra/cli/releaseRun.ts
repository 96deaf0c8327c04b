import { constants, setPriority } from "node:os";
import { Listr, type ListrTask } from "listr2";
import type { Report } from "../core/report";
import type { ReleaseRecord } from "../operator/plan";
import { interruption, prepareAll, upStack } from "./deploy";
import { type CommonOptions, elapsed, rendererOptions, Stopwatch, timed } from "./display";
import { type Environment, openEnvironment } from "./environment";
import { versionOf } from "./history";
import { plannedUpdate, tellAndWait } from "./planned";
import { localTimeWithZone } from "./plannedTime";
import { failureOf, type ReleaseOutcome, showOutcome } from "./releaseOutcome";
import { ReleaseSteps } from "./releaseSteps";
import type { StackFile } from "./stacks";
import type { Workspace } from "./workspace";

/** Something that is done before or after a release, as a part of it. */
export interface Part {
  readonly title: string;
  readonly run: (environment: Environment, report: Report) => Promise<void>;
}

/** What a release is, beside its stack. */
export interface ReleaseRun extends CommonOptions {
  /** Tag of the version. */
  readonly image: string;
  /** When it begins. @default now */
  readonly at?: Date;
  /** What users are told to expect, with `at`. */
  readonly impact?: string;
  /** Show no progress and print nothing: the caller does. */
  readonly quiet?: boolean;
  /** Done when all is prepared. */
  readonly before?: readonly Part[];
  /** Done when the release has succeeded. */
  readonly after?: readonly Part[];
}

/** Prepares a release, waits for its time, carries it out, and prints how it went. */
export async function runRelease(file: StackFile, options: ReleaseRun): Promise<void> {
  // Production may be on this machine: its users come first.
  if (file.stage !== "production") setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  const watch = new Stopwatch();
  const signal = interruption();
  const version = versionOf(options.image);
  const { at } = options;
  let workspace: Workspace;
  let environment: Environment | undefined;
  let earlier: readonly ReleaseRecord[] = [];
  const phase = { releasing: false };
  const opened = () => environment ?? Promise.reject(new Error("the environment has not been opened"));
  const parts = (all: readonly Part[] = []) =>
    all.map(({ title, run }) => timed(watch, title, async (report) => run(await opened(), report)));

  const tasks: ListrTask[] = [
    prepareAll([file], watch, (prepared) => void (workspace = prepared)),
    timed(watch, "Earlier releases", async (report) => {
      environment = await openEnvironment(file.name, report);
      earlier = (await environment.operator.overview())?.history ?? [];
    }),
    ...(at ? [waiting(at, options.impact, opened, signal)] : []),
    ...parts(options.before),
    releasing(watch, `Releasing ${version} to ${file.name}`, async (report) => {
      phase.releasing = true;
      await upStack(workspace, file, report, signal);
    }),
    ...parts(options.after),
  ];
  const outcome = async (): Promise<ReleaseOutcome> => {
    const known = new Set(earlier.map(({ id }) => id));
    const history = (await environment?.operator.overview())?.history ?? [];
    return {
      stack: file.name,
      before: earlier.findLast(({ result }) => result !== "failed")?.image.tag,
      release: history.findLast(({ id }) => !known.has(id)),
      seconds: watch.all(),
    };
  };
  try {
    await new Listr(tasks, rendererOptions({ json: options.json === true || options.quiet === true })).run();
  } catch (error) {
    // What fails before says so itself.
    throw phase.releasing ? failureOf(error, await outcome()) : error;
  }
  if (!options.quiet) showOutcome(await outcome(), options);
}

/** A task that shows every step of a release; the watch keeps how long it took as `release`. */
export function releasing(watch: Stopwatch, title: string, run: (report: Report) => Promise<void>): ListrTask {
  return {
    title,
    task: async (_, task) => {
      const steps = new ReleaseSteps(
        (now) => (task.title = `${title}: ${now}`),
        (done) => (task.output = done),
      );
      await watch.time("release", () => run(steps.take));
      steps.end();
      task.title = `${title} (${elapsed(watch.seconds("release"))})`;
    },
    rendererOptions: { outputBar: Infinity, persistentOutput: true },
  };
}

/** Tells users what is planned, and waits for its time. */
function waiting(
  at: Date,
  impact: string | undefined,
  opened: () => Environment | Promise<Environment>,
  signal: AbortSignal,
): ListrTask {
  return {
    title: `Waiting for ${localTimeWithZone(at)}`,
    task: async (_, task) => {
      const report: Report = (line) => (task.output = line);
      await tellAndWait(await opened(), plannedUpdate(at, impact), at, report, signal);
    },
  };
}
