import { join } from "node:path";

import { UserError } from "../core/errors";
import { attempt } from "../core/exec";
import type { Report } from "../core/report";
import { buildGoProgram } from "./build";
import { parsePulumiVersion, pinnedVersion } from "./version";

/** The Go module that pins the engine. */
export const engineModule = join(__dirname, "cli");

/**
 * Builds the engine from Go's module registry; about three minutes on two cores.
 * @param directory Where it goes; `bin/pulumi` beneath it is the executable.
 * @param report Receives progress.
 */
export async function buildEngine(directory: string, report: Report): Promise<readonly string[]> {
  const file = join("bin", "pulumi");
  const program = {
    module: engineModule,
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    output: join(directory, file),
    title: `Pulumi ${pinnedVersion}`,
    // Without it the engine says no version, and the Automation API refuses to work with it.
    variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${pinnedVersion}` },
  };
  await buildGoProgram(program, report);
  await expectVersion(program.output);
  return [file];
}

async function expectVersion(pulumi: string): Promise<void> {
  const { stdout, stderr } = await attempt([pulumi, "version"], { env: { PULUMI_SKIP_UPDATE_CHECK: "true" } });
  if (parsePulumiVersion(stdout) === pinnedVersion) return;
  throw new UserError("The engine was built but does not work.", [
    { path: "pulumi version", expected: `v${pinnedVersion}`, found: (stdout || stderr).trim() },
  ]);
}
