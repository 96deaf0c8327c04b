import type { EngineEvent, OutputMap } from "@pulumi/pulumi/automation";
import type { ListrTask } from "listr2";
import type { Report } from "../core/report";
import { ensureDocker } from "../docker/ensure";
import { ensureImages } from "../images";
import { withDenied } from "./awsDenied";
import { type Stopwatch, timed } from "./display";
import { repairCheckpoint } from "./checkpoint";
import { clearStaleLock } from "./locks";
import { removeOrphans } from "./orphans";
import type { StackFile } from "./stacks";
import { explain, openStack, prepareWorkspace, type Workspace } from "./workspace";

/** What an environment's `up` ended with. */
export interface Outcome {
  readonly stack: string;
  readonly url: string;
  readonly login: string;
  /** Given only when this `up` made the database. */
  readonly password?: string;
}

/** Aborted by the first Ctrl-C, so that what is under way can end in order. */
export function interruption(): AbortSignal {
  const abort = new AbortController();
  const interrupt = () => abort.abort();
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  return abort.signal;
}

/** A task that makes sure that all is there that `pulumi up` of some stacks takes: the engine, Docker, images. */
export function prepareAll(
  stacks: readonly StackFile[],
  watch: Stopwatch,
  done: (workspace: Workspace) => void,
): ListrTask {
  const parts = [
    timed(watch, "Pulumi engine and plugins", async (report) => done(await prepareWorkspace(report))),
    timed(watch, "Docker Engine and images", async (report) => {
      await ensureDocker(report);
      const environment = stacks.find((stack) => stack.kind === "environment");
      await ensureImages(report, {
        addonsDir: environment?.addons ?? "addons",
        odooVersion: environment?.version ?? "19.0",
        mail: stacks.some(({ kind, stage }) => kind === "environment" && stage !== "production"),
      });
    }),
  ];
  return { title: "Preparing", task: (_, task) => task.newListr(parts, { concurrent: true }) };
}

/**
 * Runs `pulumi up` of one stack.
 * @param report Receives what happens, as it happens.
 * @param signal Ends it in order.
 * @returns what users need to know of an environment; nothing for other kinds of stack.
 */
export async function upStack(
  workspace: Workspace,
  file: StackFile,
  report: Report,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  clearStaleLock(workspace, file.name, report);
  const repaired = repairCheckpoint(workspace, file.name, report);
  const stack = await openStack(workspace, file.name);
  await removeOrphans(stack, file.name, report, repaired);
  let databaseMade = false;
  const runUp = async () => {
    const diagnostics: string[] = [];
    const onEvent = (event: EngineEvent) => {
      follow(event, report, diagnostics);
      databaseMade ||= madeDatabase(event);
    };
    try {
      return (await stack.up({ onEvent, signal, suppressOutputs: true, showSecrets: false })).outputs;
    } catch (error) {
      throw diagnostics.length > 0
        ? new Error(withDenied(diagnostics.join("\n")), { cause: error })
        : explain(error, file.name);
    }
  };
  const outputs = await runUp().catch(async (error: unknown) => {
    if (!isOutOfDate(error)) throw error;
    report("Something was removed by hand: comparing the state with Docker, then trying again.");
    await stack.refresh({ signal });
    return runUp();
  });
  return file.kind === "environment" ? outcomeOf(outputs, file.name, databaseMade) : undefined;
}

function outcomeOf(outputs: OutputMap, name: string, made: boolean): Outcome {
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
  return op === "create" && /-odoo-(first-database|copy-made)$/.test(urn ?? "");
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
