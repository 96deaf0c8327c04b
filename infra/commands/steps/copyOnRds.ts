import { author } from "../../operator/author";
import { newId, OperatorClient } from "../../operator/client";
import { weights } from "../../operator/copy/argv";
import { type RdsCopyPlan, rdsCopyMounts } from "../../operator/copy/rdsPlan";
import type { StepModule } from "../step";
import { copied, type CopyInput, type CopyResult, passwordHash, requireVolume, volumeOfFiles } from "./copy";

/** What is secured; everything of the plan that is not known only when it begins. */
export interface CopyOnRdsInput extends Omit<CopyInput, "plan"> {
  readonly plan: Omit<RdsCopyPlan, "version" | "id" | "author" | "secure"> & Pick<CopyInput["plan"], "secure">;
}

/**
 * Has the operator bring the files of another environment, and secure the copy of its database that was restored on RDS. Another
 * instance (`key`) is secured anew; any other change of the input does nothing.
 */
export const step: StepModule<CopyOnRdsInput, CopyResult> = {
  async apply({ dockerHost, sourceHost, hasPeers, operator, adminPassword, plan }, report, before) {
    if (before?.key === plan.key) return before;
    const admin = { ...plan.secure.admin, passwordHash: passwordHash(adminPassword) };
    const whole: RdsCopyPlan = {
      ...{ version: 1, id: newId(), author: await author(), ...plan },
      secure: { ...plan.secure, admin },
    };
    const client = new OperatorClient(operator, plan.stack, { dockerHost, hasPeers });
    // Gives way to production, which may be on this machine.
    const more = { mounts: rdsCopyMounts(plan), options: weights, input: JSON.stringify(whole) };
    await requireVolume(volumeOfFiles({ sourceHost, plan }));
    return copied(plan, client.run(plan.volumes, ["copy-on-rds"], report, more));
  },
  // The database goes with its instance, the files with their volume.
  remove: () => Promise.resolve(),
};
