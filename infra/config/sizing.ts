import { UserError, type Problem } from "../core/errors";
import { bytes } from "../core/units";
import { usableMemory } from "./aws/rdsClasses";
import { forRds } from "./aws/rdsParameters";
import { rdsClassOf } from "./aws/rdsWishes";
import { type MemoryShare, type Part, shareMemory } from "./memoryShare";
import { machineNamed, type Platform, type PlatformMachine } from "./platformOutput";
import { type PostgresDemand, sizePostgres, type PostgresSizing } from "./postgresSizing";
import { type EnvironmentConfig, type Stage, stages } from "./schema";

/** Figures that an environment runs with. */
export interface Sizing {
  /** Odoo's processes, their limits and their containers. */
  readonly odoo: OdooSizing;
  /** PostgreSQL's container and settings. */
  readonly postgres: PostgresSizing;
  /** What these figures of PostgreSQL are derived from. */
  readonly demand: PostgresDemand;
}

/** Figures of the web and cron containers; memory in bytes. */
export interface OdooSizing {
  /** Processes that answer requests, in the web container beside one gevent process. */
  readonly workers: number;
  /** Scheduled actions that may run at the same time, each a process of the cron container. */
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

/** What sizing has to know of a platform. */
export type SizingPlatform = Pick<Platform, "machines" | "shares"> & Partial<Pick<Platform, "placement">>;

/** A machine that carries a part of an environment. */
interface Capacity extends PlatformMachine {
  /** Percent of it that the environment's stage may use. */
  readonly percent: number;
}

/** Odoo's deployment guide, Worker number calculation: a light worker takes 150 MB, a heavy one 1 GB, one in five is heavy. */
const lightWorkerBytes = bytes("150 MB");
const workerBytes = 0.8 * lightWorkerBytes + 0.2 * bytes("1 GB");

/** With one worker, a request that calls Odoo itself (a PDF report fetches its pictures) waits for its own end. */
const leastWorkers = 2;

/** Production may get more web machines while it runs. */
const grown = { webs: 4, workers: leastWorkers };

/** The fewest processes of a share for which two cron processes leave enough for requests. */
const processesForTwoCrons = 5;

/**
 * Derives an environment's figures from its share of the machine.
 *
 * @param config The environment's configuration; figures given there win.
 * @param platform The machine and how it is shared out.
 * @throws UserError when the figures in the configuration, or the least that an Odoo needs, do not fit.
 */
export function sizeEnvironment(config: EnvironmentConfig, platform: SizingPlatform): Sizing {
  const { sizing, problems } = sizingOf(config, platform);
  if (problems.length > 0) throw new UserError("The environment does not fit on its platform.", problems);
  return sizing;
}

/** As {@link sizeEnvironment}, for callers that collect problems: the figures are of use only where there are none. */
export function sizingOf(config: EnvironmentConfig, platform: SizingPlatform): { sizing: Sizing; problems: Problem[] } {
  const { memory, limits } = config.odoo;
  const placement = platform.placement?.[config.stage];
  const webs = placement?.web.length ?? 1;
  // What fits on the smallest of the web machines fits on all.
  const web = smallest((placement?.web ?? [""]).map((name) => capacityOf(name, config.stage, platform)));
  const database = capacityOf(placement?.database ?? "", config.stage, platform);
  // On RDS it has a machine of its own.
  const rds = rdsClassOf(config);
  // Web containers are all on one machine, or each on one of its own.
  const websHere = new Set(placement?.web).size > 1 ? 1 : webs;
  const together = !rds && (placement?.web ?? [web.name]).includes(database.name);
  const given = { web: memory.web, cron: memory.cron, database: config.database.memory };
  const share = (machine: Capacity, here: readonly Part[]) =>
    shareMemory(given, { stage: config.stage, percent: config.share }, machine, websHere, here);
  const odoo = share(web, together ? ["web", "cron", "database"] : ["web", "cron"]);
  const apart = together || rds ? undefined : share(database, ["database"]);
  const allWebs = odoo.web;
  const each = roundDown(allWebs / websHere);
  const { workers, cronThreads, problems } = sizeProcesses(config, { ...odoo, web: each }, web, websHere);
  // PostgreSQL gets what it would have beside one web container: its figures don't change, and it goes on, when others join.
  const alone = sizeProcesses(config, { ...odoo, web: memory.web ? each : allWebs }, web, 1);

  // A container never needs more than its processes may take; what they leave is of more use to PostgreSQL's cache.
  const hardLimit = bytes(limits.memoryHard);
  const usedByWebs = memory.web ? allWebs : Math.min(allWebs, (alone.workers + 1) * hardLimit);
  const webMemoryBytes = memory.web ? each : roundDown(usedByWebs / websHere);
  const cronMemoryBytes = memory.cron ? odoo.cron : Math.min(odoo.cron, (cronThreads + 1) * hardLimit);
  const left = together ? allWebs - usedByWebs + odoo.cron - cronMemoryBytes : 0;
  const databaseBytes = rds ? usableMemory(rds) : (apart ?? odoo).database;
  const mayGrow = config.stage === "production";
  const demand: PostgresDemand = {
    memoryBytes: config.database.memory ? databaseBytes : databaseBytes + left,
    cores: (rds ?? database).cores,
    webs,
    workers,
    // What follows from the number of web machines changes PostgreSQL, and restarts it: on a machine of its own there is room.
    busyWorkers: alone.workers * (together ? 1 : Math.max(webs, mayGrow ? grown.webs : 1)),
    growsTo: mayGrow ? { webs: grown.webs, workers: together ? grown.workers : workers } : undefined,
    cronThreads,
    dbMaxconn: config.odoo.dbMaxconn,
    maxConnections: config.database.maxConnections,
  };
  const postgres = sizePostgres(demand);
  const memoryProblems = [...odoo.problems, ...(apart?.problems ?? [])];
  return {
    sizing: {
      odoo: {
        workers,
        cronThreads,
        dbMaxconn: postgres.dbMaxconn,
        dbMaxconnGevent: postgres.dbMaxconnGevent,
        limitMemorySoftBytes: bytes(limits.memorySoft),
        limitMemoryHardBytes: hardLimit,
        webMemoryBytes,
        cronMemoryBytes,
      },
      postgres: postgres.sizing,
      demand,
    },
    // Connections follow from the processes: these first.
    problems: [
      ...memoryProblems,
      ...(problems.length > 0 ? problems : rds ? postgres.problems.map(forRds) : postgres.problems),
    ],
  };
}

/** The machine that leaves the least memory to a stage. */
function smallest(machines: readonly Capacity[]): Capacity {
  const leaves = ({ memoryBytes, reserveBytes, percent }: Capacity) => (memoryBytes - reserveBytes) * percent;
  return machines.reduce((least, machine) => (leaves(machine) < leaves(least) ? machine : least));
}

/** The machine of a name, and how much of it the stages that are on it leave to one of them. */
function capacityOf(name: string, stage: Stage, platform: SizingPlatform): Capacity {
  const machine = machineNamed(platform, name);
  const isHere = (other: Stage) => {
    const placement = platform.placement?.[other];
    return !placement || [placement.database, ...placement.web].includes(machine.name);
  };
  const elsewhere = stages.filter((other) => !isHere(other)).reduce((sum, other) => sum + platform.shares[other], 0);
  // Rounded down, so that all that share the machine have no more than it has.
  const percent = Math.floor((platform.shares[stage] * 100) / (100 - Math.min(elsewhere, 99)));
  return { ...machine, percent: Math.min(100, percent) };
}

/** Whole megabytes. */
const roundDown = (count: number): number => Math.floor(count / bytes("1 MB")) * bytes("1 MB");

/** The most processes that a machine should run at once: Odoo's deployment guide says cores × 2 + 1, cron among them. */
export function mostProcesses(cores: number): number {
  return cores * 2 + 1;
}

/**
 * Workers of each web container, and cron threads: as configured where the machine can carry that, else from the environment's
 * share.
 */
function sizeProcesses(
  config: EnvironmentConfig,
  share: MemoryShare,
  machine: PlatformMachine,
  webs: number,
): { workers: number; cronThreads: number; problems: Problem[] } {
  const most = mostProcesses(machine.cores);
  const shared = Math.max(leastWorkers + 1, Math.floor((most * share.percent) / 100));
  const given = config.odoo;
  const roomForCron = most - webs * (given.workers ?? leastWorkers);
  const cronThreads = given.cronThreads ?? Math.max(1, Math.min(shared < processesForTwoCrons ? 1 : 2, roomForCron));
  // One light process more for the gevent process.
  const byMemory = Math.max(leastWorkers, Math.floor((share.web - lightWorkerBytes) / workerBytes));
  const workers =
    given.workers ?? Math.max(leastWorkers, Math.min(Math.floor((shared - cronThreads) / webs), byMemory));

  const problems: Problem[] = [];
  const isGiven = given.workers !== undefined || given.cronThreads !== undefined;
  if (isGiven && webs * workers + cronThreads > Math.max(most, webs * leastWorkers + 1)) {
    const byCron = given.cronThreads !== undefined && (given.workers === undefined || given.workers < most);
    problems.push({
      path: byCron ? "odoo.cronThreads" : "odoo.workers",
      expected: `workers and cron threads of at most ${most} in all: ${machine.cores} cores × 2 + 1`,
      found: `${webs > 1 ? `${webs} × ` : ""}${workers} workers and ${cronThreads} cron threads`,
      hint: "More processes than that wait for each other. Lower one of them, or leave both out.",
    });
  }
  if (given.workers !== undefined && given.workers > byMemory) {
    problems.push({
      path: "odoo.workers",
      expected: `at most ${byMemory}: what the web container's memory holds at 325 MB each`,
      found: String(given.workers),
      hint: "Lower it, raise odoo.memory.web, or give the environment a larger share.",
    });
  }
  return { workers, cronThreads, problems };
}
