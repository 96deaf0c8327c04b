import { exec, onContainer } from "../commands/docker";
import { attempt } from "../core/exec";
import { silent } from "../core/report";
import { formatSize } from "../core/units";
import { type CopyRecord, currentCopy } from "../operator/copy/record";
import { snapshotSpace } from "../operator/snapshot";
import { type KeptSnapshot, keptSnapshots } from "../operator/snapshotsKept";
import { showCommand } from "../operator/client";
import type { Overview } from "../operator/show";
import { mayBeUp } from "./checkpoint";
import { type Container, listContainers } from "./containers";
import { ageText } from "./copyText";
import type { CommonOptions } from "./display";
import { openEnvironment } from "./environment";
import { maintenanceText } from "./maintenanceText";
import type { Watched } from "../operator/watched";
import { watchedText } from "./watchedText";
import { byMachines, useMachines } from "./machines";
import { findStacks, listStacks, machinesOf, type StackFile } from "./stacks";
import { localTime } from "./table";
import { projectDir } from "./workspace";

/** What `status` tells of a stack. */
interface StackStatus {
  readonly stack: string;
  readonly kind: string;
  readonly stage?: string;
  readonly containers: readonly Container[];
  /** Bytes in the database; undefined where no database runs. */
  readonly databaseBytes?: number;
  /** Undefined where users are let in. */
  readonly maintenance?: Overview["maintenance"];
  /** What the logs have told since the last release; undefined where nobody watches them. */
  readonly watched?: Watched;
  /** The copy of another environment that its data is of; undefined where it has data of its own. */
  readonly data?: CopyOrigin;
  /** What is kept beside the database; undefined where no database runs. */
  readonly disk?: DiskUse;
  /** Machines that do not answer; of the first of the stacks that are on the same ones. @default none */
  readonly away?: readonly string[];
  /** Why its machines could not be asked; undefined where they were. */
  readonly problem?: string;
}

/** What of the disk an environment's database takes beside its own files. Sizes in bytes. */
interface DiskUse {
  /** Copies that are kept: of sets, and what copies of other environments have replaced. Where blocks are shared, they take less. */
  readonly kept: readonly KeptSnapshot[];
  readonly free: number;
}

/** Where data that was copied is from. */
type CopyOrigin = Pick<CopyRecord, "id" | "source" | "dataFrom">;

/**
 * Shows what runs of each stack, on whichever machines, how it fares and how much its database holds. Exits with 1 when something is
 * unwell, or could not be asked.
 */
export async function status(name: string | undefined, options: CommonOptions): Promise<void> {
  const project = projectDir();
  const known = listStacks(project);
  const groups = byMachines(name ? findStacks(project, name) : known, known);
  const all: StackStatus[] = [];
  // One after the other: this process asks the machines of one platform at a time.
  for (const group of groups) {
    const asked = statusOf(group, known);
    // Of what is elsewhere, something can be told all the same.
    const told = groups.length === 1 ? asked : asked.catch((error: unknown) => notAsked(group, error));
    all.push(...(await told));
  }
  if (options.json) console.log(JSON.stringify(all));
  else all.forEach(show);
  const unwell = ({ containers, problem, away = [] }: StackStatus) =>
    problem !== undefined ||
    away.length > 0 ||
    containers.some(({ state, status: text }) => state !== "running" || /unhealthy/.test(text));
  if (all.some(unwell)) process.exitCode = 1;
}

/** What runs of stacks that are on the same machines. */
async function statusOf(stacks: readonly StackFile[], known: readonly StackFile[]): Promise<readonly StackStatus[]> {
  const platform = ({ kind, platform: on }: StackFile) => known.find(({ name }) => kind !== "platform" && name === on);
  const [first] = stacks;
  if (!first) return [];
  // Machines elsewhere need not be there before the first `up`.
  const on = platform(first) ?? first;
  if (machinesOf(on, known).length > 0 && !mayBeUp(projectDir(), on.name)) {
    return stacks.map(({ name: stack, kind, stage }) => ({ stack, kind, stage, containers: [] }));
  }
  const { away, operatorHost } = await useMachines(on, known);
  const containers = await listContainers();
  const each = stacks.map(async ({ name: stack, kind, stage, source }): Promise<StackStatus> => {
    // An operator that has ended stays for its record, until the next release.
    const own = containers.filter(
      ({ stack: of, role, state }) =>
        of === stack && !["job", "watch"].includes(role) && (role !== "operator" || state === "running"),
    );
    // Containers that Swarm has replaced stay for their logs.
    const current = own.filter(
      ({ role, state }) => state === "running" || !own.some((c) => c.role === role && c.state === "running"),
    );
    const postgres = current.find(({ role, state }) => role === "postgres" && state === "running");
    const client = current.find(({ role, state }) => role === "postgres-client" && state === "running");
    const reached = postgres ?? client;
    const gate = current.find(({ role, state }) => role === "gate" && state === "running");
    const watch = containers.find((container) => container.stack === stack && container.role === "watch");
    const [databaseBytes, maintenance, watched, data, disk] = await Promise.all([
      reached && databaseSize(reached.id),
      gate && maintenanceAt(gate.id),
      watch && lastSaid(watch.id),
      source !== undefined && reached !== undefined ? originOf(stack, operatorHost(stack)) : undefined,
      postgres && diskUse(postgres.id),
    ]);
    const found = { stack, kind, stage, containers: current, databaseBytes, maintenance, watched, data, disk };
    return stack === first.name && away.length > 0 ? { ...found, away } : found;
  });
  return Promise.all(each);
}

function notAsked(stacks: readonly StackFile[], error: unknown): readonly StackStatus[] {
  const problem = error instanceof Error ? error.message : String(error);
  return stacks.map(({ name: stack, kind, stage }) => ({ stack, kind, stage, containers: [], problem }));
}

async function databaseSize(container: string): Promise<number | undefined> {
  // On RDS there is one that nobody may look into.
  const query = "SELECT sum(pg_database_size(oid)) FROM pg_database WHERE has_database_privilege(oid, 'CONNECT')";
  const argv = onContainer(container, (id) => [
    ...["docker", "exec", "--user", "postgres", id, "psql", "-AtX", "-c", query],
  ]);
  const { exitCode, stdout } = await attempt(argv, { timeoutSeconds: 20 });
  return exitCode === 0 ? Number(stdout.trim()) : undefined;
}

/** What the gate knows of the maintenance that it stands there for. */
async function maintenanceAt(gate: string): Promise<Overview["maintenance"]> {
  const { exitCode, stdout } = await attempt(exec(gate, showCommand), { timeoutSeconds: 20 });
  return exitCode === 0 ? (JSON.parse(stdout) as Overview).maintenance : undefined;
}

/** What a watch has told last; also one that has ended, until the next release. */
async function lastSaid(watch: string): Promise<Watched | undefined> {
  const { stdout } = await attempt(
    onContainer(watch, (id) => ["docker", "logs", "--tail", "1", id]),
    { timeoutSeconds: 20 },
  );
  return stdout.startsWith("{") ? (JSON.parse(stdout) as Watched) : undefined;
}

/** What is kept beside a database; undefined where its container can't be asked. */
async function diskUse(postgres: string): Promise<DiskUse | undefined> {
  const database = { container: () => Promise.resolve(postgres) };
  try {
    const [kept, { free }] = await Promise.all([keptSnapshots(database), snapshotSpace(database)]);
    return { kept, free };
  } catch {
    return undefined;
  }
}

/** The copy that a stack's data is of; undefined where it is none, or can't be asked about. */
async function originOf(stack: string, dockerHost?: string): Promise<CopyOrigin | undefined> {
  const { operator } = await openEnvironment(stack, silent, dockerHost);
  // Its machine may be down.
  const known = await operator.overview().catch(() => undefined);
  const current = currentCopy(known?.copies ?? []);
  return current && { id: current.id, source: current.source, dataFrom: current.dataFrom };
}

function show(found: StackStatus): void {
  const { stack, kind, stage, containers, databaseBytes, maintenance, watched, data, disk, away = [], problem } = found;
  const isUp = containers.length > 0 ? "" : problem === undefined ? ": not up" : ": not asked";
  console.log(`${stack} (${stage ?? kind})${isUp}`);
  for (const line of problem?.split("\n") ?? []) console.log(`  ${line}`);
  for (const { role, status: text } of containers) console.log(`  ${role.padEnd(12)} ${text}`);
  for (const machine of away) console.log(`  ${"machine".padEnd(12)} ${machine} does not answer`);
  if (databaseBytes !== undefined) console.log(`  ${"database".padEnd(12)} ${(databaseBytes / 1e6).toFixed(0)} MB`);
  if (disk) {
    const bytes = disk.kept.reduce((sum, copy) => sum + copy.bytes, 0);
    const kept = disk.kept.length > 0 ? `${disk.kept.length} kept copies of ${formatSize(bytes)}, ` : "";
    console.log(`  ${"disk".padEnd(12)} ${kept}${formatSize(disk.free)} free`);
  }
  if (data) {
    const age = `${ageText(data.dataFrom, new Date())} old`;
    console.log(`  ${"data".padEnd(12)} copy of ${data.source}, ${age} (${localTime(data.dataFrom)})`);
  }
  if (watched) {
    const more = watched.errors > 0 ? ` (npx odoo-stacks history -s ${stack})` : "";
    console.log(`  ${"release".padEnd(12)} ${watchedText(watched)}${more}`);
  }
  if (maintenance) console.log(`  ${"maintenance".padEnd(12)} ${maintenanceText(maintenance)}`);
}
