import type { MachineFacts, Platform } from "./platformOutput";
import type { PlatformConfig, StackConfig } from "./schema";

/**
 * Reads a stack's configuration: checks every key and fills in every default.
 *
 * @param raw The project's own configuration as Pulumi hands it over: keys without namespace, values as text, nested
 *   objects as JSON.
 * @param secretKeys Keys of `raw` that Pulumi holds as secrets; their values never appear in an error.
 * @param platform The platform an environment is placed on, once known: its machine and proxy are then part of the check.
 * @throws UserError with every problem found.
 */
export declare function loadConfig(raw: Readonly<Record<string, string>>, secretKeys: readonly string[], platform?: Platform): StackConfig;

/**
 * The machine to plan with: what Docker reports, or less where the configuration says so.
 *
 * @throws UserError when the configuration names more than the machine has.
 */
export declare function plannedMachine(config: PlatformConfig, reported: MachineFacts): Platform["machine"];
