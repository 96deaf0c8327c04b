import { delimiter, dirname } from "node:path";

import { repositoryDir } from "../core/paths";
import { findBackend } from "./backend";
import type { Engine } from "./index";
import { ensurePassphraseFile } from "./passphrase";

/**
 * The variables to run Pulumi with, to be added to this process's own. What the user has chosen stays: a backend (by a
 * variable, in Pulumi.yaml or by `pulumi login`), a passphrase, a home. Otherwise the state goes to a file backend in this
 * user's state folder, and the passphrase is a generated one.
 * @param engine The engine that will run.
 * @param project The folder with Pulumi.yaml. @default this checkout
 * @throws UserError where the generated passphrase is gone while there are stacks that need it.
 */
export function engineEnvironment(engine: Engine, project = repositoryDir): Record<string, string> {
  const backend = findBackend(project);
  return {
    PATH: searchPath(engine),
    PULUMI_HOME: engine.home,
    ...(backend.chosenBy === "default" && backend.url ? { PULUMI_BACKEND_URL: backend.url } : {}),
    ...(backend.credentialsDir ? { PULUMI_CREDENTIALS_PATH: backend.credentialsDir } : {}),
    ...passphrase(backend.url),
    PULUMI_SKIP_UPDATE_CHECK: process.env.PULUMI_SKIP_UPDATE_CHECK ?? "true",
  };
}

/** The engine comes first; the Node that runs this comes last, for users who have it in no folder of PATH. */
function searchPath(engine: Engine): string {
  const own = [engine.binDir, dirname(process.execPath)];
  const others = (process.env.PATH ?? "")
    .split(delimiter)
    .filter((directory) => directory !== "" && directory !== engine.binDir);
  return [own[0], ...others, ...(others.includes(dirname(process.execPath)) ? [] : own.slice(1))].join(delimiter);
}

/** Pulumi Cloud keeps the keys itself; every other backend needs a passphrase. */
function passphrase(backend: string | undefined): Record<string, string> {
  const set = process.env.PULUMI_CONFIG_PASSPHRASE !== undefined || process.env.PULUMI_CONFIG_PASSPHRASE_FILE;
  if (set || backend?.startsWith("https://") || backend?.startsWith("http://")) return {};
  return { PULUMI_CONFIG_PASSPHRASE_FILE: ensurePassphraseFile(backend ?? "") };
}
