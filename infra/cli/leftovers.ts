import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stateDir } from "../core/paths";
import type { Report } from "../core/report";
import { stopDocker } from "../docker/ensure";
import type { Workspace } from "./workspace";

/**
 * Takes the mark of the passphrase out of a stack's file, unless secrets in that file still need it. Pulumi writes it there
 * when it makes the stack; kept after the stack is gone, it would demand the old passphrase of a new one.
 * @param file The stack's file.
 */
export function forgetSalt(file: string): void {
  const text = readFileSync(file, "utf8");
  if (/^[\s-]*secure:/m.test(text)) return;
  // As text: a YAML library would write the user's lines anew in its own style.
  writeFileSync(file, text.replace(/^encryptionsalt:.*(?:\n|$)/m, ""));
}

/** Removes the state and passphrase once no stack is left in them, and stops a Docker Engine that was started for this. */
export async function cleanUp(workspace: Workspace, report: Report): Promise<void> {
  const state = stateDir();
  if (workspace.env.PULUMI_BACKEND_URL?.includes(state) && !hasStacks(join(state, "pulumi"))) {
    report("Removing the state and the passphrase: no stack is left.");
    rmSync(join(state, "pulumi"), { recursive: true, force: true });
    if (workspace.env.PULUMI_CONFIG_PASSPHRASE_FILE?.startsWith(state))
      rmSync(workspace.env.PULUMI_CONFIG_PASSPHRASE_FILE);
  }
  await stopDocker(report);
}

/** Whether a file backend holds any stack. */
function hasStacks(backend: string): boolean {
  try {
    const files = readdirSync(join(backend, ".pulumi/stacks"), { recursive: true, encoding: "utf8" });
    return files.some((file) => file.endsWith(".json"));
  } catch {
    return false;
  }
}
