import type { Argv } from "./docker";
import { odooPorts } from "./odooConf";

/**
 * Argument lists for kamal-proxy's own command, to be run inside its container. Options and their meaning:
 * `kamal-proxy deploy --help` of version 0.9.
 */

/** Where the proxy's image has the folder of its state, and the file with its routes: internal/server/config.go, StatePath. */
export const stateFolder = "/home/kamal-proxy/.config/kamal-proxy";
export const stateFile = `${stateFolder}/kamal-proxy.state`;

/** Name of the volume with a proxy's state, on every machine that has one. @param stack The platform's stack. */
export const stateVolume = (stack: string): string => `${stack}-proxy-state`;

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
  /** Path that is answered with 200 while a target is well. @default Odoo's, "/web/health" */
  readonly healthPath?: string;
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
  /** Pass on what the `X-Forwarded-*` headers of requests say: a load balancer writes them. @default false: anybody may */
  readonly forwardHeaders?: boolean;
}

/**
 * With one target it is checked until it is healthy, and no more. Of several, one that is gone is asked for until that shows: a
 * machine without power does not even refuse. A busy one must not look like that: see components/odoo/alive.ts for who answers.
 */
const watchClosely: Argv = [
  ...["--health-check-port", String(odooPorts.alive)],
  ...["--health-check-interval", "250ms", "--health-check-timeout", "1500ms"],
];

/** Routes a service to its targets once they are healthy; requests go to the old ones until then. */
export const deploy = (service: ProxyService): Argv => [
  ...["kamal-proxy", "deploy", service.name],
  ...service.targets.flatMap((target) => ["--target", target]),
  ...service.hosts.flatMap((host) => ["--host", host]),
  ...(service.pathPrefix ? ["--path-prefix", service.pathPrefix, "--strip-path-prefix=false"] : []),
  ...["--health-check-path", service.healthPath ?? "/web/health"],
  ...(service.targets.length > 1 ? watchClosely : ["--health-check-interval", "1s", "--health-check-timeout", "5s"]),
  ...["--target-timeout", `${service.responseTimeoutSeconds}s`],
  ...["--deploy-timeout", `${service.deployTimeoutSeconds}s`],
  ...["--drain-timeout", `${service.drainTimeoutSeconds}s`],
  ...["--error-pages", service.errorPages],
  ...(service.maxBodyBytes ? ["--buffer-requests", "--max-request-body", `${service.maxBodyBytes}`] : []),
  // What a client claims in X-Forwarded-* must not reach Odoo, which trusts the proxy.
  `--forward-headers=${service.forwardHeaders ?? false}`,
  ...(service.tls ? ["--tls", ...(service.tlsStaging ? ["--tls-staging"] : [])] : []),
];

/** Forgets a service: its hosts answer 404 from then on. */
export const remove = (name: string): Argv => ["kamal-proxy", "remove", name];

/** Lists the services, their hosts, targets and state. */
export const list = (): Argv => ["kamal-proxy", "list"];

/**
 * Holds a service's requests. Those under way may end first; what is held longer than the limit is refused.
 * @param name The service.
 * @param maxPauseSeconds The longest that a request is held.
 * @param drainSeconds How long requests under way may take.
 */
export const pause = (name: string, maxPauseSeconds: number, drainSeconds: number): Argv => [
  ...["kamal-proxy", "pause", name],
  ...["--max-pause", `${maxPauseSeconds}s`, "--drain-timeout", `${drainSeconds}s`],
];

/** Answers a service's requests with the maintenance page. Those under way may end first. */
export const stop = (name: string, message: string, drainSeconds: number): Argv => [
  ...["kamal-proxy", "stop", name, "--message", message, "--drain-timeout", `${drainSeconds}s`],
];

/** What kamal-proxy 0.9.2 says of a service that it does not have: ErrorServiceNotFound in its internal/server/router.go. */
export const unknownService = /service not found/;

/** Lets a service's requests go on, after `pause` or `stop`. */
export const resume = (name: string): Argv => ["kamal-proxy", "resume", name];
