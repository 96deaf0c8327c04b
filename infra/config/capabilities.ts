/** The topology classes of a platform, smallest first. */
export const topologies = ["single-host", "split-database", "load-balanced-production"] as const;

/** Where a platform's machines come from. */
export const targets = ["local", "servers", "aws"] as const;

/** How a platform's machines share the work. */
export type Topology = (typeof topologies)[number];

/** What a host, a disk and a load balancer are on a platform. */
export type Target = (typeof targets)[number];
