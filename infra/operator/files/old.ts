import { containersWithLabels, onEngine } from "../../commands/docker";
import { UserError } from "../../core/errors";
import { attempt, run } from "../../core/exec";
import { labels } from "../../core/labels";
import type { FilesPlace } from "../../swarm/files";
import { askArgv, operatorName, releasesVolume } from "../client";
import { gateName } from "../maintenance/state";
import { engineOf, readMachines } from "../peers";
import type { ReleaseRecord } from "../plan";
import { watchName } from "../watch";

/** The machine with the files and the records of an environment until they are moved. */
export class OldPlace {
  /** Its Engine; undefined where it is this machine. */
  readonly engine?: string;

  /** @param image ID of the operator's image, which the machine has. */
  constructor(
    private readonly stack: string,
    readonly place: FilesPlace,
    private readonly image: string,
  ) {
    const self = readMachines()?.self;
    this.engine = self === undefined || self === place.machine ? undefined : engineOf(place.machine);
  }

  /** Where its files are; where its records are. */
  readonly files = () => ({ engine: this.engine, volume: this.place.volume });
  readonly records = () => ({ engine: this.engine, volume: releasesVolume(this.stack) });

  /**
   * Makes sure that the volumes are there, because Docker would make others, and that nobody is at work on them.
   * @throws UserError
   */
  async requireReady(): Promise<void> {
    for (const { volume } of [this.files(), this.records()]) {
      const argv = onEngine(this.engine, ["docker", "volume", "inspect", volume]);
      const { exitCode, stderr } = await attempt(argv, { timeoutSeconds: 30 });
      if (exitCode === 0) continue;
      throw new UserError("The files are not where the Swarm's labels have them.", [
        { path: this.place.machine, expected: `the volume ${volume}`, found: stderr.trim() },
      ]);
    }
    if (this.engine === undefined) return;
    const filters = Object.entries(labels(this.stack, "operator")).map(([key, value]) => `${key}=${value}`);
    const working = await run(onEngine(this.engine, containersWithLabels(filters)), { timeoutSeconds: 30 });
    if (working.trim() === "") return;
    throw new UserError(`Another command is at work on ${this.stack}.`, [
      {
        path: operatorName(this.stack),
        expected: "one command at a time",
        found: `one on ${this.place.machine}`,
        hint: "Try again when it has ended.",
      },
    ]);
  }

  /** The releases that it knows of. */
  async history(): Promise<readonly ReleaseRecord[]> {
    const argv = onEngine(this.engine, askArgv(this.image, this.stack, "history"));
    return JSON.parse(await run(argv, { timeoutSeconds: 60 })) as ReleaseRecord[];
  }

  /** Ends the watch of an earlier release there: what it has seen comes with the records. */
  async endWatch(): Promise<void> {
    await this.remove([watchName(this.stack)]);
  }

  /** Removes containers that have ended there; they would keep the volumes from being removed. */
  async clear(): Promise<void> {
    if (this.engine !== undefined)
      await this.remove([operatorName(this.stack), watchName(this.stack), gateName(this.stack)]);
  }

  private async remove(containers: readonly string[]): Promise<void> {
    const argv = onEngine(this.engine, ["docker", "rm", "--force", ...containers]);
    await attempt(argv, { timeoutSeconds: 60 });
  }
}
