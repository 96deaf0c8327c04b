import type { Platform } from "./platformOutput";
import type { EnvironmentConfig } from "./schema";

/** What of an environment's platform stands in front of it. */
export type Front = Pick<Platform["proxy"], "balancer" | "limits">;

/**
 * Whether the proxy gets certificates for an environment: as configured, else when all its domains are public ones; never
 * behind a load balancer, which has them itself.
 */
export function usesTls(config: Pick<EnvironmentConfig, "tls" | "domains">, { balancer }: Front): boolean {
  return balancer === undefined && (config.tls.enabled ?? config.domains.every(isPublicDomain));
}

/** Ends of names that no public authority gives certificates for (RFC 6761, RFC 6762, RFC 8375, ICANN's `internal`). */
const privateEnds = ["localhost", "local", "test", "example", "invalid", "internal", "home.arpa"];

/** Whether Let's Encrypt could give a certificate for a host name. */
export function isPublicDomain(domain: string): boolean {
  return domain.includes(".") && !privateEnds.some((end) => domain === end || domain.endsWith(`.${end}`));
}
