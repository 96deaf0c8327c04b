import * as pulumi from "@pulumi/pulumi";
import { allConfig } from "@pulumi/pulumi/runtime";

/**
 * The project's own part of the stack's configuration, as Pulumi hands it to the program: every key, so that a misspelt
 * one is seen, secrets decrypted.
 */
export function readRawConfig(): { raw: Record<string, string>; secretKeys: string[] } {
  const namespace = `${pulumi.getProject()}:`;
  const own = (key: string) => key.startsWith(namespace);
  const raw = Object.fromEntries(
    Object.entries(allConfig())
      .filter(([key]) => own(key))
      .map(([key, value]) => [key.slice(namespace.length), value]),
  );
  // Set by the engine for every program: https://github.com/pulumi/pulumi, sdk/nodejs/runtime/config.ts.
  const secretKeys = JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS ?? "[]") as string[];
  return { raw, secretKeys: secretKeys.filter(own).map((key) => key.slice(namespace.length)) };
}
