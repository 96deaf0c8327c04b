import { type Problem, UserError } from "../core/errors";

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

/** What a hold and an answer come to, with what their request takes besides. */
const needed = (maxHoldSeconds: number, responseTimeoutSeconds: number): number =>
  maxHoldSeconds + responseTimeoutSeconds + margin;

/** What is wrong with a hold and a response timeout that together are longer than a balancer can wait; both in seconds. */
export function balancerTimeProblems(maxHoldSeconds: number, responseTimeoutSeconds: number): Problem[] {
  if (needed(maxHoldSeconds, responseTimeoutSeconds) <= longestIdle) return [];
  return [
    {
      path: "proxy.responseTimeout",
      expected: `at most ${longestIdle - margin} seconds, together with the longest hold`,
      found: `${responseTimeoutSeconds} seconds, and ${maxHoldSeconds} seconds of hold`,
      hint: "Longer work belongs into a scheduled job; where a release takes longer, users see the maintenance page.",
    },
  ];
}

/**
 * The balancer's time limits. A request that arrives during a release is held first and answered afterwards, without a byte
 * in between: by default an Application Load Balancer would end it after 60 seconds.
 * @param maxHoldSeconds The longest that an environment's release may hold requests.
 * @param responseTimeoutSeconds The longest that the proxies wait for an answer.
 * @throws UserError when both together are longer than a balancer can wait.
 */
export function balancerTimes(maxHoldSeconds: number, responseTimeoutSeconds: number): BalancerTimes {
  const problems = balancerTimeProblems(maxHoldSeconds, responseTimeoutSeconds);
  if (problems.length > 0) throw new UserError("The load balancer can't wait that long.", problems);
  const idle = needed(maxHoldSeconds, responseTimeoutSeconds);
  return { idle, deregistration: Math.min(idle, longestDeregistration) };
}
