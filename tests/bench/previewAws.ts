import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureEngine } from "../../infra/engine";
import { ensurePlugins } from "../../infra/engine/plugins";
import { repositoryDir } from "../../infra/core/paths";
import { installSimulatedAws, simulationVariables } from "../support/awsProvider/install";
import { withLocalSsh } from "../support/localSsh";
import { awsPlatform } from "../support/platform";
import type { Project } from "../support/project";
import { must, type ShellOptions } from "../support/shell";

/** Previews of what AWS is to make. */
export interface AwsPreviews {
  /** The shipped platform, from nothing. */
  readonly platform: () => Promise<number>;
  /** The shipped production with a database on RDS, from nothing, on a platform that is there. */
  readonly environment: () => Promise<number>;
  /** Removes what they need. */
  readonly remove: () => void;
}

/**
 * Prepares previews of the shipped stacks for AWS by plain Pulumi, with the simulated provider of these tests: nothing is asked of AWS, and what would be
 * asked of a machine over SSH is asked of this one.
 * Each takes its whole time, the engine's with it.
 * @param project The project whose program runs; it gets three stacks more.
 */
export async function awsPreviews(project: Project): Promise<AwsPreviews> {
  const folder = mkdtempSync(join(tmpdir(), "odoo-stacks-aws-preview-"));
  const home = join(folder, "home");
  await ensurePlugins({ ...(await ensureEngine(console.log)), home }, console.log);
  await installSimulatedAws(home);
  const [platform, there, prod] = ["aws-platform", "aws-there", "aws-prod"].map((name) => `${project.name}-${name}`);
  const shipped = (file: string, stack = "") => {
    const text = readFileSync(join(repositoryDir, file), "utf8").replace("platform: platform", `platform: ${there}`);
    writeFileSync(project.stackFile(stack), text);
  };
  shipped("stacks/Pulumi.platform.yaml", platform);
  shipped("docs/aws/prod-b.yaml", prod);
  // Asked for now: how machines are reached is in it where a stack has some.
  const variables = JSON.parse((await project.cli(["env", "--json"])).stdout) as Record<string, string>;
  const PATH = withLocalSsh(folder, variables.PATH);
  const env = { ...project.env, ...variables, PATH, PULUMI_HOME: home, ...simulationVariables({ folder }) };
  const pulumi = (args: readonly string[], more: ShellOptions = {}) =>
    must(["pulumi", ...args, "--non-interactive"], { cwd: project.dir, env, ...more });
  for (const stack of [platform, there, prod]) await pulumi(["stack", "init", stack ?? ""]);
  await pulumi(["stack", "import", "--stack", there ?? ""], { input: JSON.stringify(stateOf(there ?? "")) });
  const preview =
    (stack = "") =>
    async () =>
      (await pulumi(["preview", "--stack", stack])).seconds;
  return {
    platform: preview(platform),
    environment: preview(prod),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The state of a platform that was brought up: what environments read of it. */
const stateOf = (stack: string) => {
  const type = "pulumi:pulumi:Stack";
  const urn = `urn:pulumi:${stack}::odoo-stacks::${type}::odoo-stacks-${stack}`;
  const outputs = { platform: { ...awsPlatform, stack } };
  return { version: 3, deployment: { manifest: {}, resources: [{ urn, type, custom: false, outputs }] } };
};
