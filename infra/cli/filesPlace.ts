import { createVolume, onEngine, volumeFolder } from "../commands/docker";
import { odooUser } from "../commands/odooConf";
import { step as sharedFolder } from "../commands/steps/sharedFolder";
import { UserError } from "../core/errors";
import { attempt, run } from "../core/exec";
import { labels, type Role } from "../core/labels";
import type { Report } from "../core/report";
import { releasesVolume } from "../operator/client";
import type { PlannedMove } from "./filesMove";

/**
 * Makes the place that an environment's files are about to go to: its volumes, as the environment's program declares them, and
 * the records' volume beside them. Where the files are to be shared, all web machines must have the same folder, and nobody
 * else's files in it.
 * @param image ID of the operator's image, which the machines have.
 */
export async function makePlace(stack: string, move: PlannedMove, image: string, report: Report): Promise<void> {
  const { path, to, from, web } = move;
  const [{ dockerHost }] = web;
  const known = await attempt(onEngine(dockerHost, volumeFolder(to.volume)), { timeoutSeconds: 30 });
  const isThere = known.exitCode === 0;
  if (isThere && known.stdout.trim() !== (path ?? "")) throw otherVolume(to.volume, known.stdout.trim(), path);
  if (path !== undefined && !from.shared) {
    report(`Looking whether ${path} is the same folder on ${web.map(({ name }) => name).join(", ")}.`);
    await sharedFolder.apply({ machines: [...web], path, image, ...odooUser }, report, undefined);
    // One that has been theirs before is empty no longer.
    if (!isThere) await requireEmpty(dockerHost, path, image);
  }
  if (!isThere) await make(dockerHost, stack, to.volume, "filestore", path);
  const records = releasesVolume(stack);
  const inspect = onEngine(dockerHost, ["docker", "volume", "inspect", records]);
  if ((await attempt(inspect, { timeoutSeconds: 30 })).exitCode !== 0)
    await make(dockerHost, stack, records, "releases");
}

async function make(dockerHost: string, stack: string, volume: string, role: Role, path?: string): Promise<void> {
  await run(onEngine(dockerHost, createVolume(volume, labels(stack, role), path)), { timeoutSeconds: 30 });
}

/** What file systems and storage put into a folder by themselves. */
const notFiles = /^(lost\+found|\.snapshots?|\.odoo-stacks-.*)$/;

async function requireEmpty(dockerHost: string, path: string, image: string): Promise<void> {
  const mount = ["--mount", `type=bind,source=${path},target=/shared,readonly`];
  const argv = ["docker", "run", "--rm", "--network", "none", ...mount, "--entrypoint", "ls", image, "-A", "/shared"];
  const names = (await run(onEngine(dockerHost, argv), { timeoutSeconds: 60 })).split("\n").filter(Boolean);
  const found = names.filter((name) => !notFiles.test(name));
  if (found.length === 0) return;
  throw new UserError("The files can't go where the configuration has them.", [
    {
      path: "filestore.path",
      expected: "an empty folder, or the one that the files have been in before",
      found: `${path} with ${found.slice(0, 5).join(", ")}`,
      hint: "Give the environment a folder of its own.",
    },
  ]);
}

const otherVolume = (volume: string, found: string, path?: string): UserError =>
  new UserError("The files can't go where the configuration has them.", [
    {
      path: "filestore.path",
      expected: found
        ? `"${found}", the folder of the volume ${volume}`
        : `nothing: ${volume} is a volume of Docker's own`,
      found: path === undefined ? "nothing" : `"${path}"`,
      hint: `If nothing in it is needed: docker volume rm ${volume}, on that machine.`,
    },
  ]);
