import { copyFileSync, existsSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { Report } from "../core/report";
import { findBackend } from "../engine/backend";
import { fileBackend, type Workspace } from "./workspace";

/**
 * Puts the copy before in the place of a stack's state that a `pulumi` was killed while writing, on Pulumi's file backend: it
 * keeps one beside each (`….json.bak`, saveCheckpoint in pkg/backend/diy/state.go). Does nothing where the state can be read, or
 * where there is none to go back to. To be called when nobody holds the stack: whoever does may be writing at this moment.
 * @param report Is told when it was done.
 * @returns whether it was done: the state may lack what was made last.
 */
export function repairCheckpoint(workspace: Pick<Workspace, "env">, stack: string, report: Report): boolean {
  const backend = fileBackend(workspace);
  if (!backend) return false;
  const file = join(backend, "stacks/odoo-stacks", `${stack}.json`);
  if (stateOf(file) !== "broken" || stateOf(`${file}.bak`) !== "whole") return false;
  report("The state was cut off while it was written: going on from the one before.");
  copyFileSync(`${file}.bak`, `${file}.new`);
  renameSync(`${file}.new`, file);
  return true;
}

/**
 * Whether a stack may have been brought up: it has state, or its state is where only Pulumi itself can look.
 * @param project The folder with Pulumi.yaml.
 */
export function mayBeUp(project: string, stack: string): boolean {
  const { url } = findBackend(project);
  const backend = fileBackend({ env: url === undefined ? {} : { PULUMI_BACKEND_URL: url } });
  return !backend || existsSync(join(backend, "stacks/odoo-stacks", `${stack}.json`));
}

function stateOf(file: string): "whole" | "broken" | "missing" {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return "missing";
  }
  try {
    JSON.parse(text);
    return "whole";
  } catch {
    return "broken";
  }
}
