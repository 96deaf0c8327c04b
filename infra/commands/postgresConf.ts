import { UserError, type Problem } from "../core/errors";
import { hidesSecret, isOneLine, oneLine, type Refusal, type Settings } from "./settings";

/** Figures of PostgreSQL that follow from the machine; memory in bytes. */
export interface PostgresFigures {
  /** Connections accepted in all. */
  readonly maxConnections: number;
  /** PostgreSQL's own cache. */
  readonly sharedBuffersBytes: number;
  /** What the planner takes PostgreSQL's and the kernel's cache to be together; nothing is allocated. */
  readonly effectiveCacheSizeBytes: number;
  /** What one sort or hash may take before it goes to disk. */
  readonly workMemBytes: number;
  /** What one vacuum or index build may take. */
  readonly maintenanceWorkMemBytes: number;
  /** Background processes, among them parallel workers. */
  readonly maxWorkerProcesses: number;
  /** Parallel workers of all queries together. */
  readonly maxParallelWorkers: number;
  /** Parallel workers of one step of a query. */
  readonly maxParallelWorkersPerGather: number;
}

/** What a `postgresql.conf` is rendered from. */
export interface PostgresConfSettings {
  /** Figures derived from the environment's share of the machine. */
  readonly sizing: PostgresFigures;
  /** Further settings, as in the key `database.settings`; they win over the derived ones. */
  readonly settings: Settings;
}

const kilobytes = (count: number): string => `${Math.floor(count / 1_024)}kB`;

/** Settings with a figure for the machine. Names and meaning: chapter "Server Configuration" of PostgreSQL's manual. */
const derived = (sizing: PostgresFigures): Settings => ({
  max_connections: sizing.maxConnections,
  shared_buffers: kilobytes(sizing.sharedBuffersBytes),
  effective_cache_size: kilobytes(sizing.effectiveCacheSizeBytes),
  work_mem: kilobytes(sizing.workMemBytes),
  maintenance_work_mem: kilobytes(sizing.maintenanceWorkMemBytes),
  max_worker_processes: sizing.maxWorkerProcesses,
  max_parallel_workers: sizing.maxParallelWorkers,
  max_parallel_workers_per_gather: sizing.maxParallelWorkersPerGather,
});

/**
 * Settings that are the same on every machine, each with its reason. Access, addresses and the time zone are the image's
 * (infra/images/postgres).
 */
const common: readonly (readonly [setting: string, value: string | number | boolean, reason: string])[] = [
  ["tcp_keepalives_idle", "60s", "Connection Settings: a machine that vanished frees its connections in two minutes"],
  ["tcp_keepalives_interval", "10s", ""],
  ["tcp_keepalives_count", 6, ""],
  [
    "client_connection_check_interval",
    "10s",
    "Connection Settings: a query ends when Odoo's watchdog killed its worker",
  ],
  ["random_page_cost", 1.1, "Query Planning: on SSDs a random page costs hardly more than the next one"],
  ["effective_io_concurrency", 200, "Resource Consumption: SSDs answer many requests at once"],
  ["jit", false, "Just-in-Time Compilation: pays for long analytic queries, delays Odoo's short ones"],
  ["wal_level", "replica", "Write Ahead Log: backups and replicas need it, and a change needs a restart"],
  ["max_wal_senders", 10, "Replication: base backups and replicas"],
  ["max_replication_slots", 10, ""],
  ["wal_compression", "lz4", "Write Ahead Log: fewer bytes to write, send and archive"],
  ["checkpoint_timeout", "15min", "WAL Configuration: rarer checkpoints write fewer full pages"],
  ["max_wal_size", "2GB", "WAL Configuration: an upgrade of modules should not force checkpoints"],
  ["min_wal_size", "256MB", ""],
  ["logging_collector", false, "Error Reporting and Logging: Docker keeps and rotates what is written to stderr"],
  ["log_line_prefix", "%m [%p] %q%u@%d/%a ", "Error Reporting and Logging: time, process, who and from where"],
  ["log_lock_waits", true, "Error Reporting and Logging: who waited for whom, beyond deadlock_timeout"],
];

/** Settings that data, access or later backups hang on, and the key to use instead where there is one. */
const managed: Readonly<Record<string, string>> = {
  max_connections: "Use the key database.maxConnections.",
  shared_buffers: "It follows database.memory.",
  listen_addresses: "",
  port: "",
  data_directory: "",
  config_file: "",
  hba_file: "",
  timezone: "Odoo stores times in UTC.",
  ident_file: "",
  include: "",
  include_if_exists: "",
  include_dir: "",
  external_pid_file: "",
  unix_socket_directories: "",
  password_encryption: "",
  fsync: "Without it a power cut destroys the database.",
  full_page_writes: "Without it a power cut destroys the database.",
  wal_level: "",
  archive_mode: "",
  archive_command: "",
  archive_library: "",
  restore_command: "",
  archive_cleanup_command: "",
  recovery_end_command: "",
  ssl_passphrase_command: "",
  primary_conninfo: "",
  logging_collector: "",
  log_destination: "",
};

/** Says why a setting may not be given under `database.settings`; `undefined` when it may. */
export function refusePostgresSetting(name: string): Refusal | undefined {
  if (!/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/.test(name)) {
    return { expected: "the name of a PostgreSQL setting in small letters" };
  }
  const instead = managed[name];
  if (instead !== undefined) {
    return { expected: "a setting that this project does not set itself", hint: instead || `Leave ${name} out.` };
  }
  if (hidesSecret(name)) return { expected: "a setting that carries no secret", hint: `Leave ${name} out.` };
  return undefined;
}

/**
 * Renders a `postgresql.conf` for the server of one environment.
 *
 * @throws UserError when a further setting is refused or would not stay on its line.
 */
export function renderPostgresConf({ sizing, settings }: PostgresConfSettings): string {
  const own = Object.entries(settings);
  const problems = own.flatMap(([name, value]): Problem[] => {
    const refusal = refusePostgresSetting(name) ?? (isOneLine(value) ? undefined : { expected: oneLine });
    return refusal ? [{ path: `database.settings.${name}`, found: name, ...refusal }] : [];
  });
  if (problems.length > 0) throw new UserError("postgresql.conf can't be rendered.", problems);
  const lines = [
    "# Rendered by odoo-stacks; changes made here are lost.",
    "",
    "# From the environment's share of the machine",
    ...Object.entries(derived(sizing)).map(([name, value]) => line(name, value)),
    "",
    ...common.flatMap(([name, value, reason]) => [...(reason ? [`# ${reason}`] : []), line(name, value)]),
  ];
  // The last of several lines with the same name counts.
  if (own.length > 0)
    lines.push("", "# From the key database.settings", ...own.map(([name, value]) => line(name, value)));
  return `${lines.join("\n")}\n`;
}

/** One setting; a text is quoted, with quotes and backslashes doubled (Setting Parameters via the Configuration File). */
function line(name: string, value: string | number | boolean): string {
  if (typeof value === "boolean") return `${name} = ${value ? "on" : "off"}`;
  if (typeof value === "number") return `${name} = ${value}`;
  return `${name} = '${value.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}
