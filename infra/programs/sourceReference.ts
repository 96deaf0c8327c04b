import * as pulumi from "@pulumi/pulumi";
import { parseSource, type Source } from "../config/sourceOutput";

/**
 * Reads what an environment exports for those that are made from a copy of it.
 * @param name Its stack, within the same organisation and project.
 * @param own The environment that asks, and its platform.
 * @throws UserError when it can't be copied.
 */
export async function readSource(name: string, own: { stack: string; platform: string }): Promise<Source> {
  const full = `${pulumi.getOrganization()}/${pulumi.getProject()}/${name}`;
  const output = await new pulumi.StackReference(name, { name: full }).getOutputDetails("source");
  return parseSource(output.value ?? output.secretValue, name, own);
}
