import * as pulumi from "@pulumi/pulumi";
import { loadConfig } from "./config/load";
import { readRawConfig } from "./programs/rawConfig";
import { deployEnvironment } from "./programs/environment";
import { deployPlatform } from "./programs/platform";

/** The program of every stack: its config says which kind it is. Returns the stack's outputs. */
export async function program(): Promise<Record<string, unknown>> {
  const { raw, secretKeys } = readRawConfig();
  const config = loadConfig(raw, secretKeys);
  const stack = pulumi.getStack();
  return config.kind === "platform"
    ? deployPlatform(stack, config)
    : deployEnvironment(stack, config, (platform) => loadConfig(raw, secretKeys, platform));
}
