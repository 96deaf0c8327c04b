import type { PlatformMachine } from "../../infra/config/platformOutput";
import { dockerHostOf, type Machine } from "../../infra/ssh/machine";
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
  /** Forgets all of it. */
  clear(): void {
    servers.nodes = [];
    for (const map of [servers.volumes, servers.places, servers.facts]) map.clear();
  },
  /** A volume that is on a machine. */
  addVolume({ dockerHost }: Pick<PlatformMachine, "dockerHost">, volume: DataVolume): void {
    servers.volumes.set(dockerHost, [...(servers.volumes.get(dockerHost) ?? []), volume]);
  },
};

/** Stands in for a machine that is reached over SSH. */
export class FakeServer implements Target {
  readonly dockerHost: string;

  constructor(private readonly machine: Machine) {
    this.dockerHost = dockerHostOf(machine);
  }

  facts = (): Promise<TargetFacts> => {
    const machine = servers.facts.get(this.machine.address) ?? { cores: 4, memoryBytes: 16 * 1024 ** 3 };
    return Promise.resolve({ machine, dataRoot: "/var/lib/docker" });
  };
  dataVolumes = (): Promise<readonly DataVolume[]> => Promise.resolve(servers.volumes.get(this.dockerHost) ?? []);
  nodes = (): Promise<readonly SwarmNode[]> => Promise.resolve(servers.nodes);
  place = (stack: string): Promise<Place> =>
    Promise.resolve({ shared: false, drained: [], ...servers.places.get(stack) });
  listenError = (): Promise<undefined> => Promise.resolve(undefined);
  portHolder = (): Promise<undefined> => Promise.resolve(undefined);
}
