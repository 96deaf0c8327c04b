import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { repositoryDir } from "../../infra/core/paths";
import { installSimulatedAws, simulationVariables } from "../support/awsProvider/install";
import { must } from "../support/shell";

/** The command `cost` on the real engine, with the test double of the provider `aws`. */
let folder: string;
let env: Record<string, string | undefined>;
const cli = (...args: string[]) =>
  must([process.execPath, join(repositoryDir, "infra/cli/bin.cjs"), ...args], { cwd: join(folder, "project"), env });

/** What the project's own programs begin with; without it, Node takes minutes to show an error (prepareSdk.cjs). */
const beginning = `require(${JSON.stringify(join(repositoryDir, "infra/engine/prepareSdk.cjs"))});`;

/** A machine, whose type is a variable's. */
const program = `${beginning}
const aws = require("@pulumi/aws");
new aws.ec2.Vpc("net", { cidrBlock: "10.0.0.0/16" });
new aws.ec2.Instance("main", {
  ami: "ami-1",
  instanceType: process.env.TEST_TYPE,
  rootBlockDevice: { volumeType: "gp3", volumeSize: 20 },
});
new aws.ebs.Volume("data", { availabilityZone: "eu-central-1a", size: 50, type: "gp3" });
`;
const files: Readonly<Record<string, string>> = {
  "Pulumi.yaml": "name: cost\nruntime: { name: nodejs, options: { typescript: false } }\nstackConfigDir: stacks\n",
  "package.json": '{ "main": "index.js", "dependencies": { "@pulumi/pulumi": "*", "@pulumi/aws": "*" } }',
  "index.js": program,
  "stacks/Pulumi.acme-platform.yaml": "config:\n  cost:kind: platform\n  aws:region: eu-central-1\n",
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "odoo-stacks-cost-"));
  for (const part of ["project/stacks", "state", "home", "world"]) mkdirSync(join(folder, part), { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, "project", name), content);
  symlinkSync(join(repositoryDir, "node_modules"), join(folder, "project/node_modules"));
  await installSimulatedAws(join(folder, "home"));
  env = {
    ...process.env,
    ...simulationVariables({ folder: join(folder, "world") }),
    PULUMI_HOME: join(folder, "home"),
    PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "for this test only",
    TEST_TYPE: "t4g.medium",
  };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("tells what a stack would cost before it is there", async () => {
  const { stdout } = await cli("cost", "acme-platform");
  expect(stdout).toMatch(/main +instance t4g\.medium +- +28\.03 +\+28\.03/);
  expect(stdout).toMatch(/total +0\.00 +34\.70 +\+34\.70/);
  expect(stdout).toContain("Free of charge: 1 ec2/vpc.");
});

it("tells what it costs, and what a change would", async () => {
  const { PATH } = JSON.parse((await cli("env", "--json")).stdout) as { PATH: string };
  const up = ["pulumi", "up", "--yes", "--skip-preview", "--stack", "acme-platform"];
  await must(up, { cwd: join(folder, "project"), env: { ...env, PATH } });
  env = { ...env, TEST_TYPE: "m7g.large" };
  const { stdout } = await cli("cost", "-s", "acme-platform", "--json");
  const { before, after, difference, stacks } = JSON.parse(stdout) as {
    before: number;
    after: number;
    difference: number;
    stacks: { rows: { what: string }[] }[];
  };
  expect(before).toBeCloseTo(34.696, 3);
  expect(after).toBeCloseTo(78.058, 3);
  expect(difference).toBeCloseTo(43.362, 3);
  expect(stacks[0]?.rows.map(({ what }) => what)).toContain("instance m7g.large");
});

it("tells what it costs without a preview, whatever the program says by now", async () => {
  writeFileSync(join(folder, "project/index.js"), `${beginning} throw new Error("broken");`);
  expect((await cli("cost", "acme", "--no-preview")).stdout).toMatch(/total +34\.70 +34\.70 +0\.00/);
  await expect(cli("cost", "acme")).rejects.toThrow(/--no-preview tells what it costs now/);
});
