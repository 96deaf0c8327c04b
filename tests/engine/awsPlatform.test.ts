import * as pulumi from "@pulumi/pulumi";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadConfig } from "../../infra/config/load";
import type { PlatformConfig } from "../../infra/config/schema";
import { awsMachines } from "../../infra/programs/awsPlatform";
import { deployPlatform } from "../../infra/programs/platform";
import { installSimulatedAws, simulationVariables } from "../support/awsProvider/install";
import { World } from "../support/awsProvider/world";
import { PluginStack } from "../support/pluginStack";
import { type Shipped, shippedPlatform } from "../support/shippedPlatforms";

/**
 * The shipped platforms on AWS on the real engine, with the test double of the provider `aws`. Previews are of the whole program, on the
 * real plugins for Docker and commands, which reach nothing in a preview. Nothing could prepare machines that are not there: what is
 * brought up is all that AWS makes, by the same function of the program, and in the place of each command that would go to a machine
 * over SSH there is one that answers as if it had.
 */
let folder: string;
let stack: PluginStack;
let world: World;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "odoo-stacks-aws-platform-"));
  world = new World(folder);
  world.put({
    ...{ type: "aws:route53/zone:Zone", id: "Z0123456789", account: "123456789012", region: "us-east-1" },
    ...{
      name: "example.com",
      inputs: { name: "example.com" },
      outputs: { name: "example.com", zoneId: "Z0123456789" },
    },
  });
  const variables = simulationVariables({ folder });
  stack = await PluginStack.create({ docker: false, install: installSimulatedAws, variables });
});
afterAll(async () => {
  await stack.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** The stack that Pulumi runs. */
const name = "test";
const configOf = (topology: Shipped, aws: object = {}): PlatformConfig => {
  const written = shippedPlatform(topology);
  const groups = { ...(JSON.parse(written.aws ?? "{}") as object), ...aws };
  return loadConfig({ ...written, aws: JSON.stringify(groups) }, []) as PlatformConfig;
};

const whole = (topology: Shipped) => () =>
  deployPlatform(name, configOf(topology), (...given) => awsMachines(...given, "x64"));

/** What a command that would go to a machine answers. */
const answer = JSON.stringify({ docker: "26", system: "Debian", publicKey: "ssh-ed25519 a", hostKey: "ssh-ed25519 b" });

/** All that AWS makes, and stand-ins for commands. */
const made =
  (topology: Shipped, aws: object = {}) =>
  async () => {
    pulumi.runtime.registerStackTransformation(({ type, props, opts }) => {
      if (type !== "command:local:Command") return undefined;
      const standIn = { create: `echo '${answer}'`, update: `echo '${answer}'`, delete: "true" };
      return { props: { ...(props as object), ...standIn }, opts };
    });
    const { outputs } = await awsMachines(name, configOf(topology, aws), "x64");
    return { ...outputs };
  };

/** What has data, or leads to it: by name, with the ID that it has in AWS. */
const keeping = [
  ...[
    "aws:ec2/instance:Instance",
    "aws:ebs/volume:Volume",
    "aws:ec2/eip:Eip",
    "aws:ec2/subnet:Subnet",
    "aws:ec2/vpc:Vpc",
  ],
  ...["aws:efs/fileSystem:FileSystem", "aws:s3/bucket:Bucket", "aws:kms/key:Key", "aws:route53/record:Record"],
];
const kept = (): readonly string[] =>
  keeping.flatMap((type) => stack.kept(type).map(({ urn, id }) => `${urn.split("::").at(-1) ?? ""} ${id ?? ""}`));

describe("a shipped platform on AWS", () => {
  it.each(["A", "B", "C"] as const)("is previewed from nothing: %s", async (topology) => {
    const { changes, steps } = await stack.preview(whole(topology));
    expect(Object.keys(changes)).toEqual(["create"]);
    expect(steps).toContain("create test-main-ec2-instance");
    expect(steps).toContain("create test-proxy-container");
    expect(steps.includes("create test-balancer-balancer")).toBe(topology === "C");
  });

  it("grows from A to B to C, and nothing that is there is made anew", async () => {
    let before: readonly string[] = [];
    for (const topology of ["A", "B", "C"] as const) {
      const { changes, steps } = await stack.up(made(topology));
      expect(Object.keys(changes)).not.toContain("replace");
      // In front of the proxies is a balancer then, and nobody else; its `main` is of a type without CPU credits.
      const expected = ["alarms-machine-credits-main", "security-web-http", "security-web-https"];
      const gone = steps.filter((step) => step.startsWith("delete ")).sort();
      expect(gone).toEqual(topology === "C" ? expected.map((what) => `delete test-${what}`) : []);
      expect(kept()).toEqual(expect.arrayContaining([...before]));
      expect(kept().length).toBeGreaterThan(before.length);
      before = kept();
    }
  });

  it("changes nothing by itself", async () => {
    const { steps } = await stack.up(made("C"));
    const done = steps.filter((step) => !/^(same|read) /.test(step));
    expect(done).toEqual([]);
  });

  it("does not lose what keeps data, unless that was said before", async () => {
    const refused = stack.preview(made("B"));
    await expect(refused).rejects.toThrow(/the platform's filestore[\s\S]*unprotected: \[filestore\]/);
  });

  it("is destroyed when all of that was said, and leaves nothing behind", async () => {
    const unprotected = ["main", "db", "nonprod", "filestore", "balancer", "backups"];
    await stack.up(made("C", { unprotected }));
    await stack.destroy();
    const left = world.all().filter(({ type }) => type !== "aws:route53/zone:Zone");
    expect(left.map(({ type, id }) => `${type} ${id}`)).toEqual([]);
  });
});
