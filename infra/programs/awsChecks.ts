import * as pulumi from "@pulumi/pulumi";
import { type AwsKept, keptProblems } from "../config/awsKept";
import type { Architecture } from "../config/awsInstanceTypes";
import type { AwsMachine } from "../config/awsMachines";
import { UserError } from "../core/errors";

/** What Node calls the instruction sets that machines may have. */
const architectures: Readonly<Record<string, Architecture>> = { x64: "amd64", arm64: "arm64" };

/**
 * Fails, before anything changes, when images that are made on this computer would not run on the machines.
 * @param here Its instruction set, as Node names it.
 */
export function requireSameArchitecture(machines: readonly AwsMachine[], here: string): void {
  const own = architectures[here];
  const [machine] = machines;
  if (!machine || own === machine.type.architecture) return;
  throw new UserError("The machines could not run the images.", [
    {
      path: "aws.machines",
      expected: `types for ${own ?? here}, since images are made on this computer and copied`,
      found: `${machine.type.name}, which is for ${machine.type.architecture}`,
      hint: own === "arm64" ? "t4g.medium is one, for every machine." : "t3.medium is one, for every machine.",
    },
  ]);
}

/**
 * Fails, before anything changes, when the configuration would make something anew that has data, or take it away.
 * @param stack The platform's stack, whose own outputs say what it was made with; the first time there are none.
 */
export async function requireKept(stack: string, now: AwsKept): Promise<void> {
  const name = `${pulumi.getOrganization()}/${pulumi.getProject()}/${stack}`;
  const output = await new pulumi.StackReference(`${stack}-before`, { name }).getOutputDetails("aws");
  const before = (output.value ?? output.secretValue) as AwsKept | undefined;
  const problems = before ? keptProblems(before, now) : [];
  if (problems.length > 0) throw new UserError("The platform would lose data, or what leads to it.", problems);
}
