import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { createProxyServer } from "httpxy";
import type { Report } from "../../core/report";
import { isAllowed } from "./addresses";
import { type Maintenance, portOf, readMaintenance } from "./state";

/** Browsers and crawlers may ask again after this many seconds; the page does so by itself. */
const retrySeconds = 10;

/** What is answered where there is no page to show. */
const plain = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };

/**
 * The gate: stands between the proxy and Odoo while an environment is in maintenance. Addresses that are let through reach
 * Odoo, websockets included; all others get the maintenance page. What it lets through and shows is read anew for every
 * request, so that it never has to be started again.
 *
 * It trusts the last address in `X-Forwarded-For`: nothing but the proxy reaches it, and the proxy writes its client there. Where
 * that is a load balancer, it trusts the one before, which the balancer has written.
 * @param folder Where the volume of the environment's releases is mounted.
 * @param report Receives what goes wrong.
 * @param address The address to listen on. @default all
 * @returns the servers, one for each of Odoo's ports, once they listen.
 */
export async function openGate(folder: string, report: Report, address?: string): Promise<readonly Server[]> {
  const routes = readMaintenance(folder)?.routes ?? [];
  const ports = new Set(routes.flatMap(({ targets }) => targets.map(portOf)));
  return Promise.all([...ports].map((port) => listen(folder, { port, host: address }, report)));
}

/** One of the gate's servers; it leads to the same port of Odoo. */
async function listen(folder: string, at: { port: number; host?: string }, report: Report): Promise<Server> {
  const { port } = at;
  // A connection of its own for each request: Odoo closes those that wait.
  const proxy = createProxyServer({ xfwd: false, agent: false });
  proxy.on("error", (error, _, response) => {
    report(`port ${port}: ${error.message}`);
    if (response && "writeHead" in response && !response.headersSent) response.writeHead(502, plain);
    response?.end("Odoo does not answer.");
  });
  const server = createServer((request, response) => {
    const state = readMaintenance(folder);
    if (isHealthCheck(request)) response.writeHead(200, plain).end("Maintenance.");
    else if (state && isLetThrough(state, request))
      void proxy.web(request, response, upstream(state, port)).catch(told);
    else refuse(state, response);
  });
  server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const state = readMaintenance(folder);
    if (state && isLetThrough(state, request))
      void proxy.ws(request, socket, upstream(state, port), head).catch(() => socket.destroy());
    else socket.end("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  });
  // The proxy keeps connections for as long as it likes; closed here, its next request could be lost.
  server.keepAliveTimeout = 0;
  // The proxy limits how long requests may take.
  server.requestTimeout = 0;
  await new Promise<void>((done) => server.listen(at, done));
  return server;
}

/** The proxy's own error event has answered already. */
const told = () => undefined;

/** The gate is always well: it has to show the page when Odoo is not. */
const isHealthCheck = ({ method, url }: IncomingMessage): boolean =>
  (method === "GET" || method === "HEAD") && url?.split("?")[0] === "/web/health";

function isLetThrough({ addresses, routes }: Maintenance, { headers }: IncomingMessage): boolean {
  const forwarded = [headers["x-forwarded-for"] ?? []].flat().join(",");
  const balanced = routes.some(({ forwardHeaders }) => forwardHeaders);
  return isAllowed(
    addresses,
    forwarded
      .split(",")
      .at(balanced ? -2 : -1)
      ?.trim() ?? "",
  );
}

/** One of Odoo's containers, any: all of them answer alike. */
function upstream({ routes }: Maintenance, port: number): { target: string; proxyTimeout: number } {
  const fitting = routes.filter(({ targets }) => targets.some((target) => portOf(target) === port));
  const targets = fitting.flatMap((route) => route.targets);
  const seconds = Math.max(...fitting.map((route) => route.responseTimeoutSeconds));
  const target = targets[Math.floor(Math.random() * targets.length)] ?? "";
  return { target: `http://${target}`, proxyTimeout: seconds * 1000 };
}

function refuse(state: Maintenance | undefined, response: ServerResponse): void {
  response.writeHead(503, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "retry-after": String(retrySeconds),
  });
  response.end(state?.page);
}
