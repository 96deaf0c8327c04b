import { UserError } from "../../infra/core/errors";

/** How long the balancer waits, in seconds. */
export interface BalancerTimes {
  /** For the next byte of a connection, before it is closed. */
  readonly idle: number;
  /** For requests under way on a machine that is taken out. */
  readonly deregistration: number;
}

/** What a request may still take beyond the longest answer: its way there and back. In seconds. */
const margin = 10;
/** The longest idle timeout: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html */
const longestIdle = 4_000;
/** The longest deregistration delay: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html */
const longestDeregistration = 3_600;

/**
 * The balancer's time limits. A request that arrives during a release is held first and answered afterwards, without a byte
 * in between: by default an Application Load Balancer would end it after 60 seconds.
 * @param maxHoldSeconds The longest that an environment's release may hold requests.
 * @param responseTimeoutSeconds The longest that the proxies wait for an answer.
 * @throws UserError when both together are longer than a balancer can wait.
 */
export function balancerTimes(maxHoldSeconds: number, responseTimeoutSeconds: number): BalancerTimes {
  const needed = maxHoldSeconds + responseTimeoutSeconds + margin;
  if (needed > longestIdle) {
    throw new UserError("The load balancer can't wait that long.", [
      {
        path: "proxy.responseTimeout",
        expected: `at most ${longestIdle - margin} seconds, together with the longest hold`,
        found: `${responseTimeoutSeconds} seconds, and ${maxHoldSeconds} seconds of hold`,
        hint: "Longer work belongs into a scheduled job; where a release takes longer, users see the maintenance page.",
      },
    ]);
  }
  return { idle: needed, deregistration: Math.min(needed, longestDeregistration) };
}
