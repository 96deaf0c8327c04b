import { attempt, run } from "../../core/exec";
import { labels } from "../../core/labels";
import { pass } from "../../operator/files/flow";
import { swarmNodes } from "../../swarm/places";
import { type Argv, containersWithLabels, createVolume, inEngine, onContainer, onEngine } from "../docker";
import { stateFile, stateFolder, stateVolume } from "../proxy";
import type { StepModule } from "../step";

/** A proxy that is made beside the first, and where it finds its routes. */
export interface ProxyStateInput {
  /** The platform's stack. */
  readonly stack: string;
  /** ID of the proxy image. */
  readonly image: string;
  /** The first proxy's container, as `inEngine` names it. */
  readonly from: string;
  /** The manager's Engine, as `DOCKER_HOST` names it. */
  readonly manager: string;
  /** What the platform calls the new one's machine. */
  readonly machine: string;
  /** That machine's Engine. */
  readonly dockerHost: string;
  /** ID of its node in the Swarm: a machine that was installed anew has another one, and no state. */
  readonly node: string;
}

const helperName = (stack: string): string => `${stack}-proxy-state`;

/** Makes a container that sees the new volume and never runs: the image has nothing in it that could copy. */
export const helperArgv = ({ stack, image, dockerHost }: ProxyStateInput): Argv =>
  onEngine(dockerHost, [
    ...["docker", "create", "--name", helperName(stack), "--network", "none"],
    ...Object.entries(labels(stack, "job")).flatMap(([key, value]) => ["--label", `${key}=${value}`]),
    ...["--volume", `${stateVolume(stack)}:${stateFolder}`, image],
  ]);

/** Packs a proxy's routes, to standard output. @param container As `inEngine` names it. */
export const packArgv = (container: string): Argv =>
  onContainer(container, (id) => ["docker", "cp", `${id}:${stateFile}`, "-"]);

/** Unpacks them into the new volume, where they keep their owner: the proxy's user, who has to write them again. */
export const unpackArgv = ({ stack, dockerHost }: ProxyStateInput): Argv =>
  onEngine(dockerHost, ["docker", "cp", "-", `${helperName(stack)}:${stateFolder}`]);

/**
 * Makes the volume of a further proxy. One without routes gets those of the first: else it would answer 404 until environments
 * are brought up. On delete the proxy's container and volume go, which on a machine that is gone nobody could remove.
 */
export const step: StepModule<ProxyStateInput, Record<string, never>> = {
  async apply(input, report, before) {
    const { stack, dockerHost, from } = input;
    // A machine may have had another name.
    if (!before) await removeProxy(input);
    const volume = createVolume(stateVolume(stack), labels(stack, "proxy-state"));
    await run(onEngine(dockerHost, volume), { timeoutSeconds: 60 });
    await removeHelper(input);
    await run(helperArgv(input), { timeoutSeconds: 60 });
    try {
      const hasRoutes = await isThere(packArgv(inEngine(dockerHost, helperName(stack))));
      if (!hasRoutes && (await isThere(packArgv(from)))) {
        report(`The proxy on ${input.machine} gets the routes of the first one.`);
        await pass(packArgv(from), unpackArgv(input), [], () => undefined);
      }
    } finally {
      await removeHelper(input);
    }
    return {};
  },

  async remove(input, report) {
    const node = (await swarmNodes({ DOCKER_HOST: input.manager })).find(({ id }) => id === input.node);
    // One that has another name by now has a proxy under that.
    if (node && node.machine !== input.machine) return;
    if (!(await removeProxy(input))) {
      report(`${input.machine} does not answer, and its proxy is forgotten.`);
      return;
    }
    const volume = ["docker", "volume", "rm", "--force", stateVolume(input.stack)];
    await run(onEngine(input.dockerHost, volume), { timeoutSeconds: 60 });
  },
};

/** Removes the container of the platform's proxy on a machine; returns whether the machine answers. */
async function removeProxy({ stack, dockerHost }: ProxyStateInput): Promise<boolean> {
  const filters = Object.entries(labels(stack, "proxy")).map(([key, value]) => `${key}=${value}`);
  const list = onEngine(dockerHost, containersWithLabels(filters, true));
  const { exitCode, stdout } = await attempt(list, { timeoutSeconds: 60 });
  if (exitCode !== 0) return false;
  const ids = stdout.split("\n").filter(Boolean);
  if (ids.length > 0) await run(onEngine(dockerHost, ["docker", "rm", "--force", ...ids]), { timeoutSeconds: 60 });
  return true;
}

const removeHelper = ({ stack, dockerHost }: ProxyStateInput) =>
  attempt(onEngine(dockerHost, ["docker", "rm", "--force", helperName(stack)]), { timeoutSeconds: 60 });

/** Whether what is to be packed is there. */
async function isThere(pack: Argv): Promise<boolean> {
  const { exitCode, stderr } = await attempt(pack, { timeoutSeconds: 60 });
  if (exitCode !== 0 && !/could not find the file/i.test(stderr)) throw new Error(stderr.trim());
  return exitCode === 0;
}
