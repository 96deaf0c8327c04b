import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silent } from "../../infra/core/report";
import { ensureImage } from "../../infra/images";
import { Containers, inspect, publishedPort } from "../support/containers";
import { docker } from "../support/docker";
import { until } from "../support/until";

const containers = new Containers("mail-image");
const password = "a-password";
const folder = mkdtempSync(join(tmpdir(), "odoo-stacks-test-mail-"));
let container: string;
let page: string;
let smtpPort: number;

/** Delivers a mail as a mail server does, and returns the last answer. */
async function deliver(subject: string): Promise<string> {
  const socket = createConnection(smtpPort, "127.0.0.1");
  const answers = createInterface(socket)[Symbol.asyncIterator]();
  const text = ["From: shop@example.com", "To: customer@example.org", `Subject: ${subject}`, "", "Hello", "."];
  const lines = [
    "HELO test",
    "MAIL FROM:<shop@example.com>",
    "RCPT TO:<customer@example.org>",
    "DATA",
    text.join("\r\n"),
  ];
  let last = String((await answers.next()).value);
  for (const line of lines) {
    socket.write(`${line}\r\n`);
    last = String((await answers.next()).value);
  }
  socket.destroy();
  return last;
}

async function ask(path: string, given?: string): Promise<{ status: number; text: string }> {
  const authorization = `Basic ${Buffer.from(`mail:${given ?? ""}`).toString("base64")}`;
  const headers = { accept: "text/html", ...(given === undefined ? {} : { authorization }) };
  const response = await fetch(`${page}${path}`, { headers });
  return { status: response.status, text: await response.text() };
}

beforeAll(async () => {
  const { id } = await ensureImage("mail", silent);
  await containers.createNetwork();
  const file = join(folder, "password");
  writeFileSync(file, password);
  chmodSync(file, 0o644);
  container = await containers.start({
    image: id,
    volumes: [`${file}:/run/secrets/mail_password:ro`],
    publish: [1025, 8025],
  });
  await containers.healthy(container, 60);
  page = `http://127.0.0.1:${await publishedPort(container, 8025)}`;
  smtpPort = await publishedPort(container, 1025);
});
afterAll(async () => {
  await containers.removeAll();
  rmSync(folder, { recursive: true });
});

describe("the mail image", () => {
  it("catches what is sent, and shows it to whoever knows the password", async () => {
    expect(await deliver("Your order 4711")).toMatch(/^250 /);
    // The list of mails: MailDev's and Mailpit's.
    const lists = ["/api/email", "/api/v1/messages"];
    await until("the mail to be listed", 20, async () => {
      const answers = await Promise.all(lists.map((path) => ask(path, password)));
      return answers.some(({ text }) => text.includes("Your order 4711"));
    });
    expect((await ask("/", password)).text).toMatch(/<html/i);
    for (const path of ["/", ...lists, "/socket.io/?EIO=4&transport=polling", "/livez/../api/email"]) {
      expect((await ask(path)).status, path).toBe(401);
      expect((await ask(path, "another")).status, path).toBe(401);
    }
  });

  it("tells everyone that it is well, and nothing else: the proxy asks that", async () => {
    const { status, text } = await ask("/livez");
    expect(status).toBe(200);
    expect(text.length).toBeLessThan(10);
  });

  it("does not run as root, and shows its password to nobody who looks at containers", async () => {
    expect(await docker("exec", container, "id", "-u")).toBe("65534");
    const [seen, processes] = [await inspect(container, "{{json .}}"), await docker("top", container)];
    expect(seen + processes).not.toContain(password);
  });

  it("ends at once when it is told to", async () => {
    const start = performance.now();
    await docker("stop", container);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});
