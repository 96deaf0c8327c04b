import { describe, expect, it } from "vitest";
import { withDenied } from "../../../infra/cli/awsDenied";

const error = (what: string, code: string, said: string) =>
  `creating it: operation error ${what}, https response error StatusCode: 403, RequestID: 1f, api error ${code}: ${said}`;
const user = "arn:aws:iam::123456789012:user/odoo";

describe("what AWS refuses", () => {
  it("is told with the permission that it takes, and who is without it", () => {
    const said = error(
      "SNS: CreateTopic",
      "AccessDenied",
      `User: ${user} is not authorized to perform: sns:CreateTopic on`,
    );
    const told = withDenied(said);
    expect(told.startsWith(said)).toBe(true);
    expect(told).toContain(`  sns:CreateTopic\n    expected: a permission of ${user}\n    found:    AccessDenied\n`);
  });

  it("is told by the operation where AWS does not name the permission", () => {
    const told = withDenied(error("S3: PutBucketPolicy", "AccessDenied", "Access Denied"));
    expect(told).toMatch(/ {2}s3:PutBucketPolicy\n {4}expected: .* AWS profile has/);
  });

  it.each([
    ["EFS: CreateFileSystem", "elasticfilesystem:CreateFileSystem"],
    ["Elastic Load Balancing v2: CreateListener", "elasticloadbalancing:CreateListener"],
    ["CloudWatch Logs: CreateLogGroup", "logs:CreateLogGroup"],
    ["Secrets Manager: GetSecretValue", "secretsmanager:GetSecretValue"],
    ["Route 53: ChangeResourceRecordSets", "route53:ChangeResourceRecordSets"],
  ])("has the service's name as permissions have it: %s", (operation, action) => {
    expect(withDenied(error(operation, "AccessDeniedException", "no"))).toContain(`\n  ${action}\n`);
  });

  it("is told once for each permission, without what only AWS can read", () => {
    const reason = `You are not authorized to perform this operation. User: ${user} is not authorized to perform: ec2:RunInstances with an explicit deny. Encoded authorization failure message: ${"x".repeat(900)}`;
    const told = withDenied([1, 2].map(() => error("EC2: RunInstances", "UnauthorizedOperation", reason)).join("\n"));
    expect(told.match(/^ {2}ec2:RunInstances$/gm)).toHaveLength(1);
    expect(told).toContain("a policy denies it");
    expect(told).not.toContain("xxx");
  });

  it("is nothing where something else failed", () => {
    const said = error("EC2: RunInstances", "VcpuLimitExceeded", "You have requested more.");
    expect(withDenied(said)).toBe(said);
  });
});
