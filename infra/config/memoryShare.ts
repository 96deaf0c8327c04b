import type { Problem } from "../core/errors";
import { bytes, formatSize, type Size } from "../core/units";
import type { PlatformMachine } from "./platformOutput";
import type { Stage } from "./schema";

/** The containers of an environment that share its memory. */
export type Part = "web" | "cron" | "database";

/** How an environment's memory is shared out among its containers, in bytes, and what does not fit. */
export interface MemoryShare extends Readonly<Record<Part, number>> {
  /** The environment's percentage of the machine. */
  readonly percent: number;
  readonly problems: Problem[];
}

/**
 * The least that each container works with. Two workers, gevent and `sale_management` took 298 MB at most under 300
 * requests, 20 at a time, one cron process 124 MB; PostgreSQL used all of 224 MB, most of it as cache.
 */
const least: Readonly<Record<Part, number>> = {
  web: bytes("448 MB"),
  cron: bytes("224 MB"),
  database: bytes("224 MB"),
};

/** How what is left above the least is shared out: half for requests, a third for PostgreSQL and its cache. */
const weights: Readonly<Record<Part, number>> = { web: 0.5, cron: 0.15, database: 0.35 };

const keys: Readonly<Record<Part, string>> = {
  web: "odoo.memory.web",
  cron: "odoo.memory.cron",
  database: "database.memory",
};

const megabyte = bytes("1 MB");

const allParts: readonly Part[] = ["web", "cron", "database"];

/** A machine, as far as its memory is shared out. */
export interface SharedMachine extends Pick<PlatformMachine, "memoryBytes" | "reserveBytes"> {
  /** Percent of it that the environment's stage may use. */
  readonly percent: number;
}

/**
 * Shares an environment's memory on a machine out among its containers there.
 *
 * @param given Memory limits from the configuration; they win, and the others share what these leave.
 * @param environment Its stage, and the percentage of the machine it has by itself, if it does.
 * @param machine The machine.
 * @param webs How many web containers are on it; `web` is what they have together, `given.web` what each has. @default 1
 * @param here Which containers are on it. @default all
 */
export function shareMemory(
  given: Readonly<Record<Part, Size | undefined>>,
  environment: { readonly stage: Stage; readonly percent: number | undefined },
  machine: SharedMachine,
  webs = 1,
  here: readonly Part[] = allParts,
): MemoryShare {
  const parts = here;
  const fixedBytes = (part: Part) => (given[part] ? bytes(given[part]) * (part === "web" ? webs : 1) : 0);
  const percent = environment.percent ?? machine.percent;
  const usable = machine.memoryBytes - machine.reserveBytes;
  const budget = Math.floor((usable * percent) / 100);
  const fixed = sum(parts, fixedBytes);
  const open = parts.filter((part) => !given[part]);
  const spare = Math.max(0, budget - fixed - sum(open, (part) => least[part]));
  const weight = sum(open, (part) => weights[part]);
  const memory = (part: Part): number => {
    if (!parts.includes(part)) return 0;
    return given[part] ? fixedBytes(part) : least[part] + wholeMegabytes((spare * weights[part]) / weight);
  };
  const shared = { web: memory("web"), cron: memory("cron"), database: memory("database") };

  const total = sum(parts, (part) => shared[part]);
  const problems: Problem[] = [];
  if (parts.includes("web") && !given.web && shared.web < webs * least.web) {
    problems.push({
      path: environment.percent === undefined ? "stage" : "share",
      expected: `a share that leaves ${formatSize(least.web)} to each of ${webs} web containers`,
      found: `${formatSize(shared.web)} for all of them`,
      hint: "Raise the share, or lower webMachines in the platform's stack.",
    });
  }
  if (fixed === 0 && total > budget) {
    problems.push({
      path: environment.percent === undefined ? "stage" : "share",
      expected: `a share of at least ${formatSize(total)}, the least that one Odoo works with`,
      found: `${percent} % of ${formatSize(usable)}, ${formatSize(budget)}`,
      hint: `Raise shares.${environment.stage} in the platform's stack, set share here, or use a machine with more memory.`,
    });
  } else if (total > usable) {
    problems.push({
      path: parts
        .filter((part) => given[part])
        .map((part) => keys[part])
        .join(", "),
      expected: `at most ${formatSize(usable)} for all containers: the machine's ${formatSize(machine.memoryBytes)} less ${formatSize(machine.reserveBytes)} for the system`,
      found: parts.map((part) => `${part} ${formatSize(shared[part])}`).join(", "),
      hint: "Lower it, or leave it out to have it derived from the environment's share.",
    });
  }
  return { ...shared, percent, problems };
}

function wholeMegabytes(count: number): number {
  return Math.floor(count / megabyte) * megabyte;
}

function sum(list: readonly Part[], of: (part: Part) => number): number {
  return list.reduce((total, part) => total + of(part), 0);
}
