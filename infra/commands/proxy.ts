import type { Argv } from "./docker";

/**
 * Argument lists for kamal-proxy's own command, to be run inside its container. Options and their meaning:
 * `kamal-proxy deploy --help` of version 0.9.
 */

/** One thing the proxy sends requests to. */
export interface ProxyService {
  /** The proxy's name for it. */
  readonly name: string;
  /** `host:port` of each container behind it; the first health check that succeeds takes it in. */
  readonly targets: readonly string[];
  /** Host names that lead here. */
  readonly hosts: readonly string[];
  /** Requests whose path begins with this lead here; the path is passed on whole. */
  readonly pathPrefix?: string;
  /** Longest wait for an answer, in seconds; must exceed Odoo's `limit_time_real`. */
  readonly responseTimeoutSeconds: number;
  /**
   * Largest request, in bytes; requests are taken in whole before they are passed on, so that slow clients don't occupy
   * Odoo's workers. Without it nothing is buffered, which websockets need.
   */
  readonly maxBodyBytes?: number;
  /** How long new targets may take to become healthy, in seconds. */
  readonly deployTimeoutSeconds: number;
  /** How long requests under way on the old targets may take to end, in seconds. */
  readonly drainTimeoutSeconds: number;
  /** Folder in the proxy's container with the pages for errors and maintenance. */
  readonly errorPages: string;
  /** Get certificates from Let's Encrypt for the hosts and send HTTP on to HTTPS; on a service without `pathPrefix` only. */
  readonly tls: boolean;
  /** With `tls`: use Let's Encrypt's staging service, whose certificates browsers do not trust. */
  readonly tlsStaging?: boolean;
}

/** Routes a service to its targets once they are healthy; requests go to the old ones until then. */
export const deploy = (service: ProxyService): Argv => [
  ...["kamal-proxy", "deploy", service.name],
  ...service.targets.flatMap((target) => ["--target", target]),
  ...service.hosts.flatMap((host) => ["--host", host]),
  ...(service.pathPrefix ? ["--path-prefix", service.pathPrefix, "--strip-path-prefix=false"] : []),
  ...["--health-check-path", "/web/health", "--health-check-interval", "1s", "--health-check-timeout", "5s"],
  ...["--target-timeout", `${service.responseTimeoutSeconds}s`],
  ...["--deploy-timeout", `${service.deployTimeoutSeconds}s`],
  ...["--drain-timeout", `${service.drainTimeoutSeconds}s`],
  ...["--error-pages", service.errorPages],
  ...(service.maxBodyBytes ? ["--buffer-requests", "--max-request-body", `${service.maxBodyBytes}`] : []),
  // What a client claims in X-Forwarded-* must not reach Odoo, which trusts the proxy.
  "--forward-headers=false",
  ...(service.tls ? ["--tls", ...(service.tlsStaging ? ["--tls-staging"] : [])] : []),
];

/** Forgets a service: its hosts answer 404 from then on. */
export const remove = (name: string): Argv => ["kamal-proxy", "remove", name];

/** Lists the services, their hosts, targets and state. */
export const list = (): Argv => ["kamal-proxy", "list"];
