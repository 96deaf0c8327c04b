import { mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";

import { stateDir } from "../core/paths";

/** Where Pulumi keeps the state of stacks, and who said so. */
export interface Backend {
  /** Its URL; undefined where Pulumi keeps the login encrypted. */
  readonly url: string | undefined;
  readonly chosenBy: "variable" | "project" | "login" | "default";
  /** The folder with the credentials of a login, where that is what decides or what the backend needs. */
  readonly credentialsDir?: string;
}

/**
 * Finds the backend in Pulumi's own order: `PULUMI_BACKEND_URL`, `backend.url` in Pulumi.yaml, `pulumi login`. Where none
 * of them names one, it is a folder in this user's state folder.
 * @param project The folder with Pulumi.yaml.
 */
export function findBackend(project: string): Backend {
  const login = findLogin();
  const variable = process.env.PULUMI_BACKEND_URL;
  if (variable) return { url: variable, chosenBy: "variable", credentialsDir: login?.directory };
  const ofProject = projectBackend(project);
  if (ofProject) return { url: ofProject, chosenBy: "project", credentialsDir: login?.directory };
  if (login) return { url: login.url, chosenBy: "login", credentialsDir: login.directory };
  // A token alone means Pulumi Cloud, as on build servers.
  if (process.env.PULUMI_ACCESS_TOKEN) return { url: "https://api.pulumi.com", chosenBy: "login" };
  return { url: `file://${defaultStateDir()}`, chosenBy: "default" };
}

function defaultStateDir(): string {
  const directory = join(stateDir(), "pulumi");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return directory;
}

/** What Pulumi.yaml says under `backend`; errors in it are left for Pulumi to report. */
function projectBackend(project: string): string | undefined {
  try {
    const settings = parse(readFileSync(join(project, "Pulumi.yaml"), "utf8")) as { backend?: { url?: string } } | null;
    return settings?.backend?.url;
  } catch {
    return undefined;
  }
}

/** The backend that the user has logged in to with their own Pulumi, whatever home this project gives its engine. */
function findLogin(): { readonly url: string | undefined; readonly directory: string } | undefined {
  const directory = process.env.PULUMI_CREDENTIALS_PATH ?? process.env.PULUMI_HOME ?? join(homedir(), ".pulumi");
  try {
    const credentials = JSON.parse(readFileSync(join(directory, "credentials.json"), "utf8")) as Record<
      string,
      unknown
    >;
    if ("$pulumiSecureStore" in credentials) return { url: undefined, directory };
    return typeof credentials.current === "string" && credentials.current !== ""
      ? { url: credentials.current, directory }
      : undefined;
  } catch {
    return undefined; // Never logged in.
  }
}
