import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../core/exec";
import type { Report } from "../core/report";
import { DockerEngine } from "../docker/engine";
import type { Image } from "./index";
import { findId } from "./store";

/** Gigabytes over a slow line, in seconds. */
const transferSeconds = 3600;

/**
 * Copies an image from one Engine to another, where it has the same ID: layers that are there already stay at home, so that
 * another version of the modules is a matter of megabytes.
 * @param from The Engine that has it.
 * @param to The Engine that needs it.
 * @throws Error when it did not arrive as it was.
 */
export async function transfer(image: Image, from: DockerEngine, to: DockerEngine, report: Report): Promise<void> {
  if ((await findId(to, image.tag)) === image.id) return;
  const layers = await layersOf(from, image.id);
  const known = sharedLayers(layers, await allLayers(to));
  report(`Copying ${image.tag}: ${layers.length - known} of ${layers.length} layers.`);
  const folder = await mkdtemp(join(tmpdir(), "odoo-stacks-image-"));
  try {
    // Archives name a layer by its content: https://docs.docker.com/reference/cli/docker/image/save/, from Docker 25 on.
    const left = layers.slice(0, known).map((layer) => `--exclude=blobs/sha256/${layer.replace("sha256:", "")}`);
    const unpack = 'set -o pipefail; tag=$1 to=$2; shift 2; docker save "$tag" | tar --extract --directory "$to" "$@"';
    const env = { DOCKER_HOST: from.host };
    await run(["bash", "-c", unpack, "bash", image.tag, folder, ...left], { env, timeoutSeconds: transferSeconds });
    const send = 'set -o pipefail; tar --create --directory "$1" . | gzip --fast | docker --host "$2" load';
    await run(["bash", "-c", send, "bash", folder, to.host], { timeoutSeconds: transferSeconds });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const arrived = await findId(to, image.tag);
  if (arrived !== image.id) throw new Error(`${image.tag} arrived as ${arrived ?? "nothing"}, not as ${image.id}`);
}

const layersFormat = "{{json .RootFS.Layers}}";

async function layersOf(engine: DockerEngine, image: string): Promise<readonly string[]> {
  const argv = ["docker", "image", "inspect", "--format", layersFormat, image];
  return JSON.parse(await engine.run(argv, { timeoutSeconds: 30 })) as string[];
}

/** The layers of each image that an Engine has. */
async function allLayers(engine: DockerEngine): Promise<readonly (readonly string[])[]> {
  const ids = (await engine.run(["docker", "image", "ls", "--quiet", "--no-trunc"], { timeoutSeconds: 30 }))
    .split("\n")
    .filter(Boolean);
  if (ids.length === 0) return [];
  const argv = ["docker", "image", "inspect", "--format", layersFormat, ...new Set(ids)];
  const lines = (await engine.run(argv, { timeoutSeconds: 60 })).split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line) as string[]);
}

/** How many of an image's layers, from the first on, another image shares: a layer counts together with those below it. */
export function sharedLayers(layers: readonly string[], others: readonly (readonly string[])[]): number {
  const shared = others.map((other) => {
    const differs = layers.findIndex((layer, at) => layer !== other[at]);
    return differs === -1 ? layers.length : differs;
  });
  return Math.max(0, ...shared);
}
