import type { PostgresFigures } from "../commands/postgresConf";
import type { Problem } from "../core/errors";
import { bytes, formatSize } from "../core/units";

/** Figures of PostgreSQL's container and configuration; memory in bytes. */
export interface PostgresSizing extends PostgresFigures {
  /** Memory limit of the container. */
  readonly memoryBytes: number;
  /** Size of the container's `/dev/shm`, which parallel queries share memory through. */
  readonly sharedMemoryBytes: number;
}

/** What PostgreSQL's figures are derived from. */
export interface PostgresDemand {
  readonly memoryBytes: number;
  readonly cores: number;
  /** Web containers. @default 1 */
  readonly webs?: number;
  /** Workers of each. */
  readonly workers: number;
  /** Workers that are busy at once at most, of all of them. */
  readonly busyWorkers: number;
  /** Web containers, with so many workers each, that may join later. @default none */
  readonly growsTo?: { readonly webs: number; readonly workers: number };
  readonly cronThreads: number;
  /** `db_maxconn` as configured, else derived. */
  readonly dbMaxconn: number | undefined;
  /** `max_connections` as configured, else derived. */
  readonly maxConnections: number | undefined;
}

/**
 * Connections kept free of Odoo: `superuser_reserved_connections` (3 by default), `psql`, backup and monitoring.
 * Replication has places of its own (`max_wal_senders`).
 */
const reservedConnections = 10;

/**
 * What a connection costs at rest: below 2 MiB as measured in "Measuring the Memory Overhead of a Postgres Connection"
 * (A. Freund, 2020). Of the connections that Odoo may open, most rest or are never opened.
 */
const connectionBytes = bytes("2 MB");

/**
 * Bounds of the derived `db_maxconn`. A prefork worker answers one request at a time and holds one or two cursors (one
 * more for the bus, one for the `postgres` database); 4 leaves room for modules that open more. Odoo's own default of 64
 * is for the threaded server, where all requests share one pool.
 */
const dbMaxconnBounds = { least: 4, most: 8 };

/** The gevent process serves many websockets from one pool, so it gets more than a worker. */
const geventFactor = 2;

/**
 * Derives PostgreSQL's figures.
 *
 * @returns `problems` where the connections that Odoo may open do not fit.
 */
export function sizePostgres(demand: PostgresDemand): {
  sizing: PostgresSizing;
  dbMaxconn: number;
  dbMaxconnGevent: number;
  problems: Problem[];
} {
  const { memoryBytes, cores } = demand;
  // PostgreSQL, Resource Consumption: a quarter of the memory is a reasonable start for shared_buffers.
  const sharedBuffersBytes = Math.floor(memoryBytes / 4);
  const capacity = Math.floor((memoryBytes - sharedBuffersBytes) / connectionBytes);
  const dbMaxconn = demand.dbMaxconn ?? deriveDbMaxconn(demand, Math.min(capacity, demand.maxConnections ?? capacity));
  const needed = neededConnections(demand, dbMaxconn);
  // A change restarts PostgreSQL: there is room for more web containers, where that takes no more than half of what there is.
  const { growsTo } = demand;
  const grown = growsTo ? neededConnections({ ...demand, ...growsTo }, dbMaxconn) : 0;
  const room = grown <= capacity / 2 ? grown : 0;
  const maxConnections = demand.maxConnections ?? Math.ceil(Math.max(needed, room) / 10) * 10;

  // Every worker, cron process and a few websockets busy at once, each with up to four sorts or hashes (Resource
  // Consumption, work_mem); half of the rest is left to the connections themselves and to the kernel's cache.
  const busy = demand.busyWorkers + demand.cronThreads + 2;
  const workMemBytes = clamp((memoryBytes - sharedBuffersBytes) / 2 / (busy * 4), bytes("4 MB"), bytes("64 MB"));
  return {
    sizing: {
      memoryBytes,
      sharedMemoryBytes: Math.max(bytes("64 MB"), Math.floor(memoryBytes / 4)),
      maxConnections,
      sharedBuffersBytes,
      // Query Planning: what is left for the kernel's cache counts as well; nothing is allocated.
      effectiveCacheSizeBytes: Math.floor(memoryBytes * 0.75),
      workMemBytes,
      // Resource Consumption: each of three autovacuum workers may take it, so a sixteenth.
      maintenanceWorkMemBytes: clamp(memoryBytes / 16, bytes("16 MB"), bytes("1 GB")),
      // Asynchronous Behavior: 8 by default; parallel workers come out of these.
      maxWorkerProcesses: Math.max(8, cores),
      maxParallelWorkers: cores,
      // Odoo has many short queries at once; parallel ones only pay where cores are idle meanwhile.
      maxParallelWorkersPerGather: cores < 4 ? 0 : 2,
    },
    dbMaxconn,
    dbMaxconnGevent: dbMaxconn * geventFactor,
    problems: connectionProblems(demand, { dbMaxconn, needed, maxConnections, capacity }),
  };
}

/** What Odoo may open while a release runs old and new web processes beside each other and one job upgrades modules. */
export function neededConnections(
  demand: Pick<PostgresDemand, "webs" | "workers" | "cronThreads">,
  dbMaxconn: number,
): number {
  const web = (demand.webs ?? 1) * (demand.workers * dbMaxconn + dbMaxconn * geventFactor);
  const cron = demand.cronThreads * dbMaxconn;
  const job = dbMaxconn;
  return 2 * web + cron + job + reservedConnections;
}

/** The largest `db_maxconn` within bounds whose connections fit. */
function deriveDbMaxconn(demand: PostgresDemand, room: number): number {
  const perConnection = neededConnections(demand, 1) - reservedConnections;
  const fitting = Math.floor((room - reservedConnections) / perConnection);
  return clamp(fitting, dbMaxconnBounds.least, dbMaxconnBounds.most);
}

function connectionProblems(
  demand: PostgresDemand,
  got: { dbMaxconn: number; needed: number; maxConnections: number; capacity: number },
): Problem[] {
  const { webs = 1 } = demand;
  const times = webs > 1 ? ` × ${webs} web machines` : "";
  const sum = `2 × ${demand.workers} workers${times}, 2 × 2${times} for websockets, ${demand.cronThreads} cron and 1 job, each with ${got.dbMaxconn} connections, and ${reservedConnections} in reserve`;
  if (got.needed > got.maxConnections) {
    return [
      {
        path: "database.maxConnections",
        expected: `at least ${got.needed}: ${sum}`,
        found: String(got.maxConnections),
        hint: "Raise it, lower odoo.dbMaxconn, or leave both out to have them derived.",
      },
    ];
  }
  if (got.maxConnections > got.capacity) {
    const path = demand.maxConnections
      ? "database.maxConnections"
      : demand.dbMaxconn
        ? "odoo.dbMaxconn"
        : "odoo.workers";
    return [
      {
        path,
        expected: `at most ${got.capacity} connections: what ${formatSize(demand.memoryBytes)} for PostgreSQL hold at 2 MB each beside shared_buffers`,
        found: demand.maxConnections ? String(got.maxConnections) : `${got.needed} connections: ${sum}`,
        hint: "Lower it, or raise database.memory.",
      },
    ];
  }
  return [];
}

function clamp(value: number, least: number, most: number): number {
  return Math.floor(Math.min(most, Math.max(least, value)));
}
