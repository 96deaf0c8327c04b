import type { Problem } from "../core/errors";
import type { PlatformConfig } from "./schema";

/** As many web machines as load-balanced production has where its stack does not say. */
const usual = 2;

/** How many machines answer production's requests. */
export function webMachinesOf({ topology, webMachines }: Pick<PlatformConfig, "topology" | "webMachines">): number {
  return topology === "load-balanced-production" ? (webMachines ?? usual) : 1;
}

/** Only one topology has several. */
export function webMachineRules({
  topology,
  webMachines,
}: Pick<PlatformConfig, "topology" | "webMachines">): Problem[] {
  if (webMachines === undefined || topology === "load-balanced-production") return [];
  return [
    {
      path: "webMachines",
      expected: "nothing unless topology is load-balanced-production",
      found: `${webMachines} with topology "${topology}"`,
      hint: "Write topology: load-balanced-production, or take webMachines out.",
    },
  ];
}
