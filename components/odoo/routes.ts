import type { ProxyService } from "../../infra/commands/proxy";
import { usesTls } from "../../infra/config/domains";
import { mailDomain, mailUsesTls } from "../../infra/config/mail";
import type { Platform } from "../../infra/config/platformOutput";
import type { EnvironmentConfig } from "../../infra/config/schema";
import { seconds } from "../../infra/core/units";

/** Odoo's own ports: https://www.odoo.com/documentation/19.0/administration/on_premise/deploy.html#livechat */
const ports = { http: 8069, websocket: 8072 };

/** Odoo is healthy a few seconds after its container starts, on a slow machine within this, in seconds. */
const deployTimeoutSeconds = 120;

/** Where the proxy's image has its pages. */
const errorPages = "/error-pages";

/** The address that people open. */
export function url(config: EnvironmentConfig, platform: Platform): string {
  return address(config.domains[0] ?? "", usesTls(config, platform.proxy), platform);
}

/** The address of the page with the caught mails; `undefined` where there is none. */
export function mailUrl(config: EnvironmentConfig, platform: Platform): string | undefined {
  const host = mailDomain(config);
  return host === undefined ? undefined : address(host, mailUsesTls(config, platform.proxy), platform);
}

function address(host: string, tls: boolean, { proxy }: Platform): string {
  if (proxy.balancer) return `${proxy.balancer}://${host}`;
  const [scheme, port, usual] = tls
    ? (["https", proxy.httpsPort, 443] as const)
    : (["http", proxy.httpPort, 80] as const);
  return port === usual ? `${scheme}://${host}` : `${scheme}://${host}:${port}`;
}

/** What a load balancer says of its clients is believed; undefined where there is none, and a client may say anything. */
const forwards = ({ proxy }: Platform): true | undefined => (proxy.balancer ? true : undefined);

/**
 * The proxy's services of an environment: `/websocket` leads to the gevent process, all else to the HTTP workers.
 * @param stack Name of the stack; the services are named after it.
 * @param webServices Name of each web service; every one becomes a target of its own.
 */
export function routeServices(
  stack: string,
  config: EnvironmentConfig,
  platform: Platform,
  webServices: readonly string[],
): ProxyService[] {
  const common = {
    hosts: config.domains,
    responseTimeoutSeconds: platform.proxy.responseTimeoutSeconds,
    deployTimeoutSeconds,
    drainTimeoutSeconds: seconds(config.odoo.limits.timeReal),
    errorPages,
    forwardHeaders: forwards(platform),
  };
  return [
    {
      ...common,
      name: stack,
      targets: webServices.map((service) => `${service}:${ports.http}`),
      maxBodyBytes: platform.proxy.maxBodyBytes,
      tls: usesTls(config, platform.proxy),
      tlsStaging: config.tls.staging,
    },
    {
      ...common,
      name: `${stack}-websocket`,
      targets: webServices.map((service) => `${service}:${ports.websocket}`),
      pathPrefix: "/websocket",
      // A websocket never ends by itself; Odoo's bus connects again at once.
      drainTimeoutSeconds: 1,
      tls: false,
    },
  ];
}

/**
 * The proxy's service of the page with the caught mails. It is no part of releases: one that is undone, or maintenance, does
 * not concern it.
 * @param host Host name of the page.
 * @param target `host:port` of the catcher's page.
 */
export function mailRoute(
  stack: string,
  config: EnvironmentConfig,
  platform: Platform,
  { host, target }: { host: string; target: string },
): ProxyService {
  return {
    name: `${stack}-mail`,
    hosts: [host],
    targets: [target],
    // Both programs that may be behind it have it (infra/images/mail).
    healthPath: "/livez",
    responseTimeoutSeconds: platform.proxy.responseTimeoutSeconds,
    deployTimeoutSeconds,
    drainTimeoutSeconds: 1,
    errorPages,
    forwardHeaders: forwards(platform),
    tls: mailUsesTls(config, platform.proxy),
    tlsStaging: config.tls.staging,
  };
}
