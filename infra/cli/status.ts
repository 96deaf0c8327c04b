import { exec, onContainer } from "../commands/docker";
import { attempt } from "../core/exec";
import { silent } from "../core/report";
import { formatSize } from "../core/units";
import { type CopyRecord, currentCopy } from "../operator/copy/record";
import { snapshotSpace } from "../operator/snapshot";
import { type KeptSnapshot, keptSnapshots } from "../operator/snapshotsKept";
import { showCommand } from "../operator/client";
import type { Overview } from "../operator/show";
import { type Container, listContainers } from "./containers";
import { ageText } from "./copyText";
import type { CommonOptions } from "./display";
import { openEnvironment } from "./environment";
import { maintenanceText } from "./maintenanceText";
import type { Watched } from "../operator/watched";
import { watchedText } from "./watchedText";
import { findStacks, listStacks } from "./stacks";
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
}

/** What of the disk an environment's database takes beside its own files. Sizes in bytes. */
interface DiskUse {
  /** Copies that are kept: of sets, and what copies of other environments have replaced. Where blocks are shared, they take less. */
  readonly kept: readonly KeptSnapshot[];
  readonly free: number;
}

/** Where data that was copied is from. */
type CopyOrigin = Pick<CopyRecord, "id" | "source" | "dataFrom">;

/** Shows what runs of each stack, how it fares and how much its database holds. Exits with 1 when something is unwell. */
export async function status(name: string | undefined, options: CommonOptions): Promise<void> {
  const project = projectDir();
  const stacks = name ? findStacks(project, name) : listStacks(project);
  const containers = await listContainers();
  const all = await Promise.all(
    stacks.map(async ({ name: stack, kind, stage, source }): Promise<StackStatus> => {
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
      const gate = current.find(({ role, state }) => role === "gate" && state === "running");
      const watch = containers.find((container) => container.stack === stack && container.role === "watch");
      const [databaseBytes, maintenance, watched, data, disk] = await Promise.all([
        postgres && databaseSize(postgres.id),
        gate && maintenanceAt(gate.id),
        watch && lastSaid(watch.id),
        source !== undefined && postgres !== undefined ? originOf(stack) : undefined,
        postgres && diskUse(postgres.id),
      ]);
      return { stack, kind, stage, containers: current, databaseBytes, maintenance, watched, data, disk };
    }),
  );
  if (options.json) console.log(JSON.stringify(all));
  else all.forEach(show);
  const unwell = all.some((stack) =>
    stack.containers.some(({ state, status: text }) => state !== "running" || /unhealthy/.test(text)),
  );
  if (unwell) process.exitCode = 1;
}

async function databaseSize(container: string): Promise<number | undefined> {
  const query = "SELECT sum(pg_database_size(oid)) FROM pg_database";
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

/** The copy that a stack's data is of. */
async function originOf(stack: string): Promise<CopyOrigin | undefined> {
  const { operator } = await openEnvironment(stack, silent);
  const current = currentCopy((await operator.overview())?.copies ?? []);
  return current && { id: current.id, source: current.source, dataFrom: current.dataFrom };
}

function show({ stack, kind, stage, containers, databaseBytes, maintenance, watched, data, disk }: StackStatus): void {
  console.log(`${stack} (${stage ?? kind})${containers.length === 0 ? ": not up" : ""}`);
  for (const { role, status: text } of containers) console.log(`  ${role.padEnd(12)} ${text}`);
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
