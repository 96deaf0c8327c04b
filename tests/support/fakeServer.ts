import type { PlatformMachine } from "../../infra/config/platformOutput";
import type { KnownResource } from "../../infra/programs/ownState";
import { explainFailure } from "../../infra/ssh/failure";
import { dockerHostOf, type Machine } from "../../infra/ssh/machine";
import type { LastPlace } from "../../infra/swarm/knownVolumes";
import type { Place, SwarmNode } from "../../infra/swarm/places";
import type { DataVolume, Target, TargetFacts } from "../../infra/targets/target";

/** What machines of the user's own have, for programs that are recorded. */
export const servers = {
  /** Volumes with data, by the Engine that they are on. */
  volumes: new Map<string, readonly DataVolume[]>(),
  /** What the Swarm's labels say of stacks. */
  places: new Map<string, Partial<Place>>(),
  /** Cores and memory by address; those that are not named here have 4 and 16 GiB. */
  facts: new Map<string, TargetFacts["machine"]>(),
  /** The machines of the Swarm. */
  nodes: [] as readonly SwarmNode[],
  /** Engines that do not answer. */
  silent: new Set<string>(),
  /** What the engine's state has of the stack that is recorded. */
  state: [] as KnownResource[],
  /** Forgets all of it. */
  clear(): void {
    servers.nodes = [];
    servers.state = [];
    servers.silent.clear();
    for (const map of [servers.volumes, servers.places, servers.facts]) map.clear();
  },
  /** A volume that is on a machine. */
  addVolume({ dockerHost }: Pick<PlatformMachine, "dockerHost">, volume: DataVolume): void {
    servers.volumes.set(dockerHost, [...(servers.volumes.get(dockerHost) ?? []), volume]);
  },
  /** A volume that the state has, by its name there. */
  addKnown(name: string, { name: volume, role, folder: device }: DataVolume): void {
    const labels = [{ label: "odoo-stacks.role", value: role }];
    const outputs = { name: volume, labels, ...(device ? { driverOpts: { type: "none", o: "bind", device } } : {}) };
    servers.state.push({ type: "docker:index/volume:Volume", name, outputs });
  },
  /** What the last `up` of a platform exported, as the state has it. */
  addPlatform(stack: string, platform: unknown): void {
    servers.state.push({ type: "pulumi:pulumi:Stack", name: `odoo-stacks-${stack}`, outputs: { platform } });
  },
  /** Where the last `up` of a stack had its data, as the state has it. */
  addLastPlace(stack: string, last: LastPlace): void {
    servers.state.push({
      type: "command:local:Command",
      name: `${stack}-place`,
      outputs: { stdin: JSON.stringify(last) },
    });
  },
};

/** Stands in for a machine that is reached over SSH. */
export class FakeServer implements Target {
  readonly dockerHost: string;

  constructor(private readonly machine: Machine) {
    this.dockerHost = dockerHostOf(machine);
  }

  facts = async (): Promise<TargetFacts> => {
    await this.open();
    const machine = servers.facts.get(this.machine.address) ?? { cores: 4, memoryBytes: 16 * 1024 ** 3 };
    return { machine, dataRoot: "/var/lib/docker" };
  };
  dataVolumes = async (): Promise<readonly DataVolume[]> => {
    await this.open();
    return servers.volumes.get(this.dockerHost) ?? [];
  };
  nodes = async (): Promise<readonly SwarmNode[]> => {
    await this.open();
    return servers.nodes;
  };
  place = async (stack: string): Promise<Place> => {
    await this.open();
    return { shared: false, drained: [], down: [], ...servers.places.get(stack) };
  };
  listenError = (): Promise<undefined> => Promise.resolve(undefined);
  portHolder = (): Promise<undefined> => Promise.resolve(undefined);

  private open(): Promise<void> {
    if (!servers.silent.has(this.dockerHost)) return Promise.resolve();
    return Promise.reject(explainFailure(this.machine, "ssh: connect to host: Connection timed out"));
  }
}
