import { loadConfig } from "../../infra/config/load";
import type { PlatformConfig } from "../../infra/config/schema";
import type { Billed } from "../../infra/cost/line";
import { awsMachines } from "../../infra/programs/awsPlatform";
import { deployPlatform } from "../../infra/programs/platform";
import { record, type Recording } from "./mocks";

/** A public key; nobody has the private one. */
export const publicKey = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${"a".repeat(43)} ada@laptop`;

/** Names that lead to a platform; with several web machines it can't be without. */
export const dns = { zone: "example.com", domains: ["odoo.example.com", "*.staging.example.com"] };

/** Configuration of a platform of target `aws` as Pulumi hands it over, from the least one and what is written here. */
export function writtenForAws(aws: object = {}, more: Record<string, unknown> = {}): Record<string, string> {
  const proxy = { bind: "0.0.0.0", httpPort: 80, httpsPort: 443 };
  const least = more.topology === "load-balanced-production" ? { dns } : {};
  const groups = { aws: { region: "eu-central-1", publicKey, ...least, ...aws }, proxy, ...more };
  const entries = Object.entries(groups).map(([key, value]) => [
    ...[key, typeof value === "string" ? value : JSON.stringify(value)],
  ]);
  return { kind: "platform", target: "aws", ...(Object.fromEntries(entries) as Record<string, string>) };
}

/** The stack that is recorded. */
export const awsStack = "acme-platform";

/**
 * Declares a platform of target `aws`.
 * @param aws What differs from the least configuration, in its part `aws`.
 * @param more What differs elsewhere.
 * @param before What its stack exports already.
 */
export function declareOnAws(
  aws: object = {},
  more: Record<string, unknown> = {},
  before: Record<string, unknown> = {},
): Promise<Recording> {
  return declareWritten(writtenForAws(aws, more), before);
}

/** What AWS would bill for a platform, as far as its program declares it. */
export async function recordedBill(written: Readonly<Record<string, string>>): Promise<Billed[]> {
  const platform = await declareWritten(written);
  return platform.resources
    .filter(({ type }) => type.startsWith("aws:"))
    .map(({ type, name, inputs, provider = "" }) => ({
      ...{ urn: `urn:pulumi:${awsStack}::odoo-stacks::${type}::${name}`, type, name, inputs },
      region: platform.named(provider).inputs.region as string,
    }));
}

function declareWritten(
  written: Readonly<Record<string, string>>,
  before: Record<string, unknown> = {},
): Promise<Recording> {
  const config = loadConfig(written, []) as PlatformConfig;
  return record(() => deployPlatform(awsStack, config, (...given) => awsMachines(...given, "x64")), {
    stack: awsStack,
    stacks: { [awsStack]: before },
  });
}
