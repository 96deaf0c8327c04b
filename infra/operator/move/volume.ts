import { type Argv, onEngine } from "../../commands/docker";
import { attempt, run } from "../../core/exec";
import { until } from "../../core/until";
import { managerEnv } from "../../swarm/engines";
import { placeOf, swarmNodes } from "../../swarm/places";
import { engineTo } from "../peers";
import * as argv from "./argv";
import type { MovePlan, MoveSource } from "./plan";
import type { VolumeContent, VolumeWork } from "./work";

/** Containers of Swarm's end within this once it was told, in seconds. */
const releaseSeconds = 120;
/** Removing a large volume, in seconds. */
const removeSeconds = 600;

/** The volume on the machine that a database goes to. */
export class MoveVolume implements VolumeWork {
  constructor(private readonly plan: MovePlan) {}

  async exists(volume: string): Promise<boolean> {
    return (await attempt(this.there(["docker", "volume", "inspect", volume]), { timeoutSeconds: 30 })).exitCode === 0;
  }

  async make({ volume, labels }: MoveSource): Promise<void> {
    await run(this.there(argv.createVolume(volume, labels)), { timeoutSeconds: 60 });
  }

  async look(volume: string): Promise<VolumeContent> {
    const { stack, serverImage, to } = this.plan;
    await removeContainer(engineTo(to), argv.moveNames(stack).copy);
    const look = this.there(argv.lookInto(stack, serverImage, volume));
    const [free = "", file = ""] = (await run(look, { timeoutSeconds: 120 })).trim().split("\n");
    return { free: Number(free), empty: file === "" };
  }

  async remove(volume: string): Promise<void> {
    const { stack, to } = this.plan;
    if (placeOf(stack, await swarmNodes(managerEnv())).database === to) throw new Error(`the database is on ${to}`);
    if (!(await this.exists(volume))) return;
    await until(`the volume ${volume} on ${to} can be removed`, releaseSeconds, async () => {
      await this.removeEnded(volume);
      const remove = this.there(["docker", "volume", "rm", volume]);
      return (await attempt(remove, { timeoutSeconds: removeSeconds })).exitCode === 0;
    });
  }

  /** Swarm keeps containers that have ended for their logs, and they keep their volume. */
  private async removeEnded(volume: string): Promise<void> {
    const list = this.there([
      ...["docker", "ps", "--all", "--quiet", "--no-trunc", "--filter", `volume=${volume}`],
      ...["--filter", "status=exited", "--filter", "status=dead", "--filter", "status=created"],
    ]);
    const ids = (await attempt(list, { timeoutSeconds: 30 })).stdout.split("\n").filter(Boolean);
    if (ids.length > 0) await attempt(this.there(["docker", "rm", ...ids]), { timeoutSeconds: 60 });
  }

  /** A command as it reaches the machine. */
  private there(command: Argv): Argv {
    return onEngine(engineTo(this.plan.to), command);
  }
}

/** Removes a container, if it is there. */
export async function removeContainer(engine: string | undefined, name: string): Promise<void> {
  const remove = ["docker", "rm", "--force", "--volumes", name];
  const { exitCode, stderr } = await attempt(onEngine(engine, remove), { timeoutSeconds: 60 });
  if (exitCode !== 0 && !/no such container|already in progress/i.test(stderr)) throw new Error(stderr.trim());
}
