import { labelPrefix } from "../core/labels";
import { silent } from "../core/report";
import { formatSize } from "../core/units";
import { currentCopy } from "../operator/copy/record";
import { otherEngines } from "../swarm/engines";
import { volumeUse } from "../swarm/socket";
import { confirm } from "./confirm";
import { destroyStacks } from "./destroy";
import type { CommonOptions } from "./display";
import { openEnvironment } from "./environment";
import { age, expired, type Expired } from "./expiry";
import { byMachines, useMachines } from "./machines";
import { listStacks, type StackFile } from "./stacks";
import { columns } from "./table";
import { projectDir } from "./workspace";

/** A volume, as far as age and size matter. */
interface Volume {
  readonly stack: string;
  readonly role: string;
  readonly madeAt: Date;
  readonly bytes: number;
}

/** What was found of environments whose time is over. */
type Found = Expired & { readonly bytes: number };

/**
 * Removes the development environments whose time is over, on whichever machines, with their data, after showing them and asking.
 * @throws UserError when nobody agrees.
 */
export async function cleanUpExpired(options: CommonOptions & { yes?: boolean }): Promise<void> {
  const known = listStacks(projectDir());
  const stacks = known.filter(({ kind, expiresAfter }) => kind === "environment" && expiresAfter);
  const groups = byMachines(stacks, known);
  const found: Found[] = [];
  const unknown: string[] = [];
  for (const group of groups) {
    const asked = expiredOf(group, known);
    if (groups.length === 1) found.push(...(await asked));
    else found.push(...(await asked.catch((error: unknown) => notAsked(group, error, unknown))));
  }
  if (!options.json) show(found, unknown);
  if (found.length > 0) {
    const what = `This removes ${found.map(({ stack }) => stack).join(", ")} with all data.`;
    if (!options.yes) await confirm({ what, command: "npx odoo-stacks clean-up --yes" });
    await destroyStacks(
      stacks.filter(({ name }) => found.some(({ stack }) => stack === name)),
      options,
    );
  }
  if (options.json) console.log(JSON.stringify({ destroyed: found }));
}

/** The environments whose time is over, of those that are on the same machines. */
async function expiredOf(stacks: readonly StackFile[], known: readonly StackFile[]): Promise<readonly Found[]> {
  const [first] = stacks;
  if (!first) return [];
  const { operatorHost } = await useMachines(first, known);
  const volumes = await listVolumes();
  const aging = stacks.map(async ({ name, stage, expiresAfter, source }) => {
    const volume = volumes.find((one) => one.stack === name && one.role === "postgres-data");
    const copied = volume && source ? await copiedAt(name, operatorHost(name)) : undefined;
    return { stack: name, stage, expiresAfter, madeAt: copied ?? volume?.madeAt };
  });
  const over = expired(await Promise.all(aging), new Date());
  return over.map((one) => ({ ...one, bytes: sizeOf(one.stack, volumes) }));
}

/** Environments on machines that can't be asked stay; what is elsewhere may go all the same. */
function notAsked(stacks: readonly StackFile[], error: unknown, unknown: string[]): readonly Found[] {
  const [line = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
  unknown.push(`${stacks.map(({ name }) => name).join(", ")}: not looked at. ${line}`);
  return [];
}

/** When a copy became an environment's data last; undefined where none did. */
async function copiedAt(stack: string, dockerHost?: string): Promise<Date | undefined> {
  const { operator } = await openEnvironment(stack, silent, dockerHost);
  const at = currentCopy((await operator.overview())?.copies ?? [])?.switchedAt;
  return at === undefined ? undefined : new Date(at);
}

const sizeOf = (stack: string, volumes: readonly Volume[]): number =>
  volumes.filter((volume) => volume.stack === stack).reduce((sum, { bytes }) => sum + bytes, 0);

function show(found: readonly Found[], unknown: readonly string[]): void {
  for (const line of unknown) console.log(line);
  if (found.length === 0) {
    console.log("No development environment is older than its file says (expiresAfter).");
    return;
  }
  const rows = found.map(({ stack, ageSeconds, expiresAfter, bytes }) => [
    ...[stack, age(ageSeconds), expiresAfter, formatSize(bytes)],
  ]);
  for (const line of columns([["environment", "age", "expires after", "data"], ...rows])) console.log(line);
}

/**
 * This project's volumes on the machines in use, with their sizes. Engines count their files: seconds where there are many. What is
 * on another machine that does not answer stays.
 */
async function listVolumes(): Promise<readonly Volume[]> {
  const others = otherEngines().map((engine) => volumeUse(engine).catch(() => []));
  const all = await Promise.all([volumeUse(), ...others]);
  return all.flat().flatMap(({ Labels, CreatedAt, UsageData }) => {
    const stack = Labels?.[`${labelPrefix}.stack`];
    const role = Labels?.[`${labelPrefix}.role`] ?? "";
    return stack ? [{ stack, role, madeAt: new Date(CreatedAt), bytes: Math.max(0, UsageData?.Size ?? 0) }] : [];
  });
}
