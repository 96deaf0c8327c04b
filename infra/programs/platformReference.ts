import * as pulumi from "@pulumi/pulumi";
import { parsePlatform, type Platform } from "../config/platformOutput";

/**
 * Reads what a platform's stack exports.
 * @param name Its name; within the same organisation and project unless it says more.
 * @throws UserError when it is no platform, or is not up.
 */
export async function readPlatform(name: string): Promise<Platform> {
  const full = name.includes("/") ? name : `${pulumi.getOrganization()}/${pulumi.getProject()}/${name}`;
  const output = await new pulumi.StackReference(name, { name: full }).getOutputDetails("platform");
  return parsePlatform(output.value ?? output.secretValue, name);
}
