import type { Report } from "../../core/report";
import { UserError } from "../../core/errors";
import { author } from "../../operator/author";
import { newId, OperatorClient } from "../../operator/client";
import { weights } from "../../operator/copy/argv";
import { carryFiles } from "../../operator/copy/carry";
import { broughtText } from "../../operator/copy/filesElsewhere";
import { type RdsCopyPlan, rdsCopyMounts } from "../../operator/copy/rdsPlan";
import { connect } from "../../ssh/connect";
import { isRemote, machineOf } from "../../ssh/machine";
import type { StepModule } from "../step";
import {
  copied,
  type CopyInput,
  type CopyResult,
  copyFailed,
  passwordHash,
  requireVolume,
  volumeOfFiles,
} from "./copy";

/** What is secured; everything of the plan that is not known only when it begins. */
export interface CopyOnRdsInput extends Omit<CopyInput, "plan"> {
  readonly plan: Omit<RdsCopyPlan, "version" | "id" | "author" | "secure"> & Pick<CopyInput["plan"], "secure">;
}

/**
 * Has the operator bring the files of another environment, and secure the copy of its database that was restored on RDS. Files of
 * another platform it does not reach: they are carried there before. Another instance (`key`) is secured anew; any other change of the
 * input does nothing.
 */
export const step: StepModule<CopyOnRdsInput, CopyResult> = {
  async apply(input, report, before) {
    const { dockerHost, sourceHost, hasPeers, operator, adminPassword, plan } = input;
    if (before?.key === plan.key) return before;
    const admin = { ...plan.secure.admin, passwordHash: passwordHash(adminPassword) };
    const whole: RdsCopyPlan = {
      ...{ version: 1, id: newId(), author: await author(), ...plan },
      secure: { ...plan.secure, admin },
    };
    const client = new OperatorClient(operator, plan.stack, { dockerHost, hasPeers });
    if (plan.source.other) await connectBoth(input);
    await requireVolume(volumeOfFiles({ sourceHost, plan }));
    if (plan.source.other) {
      await client.requireIdle();
      await carry(input, whole, report);
    }
    // Gives way to production, which may be on this machine.
    const more = { mounts: rdsCopyMounts(plan), options: weights, input: JSON.stringify(whole) };
    return copied(plan, client.run(plan.volumes, ["copy-on-rds"], report, more));
  },
  // The database goes with its instance, the files with their volume.
  remove: () => Promise.resolve(),
};

/** Opens connections that all commands share: through Session Manager each would take seconds. */
async function connectBoth({ dockerHost, sourceHost }: CopyOnRdsInput): Promise<void> {
  for (const host of [sourceHost, dockerHost].filter(isRemote)) await connect(machineOf(host));
}

/** Carries the files from the other platform's machine to that of the copy. */
async function carry({ dockerHost, sourceHost, operator }: CopyOnRdsInput, plan: RdsCopyPlan, report: Report) {
  const { platform = "", machine = "", operator: image = "" } = plan.source.other ?? {};
  const name = `${machine} of ${platform}`;
  report(`copy: carrying the files from ${name}`);
  const way = { plan, from: { engine: sourceHost, image }, to: { engine: dockerHost, image: operator } };
  const brought = await carryFiles(way, report).catch((error: unknown) => {
    throw error instanceof UserError
      ? error
      : copyFailed(plan, "files", error instanceof Error ? error.message : String(error));
  });
  report(broughtText(brought, name));
}
