import { beforeAll, describe, expect, it } from "vitest";
import { agentPolicy, LogGroups, logPatterns } from "../../../../components/monitoring/logGroups";
import { record, type Recording } from "../../../support/mocks";

/** The expression within a pattern, as JavaScript has it: the operators that CloudWatch knows mean the same there. */
const expression = (pattern: string) => new RegExp(/^\{ \$\.log = %(.*)% \}$/.exec(pattern)?.[1] ?? "(?!)");

describe("what counts in the logs", () => {
  const critical = expression(logPatterns.critical);
  const traceback = expression(logPatterns.traceback);

  it("is an entry of level CRITICAL", () => {
    expect("2026-11-25 12:00:00,123 7 CRITICAL acme odoo.modules.registry: Failed\n").toMatch(critical);
    expect("2026-11-25 12:00:00,123 1234 CRITICAL ? odoo.service.server: down\n").toMatch(critical);
  });

  it.each([
    "2026-11-25 12:00:00,123 7 ERROR acme odoo.sql_db: bad query\n",
    '2026-11-25 12:00:00,123 7 INFO acme werkzeug: 203.0.113.7 "GET /CRITICAL HTTP/1.1" 404\n',
    "a note: 2026-11-25 12:00:00,123 7 CRITICAL acme odoo: quoted\n",
  ])("is not %j", (line) => {
    expect(line).not.toMatch(critical);
  });

  it("is the beginning of an exception, not its mention", () => {
    expect("Traceback (most recent call last):\n").toMatch(traceback);
    expect("  Traceback (most recent call last):\n").not.toMatch(traceback);
    expect("no Traceback (most recent call last):\n").not.toMatch(traceback);
  });

  it("is written with what CloudWatch's expressions have: no parentheses, no spaces", () => {
    for (const pattern of Object.values(logPatterns)) {
      expect(expression(pattern).source).toMatch(/^[A-Za-z0-9:_#=@/;,^$?[\]{}|\\*+.-]+$/);
    }
  });
});

describe("log groups", () => {
  let groups: Recording;
  beforeAll(async () => {
    groups = await record(
      () => {
        const { containers, containersArn } = new LogGroups("acme-platform-logs", { platform: "acme-platform" });
        return Promise.resolve({ containers, policy: agentPolicy("acme-platform", containersArn) });
      },
      { stack: "acme-platform" },
    );
  });

  it("keep the containers' logs for a while", () => {
    expect(groups.named("acme-platform-logs-containers").inputs).toMatchObject({
      ...{ name: "/odoo-stacks/acme-platform/containers", retentionInDays: 30 },
    });
    expect(groups.outputs.containers).toBe("/odoo-stacks/acme-platform/containers");
  });

  it("count what is found in them, and 0 where nothing is", () => {
    const filters = groups.ofType("aws:cloudwatch/logMetricFilter:LogMetricFilter").map(({ inputs }) => inputs);
    const transformation = (name: string) => ({
      ...{ namespace: "OdooStacks/acme-platform", name, value: "1", defaultValue: "0", unit: "Count" },
    });
    expect(filters.map(({ metricTransformation }) => metricTransformation)).toEqual([
      ...[transformation("CriticalLogEntries"), transformation("Tracebacks")],
    ]);
  });

  it("may be written to by a machine whose role says so, which may do nothing else", () => {
    const arn = "arn:aws:test:::acme-platform-logs-containers";
    expect((JSON.parse(groups.outputs.policy as string) as { Statement: object[] }).Statement).toEqual([
      {
        ...{ Sid: "Logs", Effect: "Allow" },
        Action: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        Resource: [arn, `${arn}:log-stream:*`],
      },
      {
        ...{ Sid: "Metrics", Effect: "Allow", Action: "cloudwatch:PutMetricData", Resource: "*" },
        Condition: { StringEquals: { "cloudwatch:namespace": "OdooStacks/acme-platform" } },
      },
    ]);
  });
});
