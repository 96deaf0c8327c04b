import { UserError, type Problem } from "../core/errors";
import { bytes, formatSize } from "../core/units";
import type { MachineFacts, PlatformMachine } from "./platformOutput";
import type { PlatformConfig } from "./schema";

/**
 * What the operating system (150 MB), Docker (150 MB) and the proxy under load keep for themselves on a small machine;
 * on a large one a tenth, so that the kernel keeps room for its own caches.
 */
const leastReserve = bytes("384 MB");
const reservePart = 0.1;

/**
 * What Docker reports is rounded down to this: a new kernel takes a little more or less for itself, and figures that follow
 * it to the byte would start every container anew.
 */
const memoryStep = bytes("16 MB");

/**
 * The machine to plan with: what Docker reports, or less where the configuration says so.
 *
 * @param config The platform's configuration.
 * @param reported Cores and memory that the machine really has.
 * @throws UserError when the configuration names more than the machine has.
 */
export function plannedMachine(
  config: Pick<PlatformConfig, "machine">,
  reported: MachineFacts,
): Omit<PlatformMachine, "name" | "dockerHost"> {
  const { cores, memory, reserve } = config.machine;
  const memoryBytes = memory ? bytes(memory) : roundDown(reported.memoryBytes, memoryStep);
  const reserveBytes = reserve
    ? bytes(reserve)
    : Math.max(leastReserve, roundDown(memoryBytes * reservePart, memoryStep));
  const problems: Problem[] = [];
  if (cores !== undefined && cores > reported.cores) {
    problems.push({
      path: "machine.cores",
      expected: `at most the ${reported.cores} that Docker reports`,
      found: String(cores),
    });
  }
  if (memory && bytes(memory) > reported.memoryBytes) {
    problems.push({
      path: "machine.memory",
      expected: `at most the ${formatSize(reported.memoryBytes)} that Docker reports`,
      found: `"${memory}"`,
    });
  }
  if (reserveBytes >= memoryBytes) {
    problems.push({
      path: reserve ? "machine.reserve" : "machine.memory",
      expected: reserve
        ? `less than the memory to plan with, ${formatSize(memoryBytes)}`
        : `more than "${formatSize(leastReserve)}"`,
      found: `"${reserve ?? memory ?? formatSize(memoryBytes)}"`,
    });
  }
  if (problems.length > 0)
    throw new UserError("The machine doesn't have what the platform's configuration plans with.", problems);
  return { cores: cores ?? reported.cores, memoryBytes, reserveBytes };
}

function roundDown(count: number, step: number): number {
  return Math.floor(count / step) * step;
}
