import type { PlatformConfig } from "../config/schema";
import { isRemote, machineOf } from "../ssh/machine";
import { LocalTarget } from "./local";
import { ServerTarget } from "./servers";
import type { Target } from "./target";

/** Where the manager of a platform is, as its configuration says. */
export function targetOf({ target, machines }: Pick<PlatformConfig, "target" | "machines">): Target {
  const [manager] = machines;
  return target === "servers" && manager ? new ServerTarget(manager) : new LocalTarget();
}

/** Where an Engine is that a platform's output names. */
export const targetAt = (dockerHost: string): Target =>
  isRemote(dockerHost) ? new ServerTarget(machineOf(dockerHost)) : new LocalTarget(dockerHost);
