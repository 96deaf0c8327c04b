import type { Problem } from "../core/errors";
import { nearest } from "../core/nearest";

/** The topology classes of a platform, smallest first. */
export const topologies = ["single-host", "split-database", "load-balanced-production"] as const;

/** Where a platform's machines come from. */
export const targets = ["local", "servers", "aws"] as const;

/** How a platform's machines share the work. */
export type Topology = (typeof topologies)[number];

/** What a host, a disk and a load balancer are on a platform. */
export type Target = (typeof targets)[number];

/** Which topologies each target offers in this version; a later version only adds to this table. */
const offered: Readonly<Record<Target, readonly Topology[]>> = { local: topologies, servers: topologies, aws: [] };

/**
 * Says what a combination of target and topology lacks in this version.
 *
 * @returns No problem when the combination can be deployed.
 */
export function unavailable(target: Target, topology: Topology): Problem[] {
  const topologiesHere = offered[target];
  if (topologiesHere.includes(topology)) return [];
  const anywhere = targets.filter((name) => offered[name].length > 0);
  if (topologiesHere.length === 0) {
    return [
      {
        path: "target",
        expected: `a target of this version: ${anywhere.join(", ")}`,
        found: `"${target}", which comes with a later version`,
        hint: `Write target: ${anywhere[0] ?? "local"}.`,
      },
    ];
  }
  return [
    {
      path: "topology",
      expected: `a topology that this version has on target "${target}": ${topologiesHere.join(", ")}`,
      found: `"${topology}", which comes with a later version`,
      hint: `Write topology: ${nearest(topology, topologiesHere) ?? topologiesHere[0] ?? "single-host"}; a platform can grow later and keeps its data.`,
    },
  ];
}
