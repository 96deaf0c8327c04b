import { pbkdf2Sync, randomBytes } from "node:crypto";
import { attempt } from "../../core/exec";
import { UserError } from "../../core/errors";
import { author } from "../../operator/author";
import { newId, OperatorClient } from "../../operator/client";
import { weights } from "../../operator/copy/argv";
import { copyMounts, type CopyPlan } from "../../operator/copy/plan";
import type { CopyRecord } from "../../operator/copy/record";
import type { StepModule } from "../step";

/** What is copied; everything of the plan that is not known only when it begins. */
export interface CopyInput {
  /** The Engine of the machine with the own files, as `DOCKER_HOST` names it. */
  readonly dockerHost: string;
  /** The Engine of the machine that the source's files are read on. */
  readonly sourceHost: string;
  /** Whether the platform has other machines. */
  readonly hasPeers: boolean;
  /** ID of the operator's image. */
  readonly operator: string;
  /** The administrator's password in the copy; a secret. */
  readonly adminPassword: string;
  readonly plan: Omit<CopyPlan, "version" | "id" | "author" | "secure"> & {
    readonly secure: Omit<CopyPlan["secure"], "admin"> & { readonly admin: { login: string; email?: string } };
  };
}

/** What there is afterwards: the copy, beside the data or in its place. */
export interface CopyResult {
  readonly id: string;
  readonly key: string;
  /** The moment of the source that the data is of, ISO 8601. */
  readonly dataFrom: string;
}

/**
 * Has the operator make a copy of another environment beside the own data, secured. The release that follows switches to it.
 * Another wish (`key`) makes another copy; any other change of the input does nothing.
 */
export const step: StepModule<CopyInput, CopyResult> = {
  async apply({ dockerHost, sourceHost, hasPeers, operator, adminPassword, plan }, report, before) {
    if (before?.key === plan.key) return before;
    const { stack, volumes } = plan;
    const admin = { ...plan.secure.admin, passwordHash: passwordHash(adminPassword) };
    const whole: CopyPlan = {
      version: 1,
      id: newId(),
      author: await author(),
      ...plan,
      secure: { ...plan.secure, admin },
    };
    const client = new OperatorClient(operator, stack, { dockerHost, hasPeers });
    // Gives way to production, which may be on this machine.
    const more = { mounts: copyMounts(plan), options: weights, input: JSON.stringify(whole) };
    await Promise.all(volumesNeeded({ dockerHost, sourceHost, hasPeers, plan }).map(requireVolume));
    return copied(plan, client.run(volumes, ["copy"], report, more));
  },
  // The data is in volumes of the stack, and goes with them.
  remove: () => Promise.resolve(),
};

/**
 * What came of the operator's work.
 * @param answer What it prints.
 * @throws UserError when there is no copy.
 */
export async function copied(plan: Pick<CopyPlan, "source" | "stack">, answer: Promise<string>): Promise<CopyResult> {
  const text = await answer.catch((error: unknown) => {
    throw error instanceof UserError
      ? error
      : copyFailed(plan, "copy", error instanceof Error ? error.message : String(error));
  });
  const made = JSON.parse(text.trim().split("\n").at(-1) ?? "") as CopyRecord | { step: string; reason: string };
  if ("id" in made) return { id: made.id, key: made.key, dataFrom: made.dataFrom };
  throw copyFailed(plan, made.step, made.reason);
}

/**
 * Says at which step a copy has failed.
 * @param reason What was said of it.
 */
export const copyFailed = (
  { source, stack }: Pick<CopyPlan, "source" | "stack">,
  at: string,
  reason: string,
): UserError =>
  new UserError(`The copy of ${source.stack} could not be made. What ${stack} had before is as it was.`, [
    { path: `step ${at}`, expected: "an end without errors", found: reason },
  ]);

/** A volume that has to be there before a copy begins: Docker would make one that is not. */
export interface NeededVolume {
  readonly name: string;
  /** The Engine of the machine that it must be on, as `DOCKER_HOST` names it. */
  readonly dockerHost: string;
  /** Whose data it has. */
  readonly stack: string;
  /** What the machine is called, in a sentence. */
  readonly machine: string;
  /** What to do where it is not there. */
  readonly hint: string;
}

/** The volumes that are mounted for a copy. Of a database that is elsewhere, the operator finds the server. */
export function volumesNeeded(
  input: Pick<CopyInput, "dockerHost" | "sourceHost" | "hasPeers"> & {
    readonly plan: Pick<CopyPlan, "stack" | "source" | "volumes">;
  },
): readonly NeededVolume[] {
  const { dockerHost, hasPeers, plan } = input;
  const { stack, volumes, elsewhere = {} } = plan.source;
  const here = { dockerHost, stack, machine: "this machine", hint: `npx odoo-stacks up ${stack}` };
  // Where there are several machines, the own database may have stayed on another one.
  const own = { ...here, name: plan.volumes.database, stack: plan.stack };
  return [
    ...(elsewhere.database === undefined ? [{ ...here, name: volumes.database }] : []),
    volumeOfFiles(input),
    ...(hasPeers ? [{ ...own, hint: `npx odoo-stacks move-database ${plan.stack}` }] : []),
  ];
}

/** The volume with the source's files. */
export function volumeOfFiles({
  sourceHost: dockerHost,
  plan,
}: Pick<CopyInput, "sourceHost"> & { readonly plan: Pick<CopyPlan, "source"> }): NeededVolume {
  const { stack, volumes, elsewhere, other } = plan.source;
  const machine = other ? `${other.machine} of ${other.platform}` : (elsewhere?.files ?? "this machine");
  return { name: volumes.filestore, dockerHost, stack, machine, hint: `npx odoo-stacks up ${stack}` };
}

/**
 * Checks that a volume is there.
 * @throws UserError when it is not.
 */
export async function requireVolume({ name, dockerHost, stack, machine, hint }: NeededVolume): Promise<void> {
  const env = { DOCKER_HOST: dockerHost };
  const found = await attempt(["docker", "volume", "inspect", name], { env, timeoutSeconds: 30 });
  if (found.exitCode === 0) return;
  throw new UserError(`The data of ${stack} is not on ${machine}.`, [
    { path: `volume ${name}`, expected: "a volume with its data", found: "none", hint },
  ]);
}

/**
 * A password as Odoo keeps it: passlib's PBKDF2 with 600,000 rounds (odoo/addons/base/models/res_users.py), written as in
 * https://passlib.readthedocs.io/en/stable/lib/passlib.hash.pbkdf2_digest.html
 */
export function passwordHash(password: string): string {
  const rounds = 600_000;
  const salt = randomBytes(16);
  const base64 = (bytes: Buffer) => bytes.toString("base64").replaceAll("+", ".").replaceAll("=", "");
  const key = pbkdf2Sync(password, salt, rounds, 64, "sha512");
  return `$pbkdf2-sha512$${rounds}$${base64(salt)}$${base64(key)}`;
}
