import { describe, expect, it } from "vitest";
import { machinesIn } from "../../../infra/cli/listedMachines";
import { awsMachinesOf } from "../../../infra/config/awsMachines";
import { loadConfig } from "../../../infra/config/load";
import { writtenForAws } from "../../support/awsPlatform";

/** What a stack's file says, from what Pulumi hands over. */
const written = (raw: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(raw).map(([key, value]) => [
      `odoo-stacks:${key}`,
      value.startsWith("{") ? (JSON.parse(value) as unknown) : value,
    ]),
  );

describe("the machines of a platform on AWS, by its file", () => {
  it.each([
    [{}, {}],
    [{ cidr: "10.64.0.0/20", zones: ["eu-central-1b", "eu-central-1c"] }, { topology: "split-database" }],
    [{ database: { machine: false } }, { topology: "split-database" }],
    [{ key: "~/.ssh/acme" }, { topology: "load-balanced-production" }],
    [
      { access: "ssh", sshFrom: ["203.0.113.7/32"] },
      { topology: "load-balanced-production", webMachines: "4" },
    ],
  ])("are those that its program declares: %j %j", (aws, more) => {
    const raw = writtenForAws(aws, more);
    const config = loadConfig(raw, []);
    if (config.kind !== "platform" || !config.aws) throw new Error("not a platform on AWS");
    const declared = awsMachinesOf("Acme", { ...config, aws: config.aws });
    const listed = machinesIn("Acme", written(raw));
    const reached = ({ name, address, user, port, roles }: (typeof listed)[number]) => ({
      ...{ name, address, user, port, roles },
    });
    expect(listed.map(reached)).toEqual(declared.map(reached));
    const through = listed.map((machine) => machine.aws?.behind?.privateAddress);
    const expected = declared.map(({ subnet, privateAddress }) =>
      config.aws?.access === "ssh" && subnet === "private" ? privateAddress : undefined,
    );
    expect(through).toEqual(expected);
  });

  it("are found by the platform's tags, in its region and with its profile", () => {
    const [main] = machinesIn("acme", written(writtenForAws({ profile: "erp" })));
    expect(main).toMatchObject({
      address: "main.acme.aws",
      aws: { stack: "acme", region: "eu-central-1", profile: "erp", access: "ssm", behind: undefined },
    });
  });

  it.each<Record<string, string>>([{}, { aws: "{}" }, { aws: '{"region":"eu-central-1","cidr":"10.40.0.0"}' }])(
    "are none while the file does not tell: %j",
    (raw) => {
      expect(machinesIn("acme", written({ target: "aws", ...raw }))).toEqual([]);
    },
  );
});
