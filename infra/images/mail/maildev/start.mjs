// Catches mails with MailDev (port 1025) and shows them on a page (port 8025), in memory alone.
//
// The page is behind a password, checked here: MailDev's own check leaves out the websocket that new mails are told on, and
// its answers let other sites read along. Paths and ports are those of Mailpit, which takes this one's place where Docker Hub
// can be reached.
import { createHash, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { MailDev } from "maildev";

/** Where MailDev's own page is, for this container alone. */
const inside = { host: "127.0.0.1", port: 8026 };

const digest = (text) => createHash("sha256").update(text).digest();
const password = readFileSync("/run/secrets/mail_password", "utf8").trim();
const accepted = digest(`Basic ${Buffer.from(`mail:${password}`).toString("base64")}`);

const allows = ({ headers }) => timingSafeEqual(digest(headers.authorization ?? ""), accepted);

/** The same request for MailDev. Without `origin`, no other site is told that it may read the answer. */
function pass({ method, url, headers }, path = url) {
  const { origin: _origin, authorization: _authorization, ...rest } = headers;
  return request({ ...inside, method, path, headers: rest });
}

const front = createServer((incoming, answer) => {
  const alive = incoming.url === "/livez";
  if (!alive && !allows(incoming)) {
    answer.writeHead(401, { "WWW-Authenticate": 'Basic realm="Mails"', "Content-Type": "text/plain" });
    answer.end("The login is mail; `pulumi stack output mailPassword --show-secrets` shows the password.\n");
    return;
  }
  const onward = pass(incoming, alive ? "/api/healthz" : incoming.url);
  onward.on("response", (response) => {
    answer.writeHead(response.statusCode, response.headers);
    response.pipe(answer);
  });
  onward.on("error", () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()));
  incoming.pipe(onward);
});

front.on("upgrade", (incoming, socket, head) => {
  socket.on("error", () => socket.destroy());
  if (!allows(incoming)) {
    socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n");
    return;
  }
  const onward = pass(incoming);
  onward.on("error", () => socket.destroy());
  onward.on("response", () => socket.destroy()); // MailDev did not want it.
  onward.on("upgrade", (response, far, farHead) => {
    const headers = Object.entries(response.headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headers.join("")}\r\n`);
    if (farHead.length > 0) socket.write(farHead);
    if (head.length > 0) far.write(head);
    far.on("error", () => socket.destroy());
    socket.on("close", () => far.destroy());
    far.on("close", () => socket.destroy());
    socket.pipe(far).pipe(socket);
  });
  onward.end();
});

const catcher = new MailDev({
  smtp: 1025,
  ip: "0.0.0.0",
  web: inside.port,
  webIp: inside.host,
  maxEmails: 200,
  maxMessageSize: 25 * 1024 ** 2,
  silent: true,
});
await catcher.start();
front.listen(8025, "0.0.0.0");
for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => process.exit());
