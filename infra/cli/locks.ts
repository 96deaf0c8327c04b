import { readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { UserError } from "../core/errors";
import type { Report } from "../core/report";
import { fileBackend, type Workspace } from "./workspace";

/** Who holds a stack, as Pulumi's file backend writes it down (pkg/backend/diy/lock.go). */
interface Lock {
  readonly pid: number;
  readonly username: string;
  readonly hostname: string;
  readonly timestamp: string;
}

/** Whether a process of this machine is still there; one that has ended and waits for its parent to notice is not. */
function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Where the system has no such files, nothing is known to be one. */
function isZombie(pid: number): boolean {
  try {
    return /^State:\s*[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/**
 * Removes the lock of a `pulumi` that was killed on this machine; a lock that somebody holds is an error that says who.
 * Pulumi's file backend leaves such locks behind; other backends end them by themselves.
 */
export function clearStaleLock(workspace: Workspace, stack: string, report: Report): void {
  const backend = fileBackend(workspace);
  if (!backend) return;
  const dir = join(backend, "locks/organization/odoo-stacks", stack);
  let files: string[];
  try {
    // Beside each lock stands a file with its attributes, `….json.attrs`.
    files = readdirSync(dir).filter((file) => file.endsWith(".json"));
  } catch {
    return; // Nobody has ever locked it.
  }
  for (const file of files) {
    const lock = JSON.parse(readFileSync(join(dir, file), "utf8")) as Lock;
    if (lock.hostname === hostname() && !alive(lock.pid)) {
      report(`Removing the lock that process ${lock.pid} left behind at ${lock.timestamp}: it is gone.`);
      for (const gone of [file, `${file}.attrs`]) rmSync(join(dir, gone), { force: true });
      continue;
    }
    throw new UserError(`The stack ${stack} is in use.`, [
      {
        path: join(dir, file),
        expected: "no other command on this stack",
        found: `held by ${lock.username}@${lock.hostname}, process ${lock.pid}, since ${lock.timestamp}`,
        hint: `Wait for it. If it is gone for certain: pulumi cancel -s ${stack}`,
      },
    ]);
  }
}
