import type { z } from "zod";
import { environmentSchema } from "./environmentSchema";
import { platformSchema } from "./platformSchema";

export { topologies, targets, type Target, type Topology } from "./capabilities";
export { stages, type Stage } from "./environmentSchema";

/** The schema of every kind of stack. */
export const schemas = { platform: platformSchema, environment: environmentSchema } as const;

/** What a stack declares. */
export type Kind = keyof typeof schemas;

/** Configuration of a stack of kind `platform`, checked, with every default filled in. */
export type PlatformConfig = z.output<typeof platformSchema>;

/** Configuration of a stack of kind `environment`, checked, with every default filled in. */
export type EnvironmentConfig = z.output<typeof environmentSchema>;

/** Configuration of any stack; `kind` tells which. */
export type StackConfig = PlatformConfig | EnvironmentConfig;
