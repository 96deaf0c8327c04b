import type { Platform } from "./platformOutput";
import type { EnvironmentConfig } from "./schema";

/** Figures that an environment runs with. Memory in bytes, times in seconds. */
export interface Sizing {
  /** Odoo's processes, their limits and their containers. */
  readonly odoo: OdooSizing;
  /** PostgreSQL's container and settings. */
  readonly postgres: PostgresSizing;
}

/** Figures of the web and cron containers. */
export interface OdooSizing {
  /** Processes that answer requests, in the web container beside one gevent process. */
  readonly workers: number;
  /** Scheduled actions that may run at the same time, in the cron container. */
  readonly cronThreads: number;
  /** Connections that a worker or cron process may open. */
  readonly dbMaxconn: number;
  /** Connections that the gevent process may open, which serves many websockets at once. */
  readonly dbMaxconnGevent: number;
  /** Virtual memory at which a worker is replaced. */
  readonly limitMemorySoftBytes: number;
  /** Virtual memory at which an allocation fails. */
  readonly limitMemoryHardBytes: number;
  /** Memory limit of the web container. */
  readonly webMemoryBytes: number;
  /** Memory limit of the cron container. */
  readonly cronMemoryBytes: number;
}

/** Figures of PostgreSQL. */
export interface PostgresSizing {
  /** Memory limit of the container. */
  readonly memoryBytes: number;
  /** Size of the container's `/dev/shm`, which parallel queries share memory through. */
  readonly sharedMemoryBytes: number;
  readonly maxConnections: number;
  readonly sharedBuffersBytes: number;
  readonly effectiveCacheSizeBytes: number;
  readonly workMemBytes: number;
  readonly maintenanceWorkMemBytes: number;
  readonly maxWorkerProcesses: number;
  readonly maxParallelWorkers: number;
  readonly maxParallelWorkersPerGather: number;
}

/**
 * Derives an environment's figures from its share of the machine.
 *
 * @throws UserError when the figures in the configuration, or the least that an Odoo needs, do not fit.
 */
export declare function sizeEnvironment(config: EnvironmentConfig, platform: Pick<Platform, "machine" | "shares" | "proxy">): Sizing;
