import { Listr } from "listr2";
import type { EngineEvent, Stack } from "@pulumi/pulumi/automation";
import { ensureDocker } from "../docker/ensure";
import { ensureImages } from "../images";
import type { Report } from "../core/report";
import { type CommonOptions, elapsed, rendererOptions, Stopwatch } from "./display";
import { findStacks, type StackFile } from "./stacks";
import { clearStaleLock } from "./locks";
import { removeOrphans } from "./orphans";
import { explain, openStack, prepareWorkspace, projectDir, type Workspace } from "./workspace";

/** What an environment's `up` ended with. */
interface Outcome {
  readonly stack: string;
  readonly url: string;
  readonly login: string;
  /** Given only when this `up` made the database. */
  readonly password?: string;
}

/**
 * Brings a group of stacks up, platform first: prepares the engine, Docker and the images, then runs `pulumi up` for each.
 * @param name A stack, or the beginning that a group of stacks shares.
 */
export async function up(name: string, options: CommonOptions): Promise<void> {
  const project = projectDir();
  const stacks = findStacks(project, name);
  const watch = new Stopwatch();
  const outcomes: Outcome[] = [];
  const abort = new AbortController();
  const interrupt = () => abort.abort();
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  let workspace: Workspace;

  const step = (title: string, run: (report: Report) => Promise<void>) => ({
    title,
    task: async (_: unknown, task: { output: string; title: string }) => {
      await watch.time(title, () => run((line) => (task.output = line)));
      task.title = `${title} (${elapsed(watch.seconds(title))})`;
    },
  });
  const prepare = [
    step("Pulumi engine and plugins", async (report) => void (workspace = await prepareWorkspace(report))),
    step("Docker Engine and images", async (report) => {
      await ensureDocker(report);
      const environment = stacks.find((stack) => stack.kind === "environment");
      await ensureImages(report, {
        addonsDir: environment?.addons ?? "addons",
        odooVersion: environment?.version ?? "19.0",
      });
    }),
  ];
  const tasks = new Listr(
    [
      { title: "Preparing", task: (_, task) => task.newListr(prepare, { concurrent: true }) },
      ...stacks.map((stack) =>
        step(`pulumi up -s ${stack.name}`, async (report) => {
          abort.signal.throwIfAborted();
          const outcome = await upStack(workspace, stack, report, abort.signal);
          if (outcome) outcomes.push(outcome);
        }),
      ),
    ],
    rendererOptions(options),
  );
  await tasks.run();
  show(outcomes, watch, options);
}

async function upStack(
  workspace: Workspace,
  file: StackFile,
  report: Report,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  const stack = await openStack(workspace, file.name);
  clearStaleLock(workspace, file.name, report);
  await removeOrphans(stack, file.name, report);
  let databaseMade = false;
  const runUp = async () => {
    const diagnostics: string[] = [];
    const onEvent = (event: EngineEvent) => {
      follow(event, report, diagnostics);
      databaseMade ||= madeDatabase(event);
    };
    try {
      await stack.up({ onEvent, signal, suppressOutputs: true, showSecrets: false });
    } catch (error) {
      throw diagnostics.length > 0 ? new Error(diagnostics.join("\n"), { cause: error }) : explain(error, file.name);
    }
  };
  await runUp().catch(async (error: unknown) => {
    if (!isOutOfDate(error)) throw error;
    report("Something was removed by hand: comparing the state with Docker, then trying again.");
    await stack.refresh({ signal });
    await runUp();
  });
  return file.kind === "environment" ? outcomeOf(stack, file.name, databaseMade) : undefined;
}

async function outcomeOf(stack: Stack, name: string, made: boolean): Promise<Outcome> {
  const outputs = await stack.outputs();
  const text = (key: string) => String(outputs[key]?.value);
  return {
    stack: name,
    url: text("url"),
    login: text("adminLogin"),
    password: made ? text("adminPassword") : undefined,
  };
}

/** Whether an `up` failed because a service that the state knows is gone; the provider does not look before it changes one. */
function isOutOfDate(error: unknown): boolean {
  return error instanceof Error && /service \S+ not found/i.test(error.message);
}

/** Whether an event says that the environment's database has just been made. */
function madeDatabase({ resOutputsEvent }: EngineEvent): boolean {
  const { op, urn } = resOutputsEvent?.metadata ?? {};
  return op === "create" && urn?.endsWith("-first-database") === true;
}

/** What of the engine's messages is progress; it also sends debugging lines. */
const shown: ReadonlySet<string> = new Set(["info", "info#err", "warning"]);

/** Reports what happens to each resource, and keeps what went wrong. */
function follow(event: EngineEvent, report: Report, diagnostics: string[]): void {
  const { diagnosticEvent, resourcePreEvent } = event;
  if (resourcePreEvent && resourcePreEvent.metadata.op !== "same") {
    report(`${resourcePreEvent.metadata.op} ${resourcePreEvent.metadata.urn.split("::").slice(-1).join("")}`);
  }
  if (!diagnosticEvent) return;
  const message = diagnosticEvent.message.replace(/<\{%.*?%\}>/g, "").trim();
  if (diagnosticEvent.severity === "error") diagnostics.push(message);
  else if (message && shown.has(diagnosticEvent.severity)) report(message);
}

function show(outcomes: readonly Outcome[], watch: Stopwatch, options: CommonOptions): void {
  if (options.json) {
    console.log(JSON.stringify({ environments: outcomes, seconds: watch.all() }));
    return;
  }
  console.log();
  for (const { stack, url, login, password } of outcomes) {
    console.log(`${stack} is up: ${url}`);
    const kept = `as before; \`npx odoo-stacks password ${stack}\` prints it`;
    console.log(`  login ${login}, password ${password ?? kept}`);
    if (password) console.log(`  It is shown this once; \`npx odoo-stacks password ${stack}\` prints it again.`);
  }
  console.log("\nTime taken:");
  for (const [part, seconds] of Object.entries(watch.all())) console.log(`  ${elapsed(seconds).padStart(8)}  ${part}`);
}
