import { isRemote, machineOf } from "../ssh/machine";
import { LocalTarget } from "./local";
import { ServerTarget } from "./servers";
import type { Target } from "./target";

export { LocalTarget } from "./local";
export { ServerTarget } from "./servers";
export type { Target } from "./target";

/** Where an Engine is that a platform's output names. */
export const targetAt = (dockerHost: string): Target =>
  isRemote(dockerHost) ? new ServerTarget(machineOf(dockerHost)) : new LocalTarget(dockerHost);
