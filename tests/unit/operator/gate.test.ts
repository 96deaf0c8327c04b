import { once } from "node:events";
import { createServer, request, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ProxyService } from "../../../infra/commands/proxy";
import { openGate } from "../../../infra/operator/maintenance/gate";
import { forgetMaintenance, gateRoutes, writeMaintenance } from "../../../infra/operator/maintenance/state";
import { freePorts } from "../../support/project";
import { folderWith } from "../../support/folders";

const author = { user: "anna", host: "laptop", commit: "3f2a1b9" };
const route = (targets: string[]): ProxyService => ({
  name: "prod",
  targets,
  hosts: ["odoo.example.com"],
  responseTimeoutSeconds: 5,
  deployTimeoutSeconds: 10,
  drainTimeoutSeconds: 1,
  errorPages: "/error-pages",
  tls: false,
});

describe("the gate", () => {
  const servers: Server[] = [];
  const said: string[] = [];
  let port: number;
  let folder: string;
  let seen: IncomingMessage | undefined;
  const state = (addresses: string[], address = "127.0.0.2", message = "Back at six.", forwardHeaders?: boolean) =>
    writeMaintenance(folder, {
      message,
      allow: [],
      addresses,
      since: "2026-11-23T18:00:00.000Z",
      author,
      page: `<p>${message}</p>`,
      routes: [{ ...route([`${address}:${port}`]), forwardHeaders }],
    });

  beforeEach(async () => {
    folder = folderWith({});
    seen = undefined;
    [port = 0] = await freePorts(1);
    // An Odoo on another address of this machine, with the same port: the gate leads to the port that it listens on.
    const odoo = createServer((incoming, answer) => {
      seen = incoming;
      void text(incoming).then((body) => answer.writeHead(201, { "x-odoo": "yes" }).end(`${incoming.url}: ${body}`));
    });
    odoo.on("upgrade", (incoming: IncomingMessage, socket) => {
      seen = incoming;
      socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
      socket.pipe(socket);
    });
    odoo.listen(port, "127.0.0.2");
    await once(odoo, "listening");
    servers.push(odoo);
  });
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
    said.length = 0;
  });

  const open = async () => {
    const gate = await openGate(folder, (line) => said.push(line), "127.0.0.1");
    servers.push(...gate);
    expect(gate.map((server) => (server.address() as AddressInfo).port)).toEqual([port]);
  };
  const ask = async (path: string, client: string, body?: string) => {
    const headers = { host: "odoo.example.com", "x-forwarded-for": client, "x-forwarded-proto": "https" };
    const asked = request({ host: "127.0.0.1", port, path, headers, method: body === undefined ? "GET" : "POST" });
    asked.end(body);
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
  };

  it("shows everyone the page, and says when to ask again", async () => {
    state([]);
    await open();
    const answer = await ask("/odoo", "203.0.113.7");
    expect(answer).toMatchObject({ status: 503, body: "<p>Back at six.</p>" });
    expect(answer.headers).toMatchObject({ "retry-after": "10", "cache-control": "no-store" });
    expect(seen).toBeUndefined();
  });

  it("lets those through who are allowed, and changes nothing of what they ask and get", async () => {
    state(["203.0.113.0/24"]);
    await open();
    const answer = await ask("/web?a=1;b=%2F", "203.0.113.7", "x".repeat(100_000));
    expect(answer).toMatchObject({ status: 201, body: `/web?a=1;b=%2F: ${"x".repeat(100_000)}` });
    expect(answer.headers["x-odoo"]).toBe("yes");
    // Odoo takes the last address for the client's: the gate must not add the proxy's.
    expect(seen?.headers).toMatchObject({
      host: "odoo.example.com",
      "x-forwarded-for": "203.0.113.7",
      "x-forwarded-proto": "https",
    });
    expect((await ask("/web", "198.51.100.1")).status).toBe(503);
  });

  it("believes only the last address that it is told: the proxy's own word", async () => {
    state(["203.0.113.7"]);
    await open();
    expect((await ask("/web", "203.0.113.7, 198.51.100.1")).status).toBe(503);
    expect((await ask("/web", "198.51.100.1, 203.0.113.7")).status).toBe(201);
  });

  it("believes a load balancer in front of the proxy what it says of its client, and nobody else", async () => {
    state(["203.0.113.7"], undefined, undefined, true);
    await open();
    const balancer = "10.0.0.9";
    expect((await ask("/web", `203.0.113.7, ${balancer}`)).status).toBe(201);
    expect((await ask("/web", `203.0.113.7, 198.51.100.1, ${balancer}`)).status).toBe(503);
    // Past the balancer, the proxy's own word is the only one.
    expect((await ask("/web", "203.0.113.7")).status).toBe(503);
  });

  it("takes up a change at once, and shows a page without words when it is over", async () => {
    state([]);
    await open();
    expect((await ask("/web", "203.0.113.7")).status).toBe(503);
    state(["203.0.113.7"], "127.0.0.2", "Later.");
    expect((await ask("/web", "203.0.113.7")).status).toBe(201);
    expect((await ask("/web", "198.51.100.1")).body).toBe("<p>Later.</p>");
    forgetMaintenance(folder);
    expect(await ask("/web", "203.0.113.7")).toMatchObject({ status: 503, body: "" });
  });

  it("is healthy in the eyes of the proxy, whatever Odoo is", async () => {
    state([], "127.0.0.3");
    await open();
    expect((await ask("/web/health", "")).status).toBe(200);
    expect((await ask("/web/health", "", "posted")).status).toBe(503);
  });

  it("says so to those let through when Odoo does not answer", async () => {
    state(["203.0.113.7"], "127.0.0.3");
    await open();
    expect(await ask("/web", "203.0.113.7")).toMatchObject({ status: 502, body: "Odoo does not answer." });
    expect(said.join()).toMatch(/ECONNREFUSED/);
  });

  const upgrade = async (client: string) => {
    const socket = connect(port, "127.0.0.1");
    const lines = ["GET /websocket HTTP/1.1", "Host: odoo.example.com", `X-Forwarded-For: ${client}`];
    socket.write([...lines, "Connection: Upgrade", "Upgrade: websocket", "", ""].join("\r\n"));
    const [data] = (await once(socket, "data")) as [Buffer];
    return { socket, answer: data.toString().split("\r\n")[0] };
  };

  it("passes websockets on in both directions", async () => {
    state(["203.0.113.7"]);
    await open();
    const { socket, answer } = await upgrade("203.0.113.7");
    expect(answer).toBe("HTTP/1.1 101 Switching Protocols");
    socket.write("ping");
    const [echo] = (await once(socket, "data")) as [Buffer];
    expect(echo.toString()).toBe("ping");
    expect(seen?.headers["x-forwarded-for"]).toBe("203.0.113.7");
    socket.destroy();
  });

  it("refuses websockets of all others", async () => {
    state([]);
    await open();
    const { socket, answer } = await upgrade("203.0.113.7");
    expect(answer).toBe("HTTP/1.1 503 Service Unavailable");
    expect(seen).toBeUndefined();
    socket.destroy();
  });
});

describe("the routes to the gate", () => {
  it("are the environment's own, with the gate once for each port", () => {
    const [web] = gateRoutes("prod", [route(["web-1:8069", "web-2:8069"])]);
    expect(web).toEqual({ ...route([]), targets: ["prod-gate:8069"] });
  });
});
