/**
 * How an overlay network is made, which connects containers on different machines.
 * @param encrypted Whether what leaves a machine is encrypted:
 *   https://docs.docker.com/engine/network/drivers/overlay/#encryption
 */
export const overlay = (encrypted: boolean) =>
  encrypted ? { driver: "overlay", options: { encrypted: "true" } } : { driver: "overlay" };
