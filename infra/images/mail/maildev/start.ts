import { createHash, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { type ClientRequest, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

// The program of the image that catches mails with MailDev (port 1025) and shows them on a page (port 8025), in memory alone.
//
// The page is behind a password, checked here: MailDev's own check leaves out the websocket that new mails are told on, and
// its answers let other sites read along. Paths and ports are those of Mailpit, which takes this one's place where Docker Hub
// can be reached.

/** Where MailDev's own page is, for this container alone. */
const inside = { host: "127.0.0.1", port: 8026 };

const digest = (text: string) => createHash("sha256").update(text).digest();
const password = readFileSync("/run/secrets/mail_password", "utf8").trim();
const accepted = digest(`Basic ${Buffer.from(`mail:${password}`).toString("base64")}`);

const allows = ({ headers }: IncomingMessage) => timingSafeEqual(digest(headers.authorization ?? ""), accepted);

/** The same request for MailDev. Without `origin`, no other site is told that it may read the answer. */
function pass({ method, url, headers }: IncomingMessage, path = url): ClientRequest {
  const own = Object.entries(headers).filter(([name]) => !["origin", "authorization"].includes(name));
  return request({ ...inside, method, path, headers: Object.fromEntries(own) });
}

function answer(incoming: IncomingMessage, response: ServerResponse): void {
  const alive = incoming.url === "/livez";
  if (!alive && !allows(incoming)) {
    response.writeHead(401, { "WWW-Authenticate": 'Basic realm="Mails"', "Content-Type": "text/plain" });
    response.end("The login is mail; `pulumi stack output mailPassword --show-secrets` prints the password.\n");
    return;
  }
  const onward = pass(incoming, alive ? "/api/healthz" : incoming.url);
  onward.on("response", (found) => {
    response.writeHead(found.statusCode ?? 502, found.headers);
    found.pipe(response);
  });
  onward.on("error", () => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end();
  });
  incoming.pipe(onward);
}

/** Lets a websocket through. */
function connect(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
  socket.on("error", () => socket.destroy());
  if (!allows(incoming)) {
    socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n");
    return;
  }
  const onward = pass(incoming);
  onward.on("error", () => socket.destroy());
  onward.on("response", () => socket.destroy()); // MailDev did not want it.
  onward.on("upgrade", (found, far, farHead) => {
    const headers = Object.entries(found.headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headers.join("")}\r\n`);
    socket.write(farHead);
    far.write(head);
    far.on("error", () => socket.destroy());
    socket.on("close", () => far.destroy());
    far.on("close", () => socket.destroy());
    socket.pipe(far).pipe(socket);
  });
  onward.end();
}

/** A package that only the image has, and what is used of it. */
const catcher: string = "maildev";
interface MailDevModule {
  readonly MailDev: new (settings: Readonly<Record<string, unknown>>) => { start(): Promise<void> };
}

async function main(): Promise<void> {
  const { MailDev } = (await import(catcher)) as MailDevModule;
  await new MailDev({
    smtp: 1025,
    ip: "0.0.0.0",
    web: inside.port,
    webIp: inside.host,
    maxEmails: 200,
    maxMessageSize: 25 * 1024 ** 2,
    silent: true,
  }).start();
  createServer(answer).on("upgrade", connect).listen(8025, "0.0.0.0");
  for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => process.exit());
}

void main();
