import semver from "semver";

import { UserError } from "../core/errors";
import type { Report } from "../core/report";
import { pinnedVersion } from "./version";

/** Where Pulumi's installer comes from; the Automation API fetches the same address. */
const installer = "https://get.pulumi.com/install.sh";
/** How long the address may take to answer: a machine without a way out must not wait for minutes. */
const answerSeconds = 4;
/** How long the whole download may take (130 MB): 15 minutes allow 150 KB/s. */
const downloadSeconds = 15 * 60;

/**
 * Downloads Pulumi's official release, engine and language hosts.
 * @param directory Where it is installed; `bin/pulumi` beneath it is the executable.
 * @param report Receives progress.
 * @throws UserError where it can't be reached, after a few seconds.
 */
export async function downloadEngine(directory: string, report: Report): Promise<readonly string[]> {
  await reach();
  report(`Pulumi ${pinnedVersion}: downloading the official release …`);
  const limit = new Promise<never>((_, reject) => {
    setTimeout(
      () => reject(new Error(`not done after ${downloadSeconds / 60} minutes`)),
      downloadSeconds * 1000,
    ).unref();
  });
  const { PulumiCommand } = await import("@pulumi/pulumi/automation/cmd.js"); // Loaded here: nobody else needs it.
  const install = PulumiCommand.install({ root: directory, version: new semver.SemVer(pinnedVersion) });
  await Promise.race([install, limit]).catch((error: unknown) => {
    throw unreachable((error as Error).message);
  });
  return ["bin/pulumi", "bin/pulumi-language-nodejs"];
}

async function reach(): Promise<void> {
  try {
    const answer = await fetch(installer, { method: "HEAD", signal: AbortSignal.timeout(answerSeconds * 1000) });
    if (!answer.ok) throw new Error(`HTTP status ${answer.status}`);
  } catch (error) {
    const { message, cause } = error as Error;
    throw unreachable(cause instanceof Error ? cause.message : message);
  }
}

function unreachable(found: string): UserError {
  return new UserError("Pulumi's official release could not be downloaded.", [
    { path: installer, expected: `an answer within ${answerSeconds} s and the release`, found },
  ]);
}
