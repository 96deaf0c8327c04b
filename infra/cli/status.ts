import { attempt } from "../core/exec";
import { type Container, listContainers } from "./containers";
import type { CommonOptions } from "./display";
import { findStacks, listStacks } from "./stacks";
import { projectDir } from "./workspace";

/** What `status` tells of a stack. */
interface StackStatus {
  readonly stack: string;
  readonly kind: string;
  readonly stage?: string;
  readonly containers: readonly Container[];
  /** Bytes in the database; undefined where no database runs. */
  readonly databaseBytes?: number;
}

/** Shows what runs of each stack, how it fares and how much its database holds. Exits with 1 when something is unwell. */
export async function status(name: string | undefined, options: CommonOptions): Promise<void> {
  const project = projectDir();
  const stacks = name ? findStacks(project, name) : listStacks(project);
  const containers = await listContainers();
  const all = await Promise.all(
    stacks.map(async ({ name: stack, kind, stage }): Promise<StackStatus> => {
      const own = containers.filter((container) => container.stack === stack && container.role !== "job");
      // Containers that Swarm has replaced stay for their logs.
      const current = own.filter(
        ({ role, state }) => state === "running" || !own.some((c) => c.role === role && c.state === "running"),
      );
      const postgres = current.find(({ role, state }) => role === "postgres" && state === "running");
      return { stack, kind, stage, containers: current, databaseBytes: postgres && (await databaseSize(postgres.id)) };
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
  const argv = ["docker", "exec", "--user", "postgres", container, "psql", "-AtX", "-c", query];
  const { exitCode, stdout } = await attempt(argv, { timeoutSeconds: 20 });
  return exitCode === 0 ? Number(stdout.trim()) : undefined;
}

function show({ stack, kind, stage, containers, databaseBytes }: StackStatus): void {
  console.log(`${stack} (${stage ?? kind})${containers.length === 0 ? ": not up" : ""}`);
  for (const { role, status: text } of containers) console.log(`  ${role.padEnd(12)} ${text}`);
  if (databaseBytes !== undefined) console.log(`  ${"database".padEnd(12)} ${(databaseBytes / 1e6).toFixed(0)} MB`);
}
