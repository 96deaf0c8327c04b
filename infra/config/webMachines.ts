import type { Problem } from "../core/errors";
import type { PlatformConfig } from "./schema";

type WebMachines = Pick<PlatformConfig, "target" | "topology" | "webMachines" | "machines">;

/** As many web machines as load-balanced production has where its stack does not say. */
const usual = 2;

/** How many machines answer production's requests. */
export function webMachinesOf({ target, topology, webMachines, machines }: WebMachines): number {
  if (topology !== "load-balanced-production") return 1;
  if (target === "servers") return machines.filter(({ roles = [] }) => roles.includes("production")).length;
  return webMachines ?? usual;
}

/** Only one topology has several, and where machines are listed these are counted. */
export function webMachineRules({ target, topology, webMachines }: WebMachines): Problem[] {
  if (webMachines === undefined) return [];
  if (topology === "load-balanced-production" && target !== "servers") return [];
  return [
    {
      path: "webMachines",
      expected:
        topology === "load-balanced-production"
          ? "nothing with target servers: the machines with the role production are counted"
          : "nothing unless topology is load-balanced-production",
      found: `${webMachines} with ${target === "servers" && topology === "load-balanced-production" ? `target "${target}"` : `topology "${topology}"`}`,
      hint:
        topology === "load-balanced-production"
          ? "Take webMachines out."
          : "Write topology: load-balanced-production, or take webMachines out.",
    },
  ];
}
