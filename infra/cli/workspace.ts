import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation";
import { type Engine, ensureEngine } from "../engine";
import { engineEnvironment } from "../engine/environment";
import { ensurePlugins } from "../engine/plugins";
import { UserError } from "../core/errors";
import { repositoryDir } from "../core/paths";
import type { Report } from "../core/report";
import { configVariable } from "../ssh/config";
import { withDenied } from "./awsDenied";

/** The project that commands work on: the nearest folder upwards with a `Pulumi.yaml`, else this checkout. */
export function projectDir(from = process.cwd()): string {
  for (let dir = resolve(from); ; dir = dirname(dir)) {
    if (existsSync(join(dir, "Pulumi.yaml"))) return dir;
    if (dirname(dir) === dir) return repositoryDir;
  }
}

/** Everything that running Pulumi takes. */
export interface Workspace {
  readonly project: string;
  readonly engine: Engine;
  /** Variables that `pulumi` runs with. */
  readonly env: Readonly<Record<string, string>>;
}

/** Finds, downloads or builds the engine and its plugins. */
export async function prepareWorkspace(report: Report): Promise<Workspace> {
  const engine = await ensurePlugins(await ensureEngine(report), report);
  const project = projectDir();
  // With machines of the user's own, the command has set it for itself (machines.ts), and PATH with it.
  const ssh = process.env[configVariable];
  return { project, engine, env: { ...engineEnvironment(engine, project), ...(ssh ? { [configVariable]: ssh } : {}) } };
}

/**
 * Where Pulumi's file backend keeps its own files; undefined with other backends, which end locks and repair state by
 * themselves.
 */
export function fileBackend({ env }: Pick<Workspace, "env">): string | undefined {
  const backend = env.PULUMI_BACKEND_URL ?? process.env.PULUMI_BACKEND_URL ?? "";
  return backend.startsWith("file://") ? join(fileURLToPath(backend), ".pulumi") : undefined;
}

/**
 * A stack, made in Pulumi's state if it is not there yet.
 * @throws UserError when the state can't be read with the passphrase that is set.
 */
export async function openStack(workspace: Workspace, stackName: string): Promise<Stack> {
  const pulumiCommand = await PulumiCommand.get({ root: dirname(workspace.engine.binDir), skipVersionCheck: true });
  return explained(stackName, () =>
    LocalWorkspace.createOrSelectStack(
      { stackName, workDir: workspace.project },
      { pulumiCommand, pulumiHome: workspace.engine.home, envVars: { ...workspace.env } },
    ),
  );
}

/** Does something with a stack, and explains its failure as far as {@link explain} can. */
export async function explained<T>(stackName: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw explain(error, stackName);
  }
}

/** Turns what Pulumi says of a failure into what to do about it, where that is known. */
export function explain(error: unknown, stackName: string): unknown {
  const text = error instanceof Error ? error.message : String(error);
  if (/incorrect passphrase/.test(text)) {
    return new UserError(`The state of ${stackName} can't be read.`, [
      {
        path: "PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE",
        expected: "the passphrase that the stack was made with",
        found: "another one",
        hint: "Unset both to use the generated one, or set the right one. Without it the stack's secrets are lost.",
      },
    ]);
  }
  const told = withDenied(text);
  return told === text ? error : new Error(told, { cause: error });
}
