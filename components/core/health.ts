/** How Swarm finds out whether a container is well. Its name resolves from the first check that succeeds on. */
export interface HealthCheck {
  /** Shell command that exits 0 while the container is well. */
  readonly command: string;
  /** Seconds between checks of a container that starts or is not well, and before the first one. */
  readonly intervalSeconds: number;
  /** How long a starting container may fail, in seconds. */
  readonly startPeriodSeconds: number;
  /** After so many failures in a row the container is replaced. */
  readonly retries: number;
}

/** A container that was well is not asked again for so long, in seconds. */
export const restSeconds = 10;

/** How long a check may take before it counts as failed, in seconds; with the rest. */
export const timeoutSeconds = 20;

/** Says that the container was well. In memory, so that it is gone when the container starts again. */
export const wellFile = "/dev/shm/odoo-stacks-well";

/**
 * The command that Docker runs: one that fails, and the first that succeeds, end at once; later ones rest before they end. Docker
 * counts the interval from the end of a check, so that what starts is found well within a second, and what is well costs little: each
 * check is a process that the container runtime starts anew (docs/performance.md). The Engine's own `start-interval` needs Engine 25
 * (https://docs.docker.com/reference/dockerfile/#healthcheck), which is newer than what distributions have, and the provider's services do
 * not know it.
 */
export const restingCheck = (command: string): string =>
  `if ! (${command}); then rm -f ${wellFile}; exit 1; fi; if [ -e ${wellFile} ]; then sleep ${restSeconds}; else : >${wellFile}; fi`;
