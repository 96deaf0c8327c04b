import { UserError } from "../core/errors";
import { connect, runOn } from "../ssh/connect";
import { configVariable } from "../ssh/config";
import { MachineDown } from "../ssh/failure";
import { dockerHostOf, type Machine } from "../ssh/machine";
import { type Place, placeOf, type SwarmNode, swarmNodes } from "../swarm/places";
import { LocalTarget } from "./local";
import type { DataVolume, Target, TargetFacts } from "./target";

/** A machine of the user's own, reached over SSH. It need not have Docker yet. */
export class ServerTarget implements Target {
  readonly dockerHost: string;
  private readonly engine: LocalTarget;

  constructor(private readonly machine: Machine) {
    this.dockerHost = dockerHostOf(machine);
    this.engine = new LocalTarget(this.dockerHost);
  }

  async facts(): Promise<TargetFacts> {
    await this.open();
    const command = "nproc && awk '/^MemTotal/ { print $2 }' /proc/meminfo";
    const [cores = 0, kilobytes = 0] = (await runOn(this.machine, command, { timeoutSeconds: 30 }))
      .trim()
      .split("\n")
      .map(Number);
    return { machine: { cores, memoryBytes: kilobytes * 1024 }, dataRoot: "/var/lib/docker" };
  }

  async dataVolumes(stack: string): Promise<readonly DataVolume[]> {
    await this.open();
    return this.engine.dataVolumes(stack).catch((error: unknown) => {
      throw error instanceof UserError ? new MachineDown(error.summary, error.problems) : error;
    });
  }

  async nodes(): Promise<readonly SwarmNode[]> {
    await this.open();
    // Before the first `up` there is no Swarm, or no Docker.
    return swarmNodes({ DOCKER_HOST: this.dockerHost }).catch(() => []);
  }

  async place(stack: string): Promise<Place> {
    await this.open();
    return placeOf(stack, await swarmNodes({ DOCKER_HOST: this.dockerHost }));
  }

  async listenError(_: string, port: number): Promise<string | undefined> {
    await this.open();
    const listeners = await runOn(this.machine, `ss -Hltn 'sport = :${port}' 2>/dev/null || true`, {
      timeoutSeconds: 30,
    });
    return listeners.trim() === "" ? undefined : "EADDRINUSE";
  }

  async portHolder(port: number): Promise<string | undefined> {
    await this.open();
    // Without Docker, none of ours.
    return this.engine.portHolder(port).catch(() => undefined);
  }

  private async open(): Promise<void> {
    if (!process.env[configVariable]) {
      throw new UserError("The machines of a platform are reached with settings of their own.", [
        {
          path: configVariable,
          expected: "the variables of this project",
          found: "none",
          hint: 'eval "$(npx odoo-stacks env)", or npx odoo-stacks up STACK',
        },
      ]);
    }
    await connect(this.machine);
  }
}
