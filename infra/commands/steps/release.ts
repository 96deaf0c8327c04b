import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { UserError } from "../../core/errors";
import { attempt } from "../../core/exec";
import { busy, newId, OperatorClient, operatorName } from "../../operator/client";
import { gateName } from "../../operator/maintenance/state";
import type { ReleasePlan, ReleaseRecord } from "../../operator/plan";
import { watchName } from "../../operator/watch";
import { author } from "../../operator/author";
import { type Gate, gateProblem } from "../../operator/gate";
import { forgetServices } from "../../swarm/proxies";
import type { StepModule } from "../step";

/** What is released; everything of the plan that is not known only when it begins. */
export interface ReleaseInput {
  /** The Engine of the machine that the operator works on, as `DOCKER_HOST` names it. */
  readonly dockerHost: string;
  /** The proxies' containers, each as `inEngine` names it. */
  readonly proxies: readonly string[];
  /** Whether the platform has other machines. */
  readonly hasPeers: boolean;
  /** ID of the operator's image. */
  readonly operator: string;
  /** What another environment must have tried before; undefined where nothing is asked for. */
  readonly gate?: Gate & {
    /** The Engine of the machine with that environment's history. */
    readonly dockerHost: string;
  };
  readonly plan: Omit<ReleasePlan, "version" | "id" | "author" | "configuration" | "override">;
}

/** The release. */
export type ReleaseResult = ReleaseRecord;

/**
 * Hands a release over to the operator on its machine and follows it. What happens then does not depend on this process:
 * interrupted, it is found again by the next `up`, which follows it to its end, or ends it.
 */
export const step: StepModule<ReleaseInput, ReleaseResult> = {
  async apply(input, report) {
    const { stack, volumes, webServices } = input.plan;
    const operator = new OperatorClient(input.operator, stack, input);
    const underWay = await operator.underWay();
    if (underWay) {
      if (!isDeepStrictEqual(underWay.plan.webServices, webServices)) throw busy(underWay);
      report(`Following the release ${underWay.plan.id}, which ${underWay.plan.author.user} began.`);
    } else {
      if (input.gate) await passGate(input.gate, input, operator);
      const plan: ReleasePlan = {
        version: 1,
        id: newId(),
        author: await author(),
        configuration: await configurationOf(stack),
        override: input.gate?.override,
        ...input.plan,
      };
      await operator.start(volumes, ["run", JSON.stringify(plan)]);
    }
    return verdict(await operator.follow(report));
  },

  async remove(input, report) {
    const env = { DOCKER_HOST: input.dockerHost };
    const { stack, routes } = input.plan;
    const containers = [operatorName(stack), gateName(stack), watchName(stack)];
    await attempt(["docker", "rm", "--force", ...containers], { env, timeoutSeconds: 30 });
    const names = routes.map(({ name }) => name);
    await forgetServices(input.proxies, names, report);
  },
};

/** The stack's file as it is now. Its secrets are encrypted. */
async function configurationOf(stack: string): Promise<string> {
  // Commands run in the folder of the program's entry point, beside that of the stacks' files.
  return readFile(join("..", "stacks", `Pulumi.${stack}.yaml`), "utf8").catch(() => "");
}

/**
 * Fails unless the other environment has run the image for long enough, or there is a reason to do without. What this
 * environment itself has run before may always come back.
 */
async function passGate(
  gate: NonNullable<ReleaseInput["gate"]>,
  { plan }: ReleaseInput,
  operator: OperatorClient,
): Promise<void> {
  const own = (await operator.overview())?.history ?? [];
  if (own.some(({ result, image }) => result === "released" && image.id === plan.image.id)) return;
  // With a reason to do without it, its machine may be down.
  const other = gate.override ? undefined : await new OperatorClient(operator.image, gate.requires, gate).overview();
  const problem = gateProblem(gate, plan.image, other?.history ?? [], new Date());
  if (problem) throw new UserError("This version may not be released here yet.", [problem]);
}

/** The record of a release that went well; any other one is an error. */
function verdict(record: ReleaseRecord): ReleaseRecord {
  if (record.result === "released" && record.reason === "") return record;
  throw new UserError(
    record.result === "failed"
      ? "The release failed. The version before serves as it did, with its data."
      : "The new version serves, but its log shows errors.",
    [{ path: `release ${record.id}`, expected: "a release without errors", found: record.reason }],
  );
}
