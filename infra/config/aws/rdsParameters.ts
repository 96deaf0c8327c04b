import type { Problem } from "../../core/errors";
import { bytes } from "../../core/units";
import { refusePostgresSetting } from "../../commands/postgresConf";
import { isOneLine, oneLine, type Settings } from "../../commands/settings";
import { type PostgresDemand, sizePostgres } from "../postgresSizing";
import { type RdsClass, usableMemory } from "./rdsClasses";

/** A parameter as a parameter group takes it: values in PostgreSQL's base units, since RDS takes no others. */
export interface RdsParameter {
  readonly name: string;
  readonly value: string;
  /** When it takes effect; what can change only at a start has to be `pending-reboot`, or AWS refuses it. */
  readonly applyMethod: "immediate" | "pending-reboot";
}

/** What Odoo asks of the server; its memory and cores are the instance class's. */
export type RdsDemand = Omit<PostgresDemand, "memoryBytes" | "cores">;

/** Parameters that RDS or this project needs as they are, and what to use instead. */
const managed: Readonly<Record<string, string>> = {
  "rds.force_ssl": "Connections are always encrypted.",
  "rds.accepted_password_auth_method": "Passwords are always kept as SCRAM.",
  "rds.logical_replication": "Use logicalReplication.",
  shared_preload_libraries: "",
};

/** Parameters that are the same for all classes, each with its reason. */
const common: readonly (readonly [name: string, value: string, reason: string])[] = [
  ["rds.force_ssl", "1", "Using SSL with a PostgreSQL DB instance: connections without are refused"],
  ["rds.accepted_password_auth_method", "scram", "Working with SCRAM: a role with an MD5 password can't be made"],
  ["password_encryption", "scram-sha-256", ""],
  ["tcp_keepalives_idle", "60", "Connection Settings: a machine that vanished frees its connections in two minutes"],
  ["tcp_keepalives_interval", "10", ""],
  ["tcp_keepalives_count", "6", ""],
  ["random_page_cost", "1.1", "Query Planning: on SSDs a random page costs hardly more than the next one"],
  ["effective_io_concurrency", "200", "Resource Consumption: SSDs answer many requests at once"],
  ["jit", "0", "Just-in-Time Compilation: pays for long analytic queries, delays Odoo's short ones"],
  ["checkpoint_timeout", "900", "WAL Configuration: rarer checkpoints write fewer full pages"],
  ["log_lock_waits", "1", "Error Reporting and Logging: who waited for whom, beyond deadlock_timeout"],
];

/** The block that sizes of caches are counted in. */
const block = 8_192;

/**
 * The parameters of a server for Odoo, from the memory of its class, as a server of the platform's own has them
 * (infra/config/postgresSizing.ts). `shared_buffers` and `max_worker_processes` stay RDS's own: formulas that give the same, and
 * follow the class by themselves.
 *
 * Figures of memory take effect with a restart although they could at once: they change with the class only, and that restarts.
 *
 * @param logicalReplication Whether changes can be followed one by one: what blue/green deployments of another major version, and
 *   replication to a server elsewhere, need. It makes more WAL.
 * @param settings Further parameters; they win over the derived ones.
 */
export function rdsParameters(
  instance: RdsClass,
  demand: RdsDemand,
  { logicalReplication = false, settings = {} }: { logicalReplication?: boolean; settings?: Settings } = {},
): { parameters: readonly RdsParameter[]; problems: readonly Problem[] } {
  const { sizing, problems } = sizePostgres({ ...demand, memoryBytes: usableMemory(instance), cores: instance.cores });
  const now = (name: string, value: string | number): RdsParameter => ({
    ...{ name, value: String(value), applyMethod: "immediate" },
  });
  const atStart = (name: string, value: string | number): RdsParameter => ({
    ...{ name, value: String(value), applyMethod: "pending-reboot" },
  });
  const derived = [
    ...common.map(([name, value]) => now(name, value)),
    atStart("max_connections", sizing.maxConnections),
    atStart("effective_cache_size", Math.floor(sizing.effectiveCacheSizeBytes / block)),
    atStart("work_mem", Math.floor(sizing.workMemBytes / bytes("1 KB"))),
    atStart("maintenance_work_mem", Math.floor(sizing.maintenanceWorkMemBytes / bytes("1 KB"))),
    now("max_parallel_workers", sizing.maxParallelWorkers),
    now("max_parallel_workers_per_gather", sizing.maxParallelWorkersPerGather),
    atStart("shared_preload_libraries", "pg_stat_statements"),
    ...(logicalReplication ? [atStart("rds.logical_replication", 1)] : []),
  ];
  // Right for both kinds of parameters.
  const own = Object.entries(settings).map(([name, value]) => atStart(name, written(value)));
  const others = derived.filter(({ name }) => !(name in settings));
  return {
    parameters: [...others, ...own].sort((a, b) => (a.name < b.name ? -1 : 1)),
    problems: [...problems.map(forRds), ...settingProblems(settings)],
  };
}

const written = (value: string | number | boolean): string =>
  typeof value === "boolean" ? (value ? "1" : "0") : String(value);

/** A problem of sizing, with the way out that there is on RDS. */
export const forRds = (problem: Problem): Problem =>
  problem.hint?.includes("database.memory")
    ? { ...problem, hint: "Lower it, or take a larger instance class." }
    : problem;

/** What of further parameters RDS would not take, or this project sets itself. */
export const settingProblems = (settings: Settings): readonly Problem[] => Object.entries(settings).flatMap(refuse);

/** A number with a unit, as postgresql.conf takes it and RDS does not. */
const hasUnit = (value: unknown): boolean =>
  typeof value === "string" && /^\d+ ?(us|ms|s|min|h|d|B|kB|MB|GB|TB)$/.test(value);

function refuse([name, value]: [string, unknown]): readonly Problem[] {
  if (hasUnit(value)) {
    const expected = "a number in PostgreSQL's own unit of this parameter, since RDS takes no others";
    const hint = `SELECT unit FROM pg_settings WHERE name = '${name}' tells which.`;
    return [{ path: `settings.${name}`, expected, found: `"${String(value)}"`, hint }];
  }
  const instead = managed[name];
  const refusal =
    instead === undefined
      ? (refusePostgresSetting(name) ?? (isOneLine(value) ? undefined : { expected: oneLine }))
      : { expected: "a parameter that this project does not set itself", hint: instead || `Leave ${name} out.` };
  return refusal ? [{ path: `settings.${name}`, found: name, ...refusal }] : [];
}
