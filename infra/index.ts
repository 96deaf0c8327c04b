import * as pulumi from "@pulumi/pulumi";
import { loadConfig } from "./config/load";
import { inheritedSettings, inheritSettings, sourceName } from "./config/inherit";
import type { Platform } from "./config/platformOutput";
import { UserError } from "./core/errors";
import { deployEnvironment } from "./programs/environment";
import { deployPlatform } from "./programs/platform";
import { readPlatform } from "./programs/platformReference";
import { readRawConfig } from "./programs/rawConfig";
import { readSource, type SourceRead } from "./programs/sourceReference";

/** The program of every stack: its config says which kind it is. Returns the stack's outputs. */
export async function program(): Promise<Record<string, unknown>> {
  const { raw, secretKeys } = readRawConfig();
  const stack = pulumi.getStack();
  // Read before the configuration is checked, so that what does not fit the machine is reported with all the rest.
  const platform = await platformOf(raw);
  const read = await sourceOf(raw, stack);
  const whole = read && !(read instanceof UserError) ? inheritSettings(raw, read.source.settings) : raw;
  const config = loadConfig(whole, secretKeys, platform instanceof UserError ? undefined : platform, stack);
  if (config.kind === "platform") return deployPlatform(stack, config);
  if (!platform || platform instanceof UserError) throw platform ?? new Error("an environment without a platform");
  if (read instanceof UserError) throw read;
  const settings = inheritedSettings(whole);
  const secret = secretKeys.some((key) => key in settings);
  return deployEnvironment(stack, config, platform, { ...read, settings: secret ? pulumi.secret(settings) : settings });
}

/** The environment that an environment is to be a copy of, or why it can't be copied; `undefined` where none is named. */
async function sourceOf(raw: Record<string, string>, stack: string): Promise<SourceRead | UserError | undefined> {
  const name = sourceName(raw);
  if (!name || name === stack) return undefined; // The configuration's check tells of the second.
  return readSource(name, { stack, platform: raw.platform ?? "" }).catch((error: unknown) => {
    if (error instanceof UserError) return error;
    throw error;
  });
}

/** The platform that an environment names, or why it can't be used; `undefined` where none is named. */
async function platformOf({ kind, platform: name }: Record<string, string>): Promise<Platform | UserError | undefined> {
  if (kind === "platform" || !name || !/^[\w./-]+$/.test(name)) return undefined;
  return readPlatform(name).catch((error: unknown) => {
    if (error instanceof UserError) return error;
    throw error;
  });
}
