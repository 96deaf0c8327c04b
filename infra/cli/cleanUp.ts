import { labelPrefix } from "../core/labels";
import { silent } from "../core/report";
import { formatSize } from "../core/units";
import { currentCopy } from "../operator/copy/record";
import { confirm } from "./confirm";
import { destroyStacks } from "./destroy";
import type { CommonOptions } from "./display";
import { openEnvironment } from "./environment";
import { age, expired, type Expired } from "./expiry";
import { listStacks } from "./stacks";
import { columns } from "./table";
import { projectDir } from "./workspace";

/** A volume, as far as age and size matter. */
interface Volume {
  readonly stack: string;
  readonly role: string;
  readonly madeAt: Date;
  readonly bytes: number;
}

/**
 * Removes the development environments whose time is over, with their data, after showing them and asking.
 * @throws UserError when nobody agrees.
 */
export async function cleanUpExpired(options: CommonOptions & { yes?: boolean }): Promise<void> {
  const stacks = listStacks(projectDir()).filter(({ kind, expiresAfter }) => kind === "environment" && expiresAfter);
  const volumes = stacks.length > 0 ? await listVolumes() : [];
  const aging = await Promise.all(
    stacks.map(async ({ name, stage, expiresAfter, source }) => {
      const volume = volumes.find((one) => one.stack === name && one.role === "postgres-data");
      const madeAt = volume && ((source ? await copiedAt(name) : undefined) ?? volume.madeAt);
      return { stack: name, stage, expiresAfter, madeAt };
    }),
  );
  const over = expired(aging, new Date());
  const found = over.map((one) => ({ ...one, bytes: sizeOf(one.stack, volumes) }));
  if (!options.json) show(found);
  if (found.length > 0) {
    const what = `This removes ${over.map(({ stack }) => stack).join(", ")} with all data.`;
    if (!options.yes) await confirm({ what, command: "npx odoo-stacks clean-up --yes" });
    await destroyStacks(
      stacks.filter(({ name }) => over.some(({ stack }) => stack === name)),
      options,
    );
  }
  if (options.json) console.log(JSON.stringify({ destroyed: found }));
}

/** When a copy became an environment's data last; undefined where none did. */
async function copiedAt(stack: string): Promise<Date | undefined> {
  const { operator } = await openEnvironment(stack, silent);
  const at = currentCopy((await operator.overview())?.copies ?? [])?.switchedAt;
  return at === undefined ? undefined : new Date(at);
}

const sizeOf = (stack: string, volumes: readonly Volume[]): number =>
  volumes.filter((volume) => volume.stack === stack).reduce((sum, { bytes }) => sum + bytes, 0);

function show(found: readonly (Expired & { bytes: number })[]): void {
  if (found.length === 0) {
    console.log("No development environment is older than its file says (expiresAfter).");
    return;
  }
  const rows = found.map(({ stack, ageSeconds, expiresAfter, bytes }) => [
    ...[stack, age(ageSeconds), expiresAfter, formatSize(bytes)],
  ]);
  for (const line of columns([["environment", "age", "expires after", "data"], ...rows])) console.log(line);
}

/** This project's volumes, with their sizes. The Engine counts their files: seconds where there are many. */
async function listVolumes(): Promise<Volume[]> {
  const { default: Docker } = await import("dockerode");
  const { Volumes } = (await new Docker().df()) as { Volumes: readonly DiskUse[] | null };
  return (Volumes ?? []).flatMap(({ Labels, CreatedAt, UsageData }) => {
    const stack = Labels?.[`${labelPrefix}.stack`];
    const role = Labels?.[`${labelPrefix}.role`] ?? "";
    return stack ? [{ stack, role, madeAt: new Date(CreatedAt), bytes: Math.max(0, UsageData?.Size ?? 0) }] : [];
  });
}

/** A volume in the Engine's answer about its disk. */
interface DiskUse {
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly CreatedAt: string;
  /** -1 where the size is not known. */
  readonly UsageData?: { readonly Size: number } | null;
}
