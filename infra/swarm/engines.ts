import { type Argv, containersWithLabels, inEngine, onEngine } from "../commands/docker";
import { attempt } from "../core/exec";

/**
 * The Docker Engines that this process looks for containers on: those of a platform's machines. Commands that name none go to
 * its own, as `DOCKER_HOST` or Docker's own socket has it.
 */
export interface Engines {
  /** The manager of the Swarm, where the first proxy is, as `DOCKER_HOST` names it. @default the own one */
  readonly manager?: string;
  /** The others, as `DOCKER_HOST` names them. */
  readonly others: readonly string[];
}

let engines: Engines = { others: [] };

/** Sets them, for all of this process. */
export function useEngines(known: Engines): void {
  engines = known;
}

/** The Engines of the other machines. */
export const otherEngines = (): readonly string[] => engines.others;

/** A command of `docker` as it reaches the manager. */
export const onManager = (argv: Argv): Argv => onEngine(engines.manager, argv);

/** A container on the manager, as commands name it. */
export const atManager = (id: string): string => inEngine(engines.manager, id);

/** The variables by which `docker` reaches the manager. */
export const managerEnv = (): Readonly<Record<string, string>> =>
  engines.manager ? { DOCKER_HOST: engines.manager } : {};

/** What of a container's state is asked for. */
export interface ContainerFilter {
  /** Also those that have ended. */
  readonly all?: boolean;
  readonly health?: "healthy";
  readonly status?: "exited";
  /** Another machine that does not answer counts as one without: for who waits until there is one. */
  readonly lenient?: boolean;
}

/**
 * Containers on all machines that carry every one of the labels, those of the own machine first, the newest of each first.
 * @returns their IDs, with the Engine where that is another machine's: see `containerAt`.
 * @throws Error when a machine does not answer and no other has such a container.
 */
export async function findContainers(labels: readonly string[], filter: ContainerFilter = {}): Promise<string[]> {
  const status = filter.status ? ["--filter", `status=${filter.status}`] : [];
  const argv = [...containersWithLabels(labels, filter.all, filter.health), ...status];
  const answers = await Promise.all(
    [undefined, ...engines.others].map(async (engine) => ({
      engine,
      ...(await attempt(onEngine(engine, argv), { timeoutSeconds: 30 })),
    })),
  );
  const found = answers.flatMap(({ engine, exitCode, stdout }) =>
    exitCode === 0
      ? stdout
          .split("\n")
          .filter(Boolean)
          .map((id) => inEngine(engine, id))
      : [],
  );
  const silent = answers.find(({ engine, exitCode }) => exitCode !== 0 && !(filter.lenient && engine));
  if (found.length === 0 && silent) {
    throw new Error(`Docker does not answer${silent.engine ? ` at ${silent.engine}` : ""}: ${silent.stderr.trim()}`);
  }
  return found;
}
