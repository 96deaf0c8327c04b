/** A machine of a platform, as far as what it carries is known. */
interface WithRoles {
  readonly roles?: readonly string[];
}

/** From three machines on there are three managers: the loss of any one leaves a majority. With fewer there is one. */
export const swarmManagers = 3;

/**
 * The machine that manages a platform's Swarm and carries its proxy: the one that says so, else the first with production.
 * @param machines As the platform's file lists them.
 */
export function managerAmong<T extends WithRoles>(machines: readonly T[]): T | undefined {
  const first = (role: string) => machines.find(({ roles = [] }) => roles.includes(role));
  return first("proxy") ?? first("production") ?? machines[0];
}

/** The machines with the manager first, and the others as they are listed. */
export function managerFirst<T extends WithRoles>(machines: readonly T[]): readonly T[] {
  const manager = managerAmong(machines);
  return manager ? [manager, ...machines.filter((machine) => machine !== manager)] : machines;
}
