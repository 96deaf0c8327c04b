import { dirname, join } from "node:path";
import type { Argv } from "../../commands/docker";
import { attempt, run } from "../../core/exec";
import type { Report } from "../../core/report";
import { endInFiles, endInOwnFiles, inFiles, inOwnFiles } from "./argv";
import { type Brought, bringFiles } from "./filesElsewhere";
import { requireFilesFit } from "./fit";
import { filesOf, type OriginFolder } from "./origin";
import { copyFolders } from "./plan";
import type { RdsCopyPlan } from "./rdsPlan";
import { incomingFiles } from "./switch";

/** A machine with files. */
export interface FilesMachine {
  /** Its Engine, as `DOCKER_HOST` names it. */
  readonly engine: string;
  /** ID of an image there by which they are read or written: an operator's. */
  readonly image: string;
}

/** Files that are carried from one platform to another. */
export interface Carriage {
  readonly plan: Pick<RdsCopyPlan, "id" | "stack" | "database" | "source" | "volumes">;
  readonly from: FilesMachine;
  readonly to: FilesMachine;
}

/**
 * Carries the source's files from a machine of another platform to the one with the own files, where they wait for the operator. Neither
 * machine has a way to the other one: all of it goes through this process, whose computer reaches both. The source's are mounted for
 * reading alone. When it fails, nothing of it stays; when it is cut off, the next one removes what is left.
 */
export async function carryFiles({ plan, from, to }: Carriage, report: Report): Promise<Brought> {
  const { stack, source, volumes } = plan;
  const there = (command: Argv) => inFiles({ stack, ...from, volume: source.volumes.filestore }, command);
  const here = (command: Argv) => inOwnFiles({ stack, ...to, volume: volumes.filestore }, command);
  const files: Required<OriginFolder> = { ...filesOf(plan, undefined), reach: there };
  const folder = join(incomingFiles(plan.id), "filestore", plan.database);
  await endBoth(stack, from, to);
  try {
    await run(here(["sh", "-ec", 'rm -rf "$1" && mkdir -p "$2"', "sh", waiting, dirname(folder)]));
    await requireFilesFit({ files }, { sharesFiles: false }, here);
    const like = join(copyFolders.own.files, "filestore");
    return await bringFiles(files, { to: folder, like, reach: here }, report);
  } catch (error) {
    await endBoth(stack, from, to);
    const { exitCode, stderr } = await attempt(here(["rm", "-rf", waiting]), { timeoutSeconds: 600 });
    if (exitCode !== 0) report(`Not removed: ${waiting} in the volume ${volumes.filestore}: ${stderr.trim()}`);
    throw error;
  }
}

/** Where copies wait that are not in place. */
const waiting = dirname(incomingFiles("any"));

/** Ends what is at work on the two machines, or was left behind there. */
async function endBoth(stack: string, from: FilesMachine, to: FilesMachine): Promise<void> {
  const both = [endInFiles(stack, from.engine), endInOwnFiles(stack, to.engine)];
  await Promise.all(both.map((argv) => attempt(argv, { timeoutSeconds: 60 })));
}
