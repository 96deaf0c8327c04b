import { build } from "esbuild";
import { chmodSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { packageVersion } from "../../../infra/engine/version";

/** What a run of Pulumi is to find in the simulated AWS. */
export interface Simulation {
  /** The folder with what exists; see world.ts. */
  readonly folder: string;
  /** What fails; see faults.ts. @default nothing */
  readonly fail?: string;
  /** Any text: another one stands for newer machine images. */
  readonly images?: string;
  /**
   * Addresses of servers that stand in for databases on RDS, by a part of the instance's identifier. The test says
   * when each is ready: standIns.ts. @default none; nothing answers
   */
  readonly databases?: Readonly<Record<string, string>>;
}

/**
 * Puts the test double of the plugin `aws` into a home of Pulumi's, which must not be the user's: their own stacks would not reach
 * AWS any more.
 * @param home The engine's home, of a test.
 */
export async function installSimulatedAws(home: string): Promise<void> {
  const version = packageVersion("@pulumi/aws");
  const outfile = join(home, "plugins", `resource-aws-v${version}`, "pulumi-resource-aws");
  mkdirSync(dirname(outfile), { recursive: true });
  const fixed = { _PACKAGE: dirname(require.resolve("@pulumi/aws/package.json")), _VERSION: version };
  const variables = Object.entries(fixed).map(
    ([name, value]) => `process.env.ODOO_STACKS_SIMULATED_AWS${name} = ${JSON.stringify(value)};`,
  );
  await build({
    entryPoints: [join(__dirname, "main.ts")],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    banner: { js: `#!/usr/bin/env node\n${variables.join("\n")}` },
    logLevel: "silent",
  });
  chmodSync(outfile, 0o755);
}

/** Variables that Pulumi runs with for the plugin to see them. */
export const simulationVariables = ({
  folder,
  fail = "",
  images = "",
  databases = {},
}: Simulation): Record<string, string> => ({
  ODOO_STACKS_SIMULATED_AWS_DATABASES: JSON.stringify(databases),
  ODOO_STACKS_SIMULATED_AWS: folder,
  ODOO_STACKS_SIMULATED_AWS_FAIL: fail,
  ODOO_STACKS_SIMULATED_AWS_IMAGES: images,
});
