import type { Platform } from "../config/platformOutput";
import { isRemote, machineOf } from "../ssh/machine";
import { LocalTarget } from "./local";
import { ServerTarget } from "./servers";
import type { Target } from "./target";

export { MachineDown } from "../ssh/failure";
export { LocalTarget } from "./local";
export { ServerTarget } from "./servers";
export type { Target } from "./target";

/**
 * Where an Engine is that a platform's output names.
 * @param name What the platform calls its machine, for messages. @default its address
 */
export function targetAt(dockerHost: string, name?: string): Target {
  if (!isRemote(dockerHost)) return new LocalTarget(dockerHost);
  const machine = machineOf(dockerHost);
  return new ServerTarget({ ...machine, name: name ?? machine.name });
}

/** Where the manager of a platform is, with its Swarm. */
export const managerOf = ({ docker, machines }: Pick<Platform, "docker" | "machines">): Target =>
  targetAt(docker.host, machines.find(({ dockerHost }) => dockerHost === docker.host)?.name);
