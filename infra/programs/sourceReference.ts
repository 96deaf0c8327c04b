import * as pulumi from "@pulumi/pulumi";
import type { Platform } from "../config/platformOutput";
import { parseSource, type Source } from "../config/sourceOutput";
import { readPlatform } from "./platformReference";

/** An environment that another one is made from a copy of. */
export interface SourceRead {
  readonly source: Source;
  /** The platform that it is on. @default the platform of the environment that asks */
  readonly sourcePlatform?: Platform;
}

/**
 * Reads what an environment exports for those that are made from a copy of it, and its platform where that is another one.
 * @param name Its stack, within the same organisation and project.
 * @param own The environment that asks, and its platform.
 * @throws UserError when it can't be copied.
 */
export async function readSource(name: string, own: { stack: string; platform: string }): Promise<SourceRead> {
  const full = `${pulumi.getOrganization()}/${pulumi.getProject()}/${name}`;
  const output = await new pulumi.StackReference(name, { name: full }).getOutputDetails("source");
  const source = parseSource(output.value ?? output.secretValue, name, own);
  if (source.platform === own.platform) return { source };
  return { source, sourcePlatform: await readPlatform(source.platform) };
}
