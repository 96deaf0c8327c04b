import * as pulumi from "@pulumi/pulumi";
import { loadConfig } from "./config/load";
import type { Platform } from "./config/platformOutput";
import { UserError } from "./core/errors";
import { deployEnvironment } from "./programs/environment";
import { deployPlatform } from "./programs/platform";
import { readPlatform } from "./programs/platformReference";
import { readRawConfig } from "./programs/rawConfig";

/** The program of every stack: its config says which kind it is. Returns the stack's outputs. */
export async function program(): Promise<Record<string, unknown>> {
  const { raw, secretKeys } = readRawConfig();
  const stack = pulumi.getStack();
  // Read before the configuration is checked, so that what does not fit the machine is reported with all the rest.
  const platform = await platformOf(raw);
  const config = loadConfig(raw, secretKeys, platform instanceof UserError ? undefined : platform);
  if (config.kind === "platform") return deployPlatform(stack, config);
  if (!platform || platform instanceof UserError) throw platform ?? new Error("an environment without a platform");
  return deployEnvironment(stack, config, platform);
}

/** The platform that an environment names, or why it can't be used; `undefined` where none is named. */
async function platformOf({ kind, platform: name }: Record<string, string>): Promise<Platform | UserError | undefined> {
  if (kind === "platform" || !name || !/^[\w./-]+$/.test(name)) return undefined;
  return readPlatform(name).catch((error: unknown) => {
    if (error instanceof UserError) return error;
    throw error;
  });
}
