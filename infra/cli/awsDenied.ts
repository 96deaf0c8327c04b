import { formatProblem, type Problem } from "../core/errors";

/**
 * What AWS refused, as its provider tells it. AWS names the permission in most answers: "is not authorized to perform: sns:CreateTopic"
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html). Where it does not, the operation has its name,
 * but for a few: S3 says just "Access Denied".
 */
const refusals =
  /operation error (?<service>[\w ]+): (?<operation>\w+), [^\n]*?api error (?<code>UnauthorizedOperation|AccessDenied\w*|Forbidden): (?<said>[^\n]*)/g;

/** Names of services in permissions, where they are not those in errors, in small letters and without spaces. */
const prefixes: Readonly<Record<string, string>> = {
  efs: "elasticfilesystem",
  elasticloadbalancingv2: "elasticloadbalancing",
  cloudwatchlogs: "logs",
};

/** What EC2 adds for who may decode it, thousands of characters: `aws sts decode-authorization-message`. */
const encoded = /,? ?Encoded authorization failure message: [\w-]+/g;

/**
 * Tells which permissions are missing, after what AWS said.
 * @param said The failure, as Pulumi prints it.
 * @returns the same where AWS refused nothing.
 */
export function withDenied(said: string): string {
  const problems = new Map<string, Problem>();
  for (const { groups = {} } of said.matchAll(refusals)) {
    const { service = "", operation = "", code = "", said: reason = "" } = groups;
    const name = service.toLowerCase().replaceAll(" ", "");
    const action =
      /not authorized to perform: ([\w-]+:\w+)/.exec(reason)?.[1] ?? `${prefixes[name] ?? name}:${operation}`;
    const who = /arn:aws[\w-]*:(?:iam|sts)::\d*:[\w+=,.@/-]+/.exec(reason)?.[0];
    problems.set(action, {
      path: action,
      expected: `a permission of ${who ?? "the user or role that the AWS profile has"}`,
      found: /explicit deny/.test(reason) ? `${code}: a policy denies it` : code,
      hint: "Have it added to the policy, then run the same again: it goes on where it ended.",
    });
  }
  if (problems.size === 0) return said;
  const list = [...problems.values()].map(formatProblem).join("\n");
  return `${said.replace(encoded, "")}\nAWS does not allow what this stack needs:\n${list}`;
}
