import * as pulumi from "@pulumi/pulumi";

/** A permission, as IAM writes it: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html */
export interface Statement {
  readonly Action: readonly string[];
  readonly Resource: pulumi.Input<string> | readonly pulumi.Input<string>[];
}

const version = "2012-10-17";

/** A policy that allows something, and nothing else. */
export const policy = (statements: readonly Statement[]): pulumi.Output<string> =>
  pulumi.jsonStringify({
    Version: version,
    Statement: statements.map((statement) => ({ Effect: "Allow", ...statement })),
  });

/** A policy that lets a service of AWS act in a role. */
export const trustedBy = (service: string): string =>
  JSON.stringify({
    Version: version,
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
  });
